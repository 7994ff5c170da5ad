//! Giving a review, found again by its marker and head.

use caretaker_core::{
    model::{
        Author,
        review::{
            action::{InlineRemark, Placed, SubmitReview, is_of_head},
            anchors::Anchors,
        },
    },
    ports::{Kind, PortError},
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    error::unintelligible,
    read::{git::diff, pulls, review::given},
    scope::Scope,
    write::{IfRefused, Plan, Step},
};

const OP: &str = "forge.write.review";

/// One review of ours for each head. Remarks are held against the difference first; where GitHub
/// still refuses their places (422) all of them go into the text, and nothing is lost.
pub(super) async fn plan(scope: Scope<'_>, review: &SubmitReview) -> Result<Plan, PortError> {
    if !review.is_marked() {
        return Err(PortError::new(OP, Kind::Invalid)
            .detail("the text does not bear its marker, so it would never be found again"));
    }
    let given = given::all(scope, review.number).await?;
    let mut rows = given.rows.iter();
    if rows.any(|one| one.by == Author::Us && is_of_head(&one.body, &review.head)) {
        return Ok(Plan::nothing());
    }
    if !given.complete {
        // Ours may stand on what was not read; another one would be one too many.
        return Err(unintelligible(OP, "there are more reviews than are read"));
    }
    let pull = pulls::pull(scope, review.number).await?;
    if pull.head != review.head {
        return Err(PortError::new(OP, Kind::Refused(409)).detail("the head has moved"));
    }
    let placed = placed(scope, review).await?;
    let refused = if placed.remarks.is_empty() {
        IfRefused::Fail
    } else {
        IfRefused::Instead(step(review, &review.placed(|_| false)))
    };
    let mut plan = Plan::one(step(review, &placed));
    plan.refused = refused;
    Ok(plan)
}

/// Where the difference is too much for GitHub to show, every place is tried.
async fn placed<'a>(scope: Scope<'_>, review: &'a SubmitReview) -> Result<Placed<'a>, PortError> {
    if review.remarks.is_empty() {
        return Ok(review.placed(|_| true));
    }
    let diff = diff::of_pull(scope, review.number).await?;
    if diff.complete {
        Ok(review.placed_in(&Anchors::of_diff(&diff.text)))
    } else {
        Ok(review.placed(|_| true))
    }
}

fn step(review: &SubmitReview, placed: &Placed<'_>) -> Step {
    let remarks = placed.remarks.iter().map(|remark| comment(remark));
    Step {
        op: OP,
        method: Method::POST,
        rest: format!("/pulls/{}/reviews", review.number),
        body: Some(json!({
            "commit_id": review.head.as_str(),
            "event": review.verdict.event(),
            "body": placed.body,
            "comments": remarks.collect::<Vec<_>>(),
        })),
        done: &[],
    }
}

fn comment(remark: &InlineRemark) -> Value {
    let side = remark.side.word();
    let mut comment = json!({
        "path": remark.path,
        "line": remark.line,
        "side": side,
        "body": remark.body,
    });
    // GitHub takes a range of one line for none at all.
    if let Some(start) = remark.start.filter(|start| *start < remark.line) {
        comment["start_line"] = json!(start);
        comment["start_side"] = json!(side);
    }
    comment
}
