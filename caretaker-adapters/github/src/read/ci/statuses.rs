//! Commit statuses one by one, with who set them.

use caretaker_core::{
    model::{CommitStatus, Listing, RemoteId, Sha, StatusState},
    ports::PortError,
};
use serde::Deserialize;

use crate::{
    scope::Scope,
    shape::{UserShape, When},
};

#[derive(Debug, Deserialize)]
struct StatusShape {
    id: u64,
    context: String,
    state: String,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    target_url: Option<String>,
    #[serde(default)]
    creator: Option<UserShape>,
    #[serde(default)]
    updated_at: Option<When>,
}

/// Statuses of a commit, youngest first.
pub(crate) async fn of(scope: Scope<'_>, sha: &Sha) -> Result<Listing<CommitStatus>, PortError> {
    const OP: &str = "forge.read.statuses";
    let path = format!("/commits/{sha}/statuses?per_page=100");
    let listing: Listing<StatusShape> = scope.list(OP, &path).await?;
    let by = |user: UserShape| scope.us.author(Some(&user), None, None);
    let status = |shape: StatusShape| CommitStatus {
        id: RemoteId::new(shape.id),
        context: shape.context,
        state: StatusState::of_word(&shape.state),
        description: shape.description.filter(|text| !text.is_empty()),
        target_url: shape.target_url.filter(|text| !text.is_empty()),
        by: shape.creator.map(by),
        at: shape.updated_at.map(|when| when.0),
    };
    Ok(Listing {
        rows: listing.rows.into_iter().map(status).collect(),
        complete: listing.complete,
    })
}
