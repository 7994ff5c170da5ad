//! Drafts, and pull requests that merge by themselves: REST tells of both, GraphQL changes them.

use caretaker_core::{model::Number, ports::PortError};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::json;

use crate::{
    graphql::document::{DISABLE_AUTO_MERGE, DRAFT, READY},
    scope::Scope,
    write::{Mutation, Plan},
};

#[derive(Debug, Deserialize)]
struct PullShape {
    node_id: String,
    #[serde(default)]
    draft: bool,
    #[serde(default)]
    auto_merge: Option<IgnoredAny>,
}

async fn known(scope: Scope<'_>, number: Number) -> Result<PullShape, PortError> {
    scope
        .ask("forge.read.pull", &format!("/pulls/{number}"))
        .await
}

pub(super) async fn set(scope: Scope<'_>, number: Number, draft: bool) -> Result<Plan, PortError> {
    let pull = known(scope, number).await?;
    if pull.draft == draft {
        return Ok(Plan::nothing());
    }
    Ok(Plan::mutating(Mutation {
        op: "forge.write.draft",
        document: if draft { DRAFT } else { READY },
        variables: json!({ "id": pull.node_id }),
    }))
}

pub(super) async fn no_auto_merge(scope: Scope<'_>, number: Number) -> Result<Plan, PortError> {
    let pull = known(scope, number).await?;
    if pull.auto_merge.is_none() {
        return Ok(Plan::nothing());
    }
    Ok(Plan::mutating(Mutation {
        op: "forge.write.auto_merge",
        document: DISABLE_AUTO_MERGE,
        variables: json!({ "id": pull.node_id }),
    }))
}
