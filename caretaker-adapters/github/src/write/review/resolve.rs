//! Resolving review threads.

use caretaker_core::{
    model::Number,
    ports::{Kind, PortError},
};
use serde_json::json;

use crate::{
    error::unintelligible,
    graphql::document::RESOLVE_THREAD,
    read::review::threads,
    scope::Scope,
    write::{Mutation, Plan},
};

pub(super) async fn plan(
    scope: Scope<'_>,
    number: Number,
    thread: &str,
) -> Result<Plan, PortError> {
    const OP: &str = "forge.write.thread";
    let known = threads::all(scope, number).await?;
    match known.rows.iter().find(|one| one.id == thread) {
        Some(one) if one.resolved => Ok(Plan::nothing()),
        Some(one) => Ok(Plan::mutating(Mutation {
            op: OP,
            document: RESOLVE_THREAD,
            variables: json!({ "id": one.id }),
        })),
        None if known.complete => {
            Err(PortError::new(OP, Kind::Refused(404)).detail("there is no such thread"))
        }
        None => Err(unintelligible(OP, "there are more threads than are read")),
    }
}
