//! Folding our comments away: REST finds them, GraphQL says whether they are folded and folds them.

use caretaker_core::{
    model::{Author, Marker, Number, issue::FoldReason},
    ports::PortError,
};
use serde::Deserialize;
use serde_json::json;

use crate::{
    error::{Doing, unintelligible},
    graphql::document::{MINIMIZE, MINIMIZED},
    read::issue::comments,
    scope::Scope,
    write::{Mutation, Plan},
};

const OP: &str = "forge.write.minimize";
/// Nodes that GitHub tells of in one round.
const AT_ONCE: usize = 100;

#[derive(Debug, Deserialize)]
struct AnswerShape {
    nodes: Vec<Option<FoldedShape>>,
}

/// Empty where the node is no comment any more.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct FoldedShape {
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    is_minimized: bool,
}

/// Whose it is counts, and its marker; of half a list nobody knows whether all are folded.
pub(super) async fn plan(
    scope: Scope<'_>,
    number: Number,
    marker: Marker,
    why: FoldReason,
) -> Result<Plan, PortError> {
    let listing = comments::listed(scope, number).await?;
    if !listing.complete {
        return Err(unintelligible(OP, "there are more comments than are read"));
    }
    let ours = listing.rows.into_iter().filter(|row| {
        let body = row.body.as_deref().unwrap_or_default();
        row.author(scope.us) == Author::Us && Marker::find(body) == Some(marker)
    });
    let nameless = || unintelligible(OP, "a comment has no name in GraphQL");
    let ids = ours.map(|row| row.node_id.ok_or_else(nameless));
    let ids = ids.collect::<Result<Vec<String>, PortError>>()?;
    let mut plan = Plan::nothing();
    for ids in ids.chunks(AT_ONCE) {
        let asked = json!({ "ids": ids });
        let known: AnswerShape = scope.graphql(OP, Doing::Read, MINIMIZED, &asked).await?;
        for one in known.nodes.into_iter().flatten() {
            let Some(id) = one.id.filter(|_| !one.is_minimized) else {
                continue;
            };
            plan.mutations.push(Mutation {
                op: OP,
                document: MINIMIZE,
                variables: json!({ "id": id, "why": why.word() }),
            });
        }
    }
    Ok(plan)
}
