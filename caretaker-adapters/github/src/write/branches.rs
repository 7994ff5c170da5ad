//! Branches.

use caretaker_core::{
    model::{Branch, Sha},
    ports::{Kind, PortError},
};
use reqwest::Method;
use serde::Deserialize;

use super::{Plan, Step};
use crate::{address::escape, scope::Scope};

#[derive(Debug, Deserialize)]
struct RefShape {
    object: ObjectShape,
}

#[derive(Debug, Deserialize)]
struct ObjectShape {
    sha: Sha,
}

/// Deletes it where it points where we saw it. GitHub takes no condition with the deletion: a
/// push between the look and the deletion is lost, and only the moment between the two remains.
pub(super) async fn delete(
    scope: Scope<'_>,
    branch: &Branch,
    expect: &Sha,
) -> Result<Plan, PortError> {
    const OP: &str = "forge.write.branch";
    let name = escape(branch.as_str());
    let tip: Result<RefShape, PortError> = scope.ask(OP, &format!("/git/ref/heads/{name}")).await;
    match tip {
        Ok(tip) if tip.object.sha == *expect => Ok(Plan::one(Step {
            op: OP,
            method: Method::DELETE,
            rest: format!("/git/refs/heads/{name}"),
            body: None,
            // 422 is also GitHub's answer where a rule forbids it, so it is no success.
            done: &[404],
        })),
        Ok(_) => {
            Err(PortError::new(OP, Kind::Refused(409)).detail("the branch points elsewhere by now"))
        }
        Err(error) if error.kind == Kind::NotFound => {
            scope.visible().await?;
            Ok(Plan::nothing())
        }
        Err(error) => Err(error),
    }
}
