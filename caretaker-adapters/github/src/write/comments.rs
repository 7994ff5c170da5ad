//! Our comments, found again by whose they are and by their marker.

use caretaker_core::{
    model::{Author, Marker, Number, RemoteId},
    ports::{Kind, PortError},
};
use reqwest::Method;
use serde_json::json;

use super::{Plan, Step};
use crate::{
    error::unintelligible,
    read::issue::comments::{self, CommentShape},
    scope::Scope,
};

const OP: &str = "forge.write.comment";

/// Which of our comments: its marker, and the comment it is about.
type Which = (Marker, Option<RemoteId>);

/// One comment of ours with this marker and this text. The oldest stays, the others go; markers
/// of earlier versions count as this one.
pub(super) async fn upsert(
    scope: Scope<'_>,
    number: Number,
    which: Which,
    body: &str,
) -> Result<Plan, PortError> {
    if mark(body) != Some(which) {
        return Err(PortError::new(OP, Kind::Invalid)
            .detail("the text does not bear its marker, so it would never be found again"));
    }
    let listing = comments::listed(scope, number).await?;
    if !listing.complete {
        // Ours may stand on what was not read; another one would be one too many.
        return Err(unintelligible(
            OP,
            "the item has more comments than are read",
        ));
    }
    let mut ours: Vec<CommentShape> = listing
        .rows
        .into_iter()
        .filter(|comment| is_ours(scope, comment, which))
        .collect();
    ours.sort_by_key(|comment| (comment.created_at, comment.id));
    let mut ours = ours.into_iter();
    let Some(oldest) = ours.next() else {
        return Ok(Plan::one(Step {
            op: OP,
            method: Method::POST,
            rest: format!("/issues/{number}/comments"),
            body: Some(json!({ "body": body })),
            done: &[],
        }));
    };
    let mut plan = Plan::nothing();
    if normal(oldest.body.as_deref().unwrap_or_default()) != normal(body) {
        plan.steps.push(Step {
            op: OP,
            method: Method::PATCH,
            rest: format!("/issues/comments/{}", oldest.id),
            body: Some(json!({ "body": body })),
            done: &[],
        });
    }
    plan.steps.extend(ours.map(|surplus| Step {
        op: OP,
        method: Method::DELETE,
        rest: format!("/issues/comments/{}", surplus.id),
        body: None,
        done: &[404, 410],
    }));
    Ok(plan)
}

fn is_ours(scope: Scope<'_>, comment: &CommentShape, which: Which) -> bool {
    let body = comment.body.as_deref();
    comment.author(scope.us) == Author::Us && body.and_then(mark) == Some(which)
}

/// Which of ours a text claims to be.
fn mark(body: &str) -> Option<Which> {
    Some((Marker::find(body)?, Marker::to(body)))
}

/// GitHub trims comments and may change line ends.
pub(super) fn normal(body: &str) -> String {
    body.replace("\r\n", "\n").trim().to_owned()
}
