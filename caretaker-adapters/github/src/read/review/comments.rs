//! Comments on lines and files of a pull request.

use caretaker_core::{
    model::{
        Association, Listing, Number, RemoteId, Sha,
        review::answer::{ReviewComment, Side},
    },
    ports::PortError,
};
use serde::Deserialize;

use crate::{
    scope::Scope,
    shape::{UserShape, When},
};

#[derive(Debug, Deserialize)]
struct CommentShape {
    id: u64,
    #[serde(default)]
    pull_request_review_id: Option<u64>,
    #[serde(default)]
    in_reply_to_id: Option<u64>,
    user: Option<UserShape>,
    #[serde(default)]
    author_association: Option<String>,
    path: String,
    /// `null` where the line is no longer there.
    #[serde(default)]
    line: Option<u32>,
    #[serde(default)]
    start_line: Option<u32>,
    #[serde(default)]
    side: Option<String>,
    /// `line` or `file`; older servers know lines only.
    #[serde(default)]
    subject_type: Option<String>,
    #[serde(default)]
    original_commit_id: Option<String>,
    created_at: When,
    updated_at: When,
    body: String,
}

/// Oldest first.
pub(crate) async fn all(
    scope: Scope<'_>,
    number: Number,
) -> Result<Listing<ReviewComment>, PortError> {
    const OP: &str = "forge.read.review_comments";
    let listing: Listing<CommentShape> = scope
        .list(OP, &format!("/pulls/{number}/comments?per_page=100"))
        .await?;
    let rows = listing.rows.into_iter().map(|shape| one(scope, shape));
    let mut rows: Vec<_> = rows.collect();
    rows.sort_by_key(|comment| (comment.at, comment.id));
    Ok(Listing {
        rows,
        complete: listing.complete,
    })
}

fn one(scope: Scope<'_>, shape: CommentShape) -> ReviewComment {
    let association = shape.author_association.as_deref();
    let whole_file = shape.subject_type.as_deref() == Some("file");
    ReviewComment {
        id: RemoteId::new(shape.id),
        review: shape.pull_request_review_id.map(RemoteId::new),
        in_reply_to: shape.in_reply_to_id.map(RemoteId::new),
        by: scope
            .us
            .author(shape.user.as_ref(), None, Some(&shape.body)),
        association: association.map_or(Association::None, Association::of_word),
        path: shape.path,
        line: shape.line,
        start: shape.start_line,
        side: match shape.side.as_deref() {
            Some("LEFT") => Side::Left,
            Some(_) | None => Side::Right,
        },
        whole_file,
        outdated: !whole_file && shape.line.is_none(),
        written_on: shape.original_commit_id.as_deref().and_then(Sha::parse),
        at: shape.created_at.0,
        updated_at: shape.updated_at.0,
        body: shape.body,
    }
}
