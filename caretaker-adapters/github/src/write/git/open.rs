//! Opening a pull request, found again by its marker among those of its head.

use caretaker_core::{
    model::{Author, Listing, Marker, git::action::OpenPull},
    ports::{Kind, PortError},
};
use reqwest::Method;
use serde::Deserialize;
use serde_json::json;

use crate::{
    address::escape,
    error::unintelligible,
    scope::Scope,
    shape::UserShape,
    write::{IfRefused, Plan, Step},
};

const OP: &str = "forge.write.pull";

#[derive(Debug, Deserialize)]
struct PullShape {
    user: Option<UserShape>,
    #[serde(default)]
    body: Option<String>,
}

pub(super) async fn plan(scope: Scope<'_>, pull: &OpenPull) -> Result<Plan, PortError> {
    let Some(key) = pull.key() else {
        return Err(PortError::new(OP, Kind::Invalid)
            .detail("the text does not bear its marker, so it would never be found again"));
    };
    let (owner, head) = (escape(&scope.repo.owner), escape(pull.head.as_str()));
    let path = format!("/pulls?head={owner}:{head}&state=all&per_page=100");
    let known: Listing<PullShape> = scope.list("forge.read.pulls_of_head", &path).await?;
    let is_ours = |shape: &PullShape| {
        let body = shape.body.as_deref().unwrap_or_default();
        scope.us.author(shape.user.as_ref(), None, Some(body)) == Author::Us
            && Marker::find(body) == Some(Marker::Pull)
            && Marker::key(body) == Some(key)
    };
    if known.rows.iter().any(is_ours) {
        return Ok(Plan::nothing());
    }
    if !known.complete {
        return Err(unintelligible(
            OP,
            "the branch had more pull requests than are read",
        ));
    }
    let mut plan = Plan::one(Step {
        op: OP,
        method: Method::POST,
        rest: "/pulls".to_owned(),
        body: Some(json!({
            "title": pull.title,
            "head": pull.head.as_str(),
            "base": pull.base.as_str(),
            "body": pull.body,
            "draft": pull.draft,
        })),
        done: &[],
    });
    plan.refused = IfRefused::LookAgain;
    Ok(plan)
}
