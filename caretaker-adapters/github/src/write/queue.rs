//! Merging through the merge queue: what is permitted is put in at its head, and the queue merges
//! it when its turn has come.

use caretaker_core::{
    model::{Number, Sha},
    ports::{Kind, PortError},
};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::json;

use crate::{
    error::Doing,
    graphql::document::{ENQUEUE, QUEUED},
    scope::Scope,
};

#[derive(Debug, Deserialize)]
struct AnswerShape {
    repository: Option<RepositoryShape>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RepositoryShape {
    pull_request: Option<QueuedShape>,
}

/// A pull request, as far as the queue is concerned.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct QueuedShape {
    id: String,
    head_ref_oid: Sha,
    is_in_merge_queue: bool,
}

async fn known(
    scope: Scope<'_>,
    op: &'static str,
    number: Number,
) -> Result<QueuedShape, PortError> {
    let variables = scope.named(json!({ "number": number.value() }));
    let answer: AnswerShape = scope.graphql(op, Doing::Read, QUEUED, &variables).await?;
    let pull = answer.repository.and_then(|known| known.pull_request);
    pull.ok_or_else(|| PortError::new(op, Kind::NotFound))
}

/// Whether it waits in the queue at that head.
pub(super) async fn holds(
    scope: Scope<'_>,
    op: &'static str,
    number: Number,
    head: &Sha,
) -> Result<bool, PortError> {
    let pull = known(scope, op, number).await?;
    Ok(pull.is_in_merge_queue && pull.head_ref_oid == *head)
}

/// Puts it in; GitHub is told the head and refuses any other. Whether anything was changed.
pub(super) async fn put(
    scope: Scope<'_>,
    op: &'static str,
    number: Number,
    head: &Sha,
) -> Result<bool, PortError> {
    let pull = known(scope, op, number).await?;
    if pull.is_in_merge_queue && pull.head_ref_oid == *head {
        return Ok(false);
    }
    let variables = json!({ "id": pull.id, "head": head.as_str() });
    let _entry: IgnoredAny = scope.graphql(op, Doing::Write, ENQUEUE, &variables).await?;
    Ok(true)
}
