//! Labels on items.

use caretaker_core::{
    model::{Label, Number},
    ports::PortError,
};
use reqwest::Method;
use serde_json::json;

use super::{Plan, Step};
use crate::{address::escape, read::items, scope::Scope};

pub(super) async fn add(
    scope: Scope<'_>,
    number: Number,
    label: &Label,
) -> Result<Plan, PortError> {
    let item = items::item(scope, number).await?;
    if item.has_label(label.as_str()) {
        return Ok(Plan::nothing());
    }
    Ok(Plan::one(Step {
        op: "forge.write.label",
        method: Method::POST,
        rest: format!("/issues/{number}/labels"),
        body: Some(json!({ "labels": [label.as_str()] })),
        done: &[],
    }))
}

pub(super) async fn remove(
    scope: Scope<'_>,
    number: Number,
    label: &Label,
) -> Result<Plan, PortError> {
    let item = items::item(scope, number).await?;
    if !item.has_label(label.as_str()) {
        return Ok(Plan::nothing());
    }
    Ok(Plan::one(Step {
        op: "forge.write.label",
        method: Method::DELETE,
        rest: format!("/issues/{number}/labels/{}", escape(label.as_str())),
        body: None,
        // The item was just there: it is the label that is gone.
        done: &[404],
    }))
}
