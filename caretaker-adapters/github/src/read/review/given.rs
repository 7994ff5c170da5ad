//! Reviews with everything they say.

use caretaker_core::{
    model::{Association, Listing, Number, RemoteId, Sha, review::answer::GivenReview},
    ports::PortError,
};
use serde::Deserialize;

use crate::{
    read::pulls::review_state,
    scope::Scope,
    shape::{UserShape, When},
};

#[derive(Debug, Deserialize)]
struct ReviewShape {
    id: u64,
    user: Option<UserShape>,
    #[serde(default)]
    body: Option<String>,
    state: String,
    #[serde(default)]
    commit_id: Option<String>,
    /// Missing while a review is pending.
    #[serde(default)]
    submitted_at: Option<When>,
    #[serde(default)]
    author_association: Option<String>,
}

/// Oldest first, without those that are only being written: nobody but their author sees them.
pub(crate) async fn all(
    scope: Scope<'_>,
    number: Number,
) -> Result<Listing<GivenReview>, PortError> {
    const OP: &str = "forge.read.reviews";
    let listing: Listing<ReviewShape> = scope
        .list(OP, &format!("/pulls/{number}/reviews?per_page=100"))
        .await?;
    let given = listing.rows.into_iter();
    let mut rows: Vec<_> = given.filter_map(|shape| one(scope, shape)).collect();
    rows.sort_by_key(|review| (review.at, review.id));
    Ok(Listing {
        rows,
        complete: listing.complete,
    })
}

fn one(scope: Scope<'_>, shape: ReviewShape) -> Option<GivenReview> {
    let body = shape.body.unwrap_or_default();
    let association = shape.author_association.as_deref();
    Some(GivenReview {
        id: RemoteId::new(shape.id),
        by: scope.us.author(shape.user.as_ref(), None, Some(&body)),
        association: association.map_or(Association::None, Association::of_word),
        state: review_state(&shape.state),
        commit: shape.commit_id.as_deref().and_then(Sha::parse),
        at: shape.submitted_at?.0,
        body,
    })
}
