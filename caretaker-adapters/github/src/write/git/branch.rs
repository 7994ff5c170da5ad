//! Making a branch.

use caretaker_core::{
    model::{Branch, Sha},
    ports::{Kind, PortError},
};
use reqwest::Method;
use serde_json::json;

use crate::{
    scope::Scope,
    write::{IfRefused, Plan, Step, branches},
};

/// Only where there is none of that name; GitHub takes no condition beyond that.
pub(super) async fn create(scope: Scope<'_>, branch: &Branch, at: &Sha) -> Result<Plan, PortError> {
    const OP: &str = "forge.write.branch";
    match branches::tip(scope, OP, branch).await? {
        Some(tip) if tip == *at => Ok(Plan::nothing()),
        Some(_) => Err(PortError::new(OP, Kind::Refused(422))
            .detail("there is such a branch already, and it points elsewhere")),
        None => {
            let mut plan = Plan::one(Step {
                op: OP,
                method: Method::POST,
                rest: "/git/refs".to_owned(),
                body: Some(json!({
                    "ref": format!("refs/heads/{branch}"),
                    "sha": at.as_str(),
                })),
                done: &[],
            });
            plan.refused = IfRefused::LookAgain;
            Ok(plan)
        }
    }
}
