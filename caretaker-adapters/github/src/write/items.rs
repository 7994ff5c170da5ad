//! Opening state of items.

use caretaker_core::{
    model::Number,
    ports::{Kind, PortError},
};
use reqwest::Method;
use serde_json::json;

use super::{Plan, Step};
use crate::{read::items, scope::Scope};

/// An issue is closed as not planned; a pull request knows no reason.
pub(super) async fn close(scope: Scope<'_>, number: Number, pull: bool) -> Result<Plan, PortError> {
    const OP: &str = "forge.write.close";
    let item = items::item(scope, number).await?;
    if item.pull != pull {
        return Err(PortError::new(OP, Kind::Refused(422))
            .detail("issue and pull request were taken for each other"));
    }
    if !item.open {
        return Ok(Plan::nothing());
    }
    let (rest, body) = if pull {
        (format!("/pulls/{number}"), json!({ "state": "closed" }))
    } else {
        (
            format!("/issues/{number}"),
            json!({ "state": "closed", "state_reason": "not_planned" }),
        )
    };
    Ok(Plan::one(Step {
        op: OP,
        method: Method::PATCH,
        rest,
        body: Some(body),
        done: &[],
    }))
}
