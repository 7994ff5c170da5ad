//! What a pull request says, and what it goes into.

use caretaker_core::{
    model::{Branch, Number},
    ports::PortError,
};
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Map, json};

use crate::{
    scope::Scope,
    write::{Plan, Step, comments::normal},
};

/// How it shall be; `None` leaves a part as it is.
pub(super) struct Wanted<'a> {
    pub(super) title: Option<&'a str>,
    pub(super) body: Option<&'a str>,
    pub(super) base: Option<&'a Branch>,
}

#[derive(Debug, Deserialize)]
struct PullShape {
    title: String,
    #[serde(default)]
    body: Option<String>,
    base: BaseShape,
}

#[derive(Debug, Deserialize)]
struct BaseShape {
    #[serde(rename = "ref")]
    branch: String,
}

/// Only what differs is sent.
pub(super) async fn plan(
    scope: Scope<'_>,
    number: Number,
    wanted: &Wanted<'_>,
) -> Result<Plan, PortError> {
    let path = format!("/pulls/{number}");
    let known: PullShape = scope.ask("forge.read.pull", &path).await?;
    let mut changes = Map::new();
    if let Some(title) = wanted.title.filter(|title| title.trim() != known.title) {
        changes.insert("title".to_owned(), json!(title));
    }
    let body = known.body.as_deref().unwrap_or_default();
    if let Some(text) = wanted.body.filter(|text| normal(text) != normal(body)) {
        changes.insert("body".to_owned(), json!(text));
    }
    if let Some(base) = wanted
        .base
        .filter(|base| base.as_str() != known.base.branch)
    {
        changes.insert("base".to_owned(), json!(base.as_str()));
    }
    if changes.is_empty() {
        return Ok(Plan::nothing());
    }
    Ok(Plan::one(Step {
        op: "forge.write.pull",
        method: Method::PATCH,
        rest: path,
        body: Some(changes.into()),
        done: &[],
    }))
}
