//! Withdrawing a review.

use caretaker_core::{
    model::{Number, RemoteId, ReviewState},
    ports::{Kind, PortError},
};
use reqwest::Method;
use serde::Deserialize;
use serde_json::json;

use crate::{
    read::pulls::review_state,
    scope::Scope,
    write::{Plan, Step},
};

#[derive(Debug, Deserialize)]
struct ReviewShape {
    state: String,
}

/// Only a verdict can be withdrawn; one that is withdrawn already is as wanted.
pub(super) async fn plan(
    scope: Scope<'_>,
    number: Number,
    review: RemoteId,
    why: &str,
) -> Result<Plan, PortError> {
    const OP: &str = "forge.write.dismissal";
    let path = format!("/pulls/{number}/reviews/{review}");
    let shape: ReviewShape = scope.ask("forge.read.review", &path).await?;
    match review_state(&shape.state) {
        ReviewState::Dismissed => Ok(Plan::nothing()),
        ReviewState::Commented | ReviewState::Pending => {
            Err(PortError::new(OP, Kind::Refused(422))
                .detail("the review gives no verdict that could be withdrawn"))
        }
        ReviewState::Approved | ReviewState::ChangesRequested => Ok(Plan::one(Step {
            op: OP,
            method: Method::PUT,
            rest: format!("{path}/dismissals"),
            body: Some(json!({ "message": why, "event": "DISMISS" })),
            done: &[],
        })),
    }
}
