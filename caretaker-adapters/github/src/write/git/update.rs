//! Merging the base into the head of a pull request.

use caretaker_core::{
    model::{Number, Sha},
    ports::{Kind, PortError},
};
use reqwest::Method;
use serde::Deserialize;
use serde_json::json;

use crate::{
    read::{git::compare, pulls},
    scope::Scope,
    write::{Plan, Step},
};

const OP: &str = "forge.write.update_branch";

#[derive(Debug, Deserialize)]
struct CommitShape {
    parents: Vec<ParentShape>,
}

#[derive(Debug, Deserialize)]
struct ParentShape {
    sha: Sha,
}

/// GitHub answers that it has begun (202), and takes the head it may do that to.
pub(super) async fn plan(
    scope: Scope<'_>,
    number: Number,
    expect: &Sha,
) -> Result<Plan, PortError> {
    let pull = pulls::pull(scope, number).await?;
    if pull.head != *expect {
        let path = format!("/git/commits/{}", pull.head);
        let head: CommitShape = scope.ask(OP, &path).await?;
        let is_merge = head.parents.len() == 2 && head.parents[0].sha == *expect;
        return if is_merge {
            Ok(Plan::nothing())
        } else {
            Err(PortError::new(OP, Kind::Refused(422)).detail("the head has moved"))
        };
    }
    let base = compare::of(scope, pull.base.as_str(), pull.head.as_str()).await?;
    if base.behind == 0 {
        return Ok(Plan::nothing());
    }
    Ok(Plan::one(Step {
        op: OP,
        method: Method::PUT,
        rest: format!("/pulls/{number}/update-branch"),
        body: Some(json!({ "expected_head_sha": expect.as_str() })),
        done: &[],
    }))
}
