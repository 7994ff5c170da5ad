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
    match tip(scope, OP, branch).await? {
        Some(tip) if tip == *expect => Ok(Plan::one(Step {
            op: OP,
            method: Method::DELETE,
            rest: format!("/git/refs/heads/{}", escape(branch.as_str())),
            body: None,
            // 422 is also GitHub's answer where a rule forbids it, so it is no success.
            done: &[404],
        })),
        Some(_) => {
            Err(PortError::new(OP, Kind::Refused(409)).detail("the branch points elsewhere by now"))
        }
        None => Ok(Plan::nothing()),
    }
}

/// Where a branch points; `None` where there is none of that name.
pub(super) async fn tip(
    scope: Scope<'_>,
    op: &'static str,
    branch: &Branch,
) -> Result<Option<Sha>, PortError> {
    let name = escape(branch.as_str());
    let known: Result<RefShape, PortError> = scope.ask(op, &format!("/git/ref/heads/{name}")).await;
    match known {
        Ok(known) => Ok(Some(known.object.sha)),
        Err(error) if error.kind == Kind::NotFound => {
            scope.visible().await?;
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
