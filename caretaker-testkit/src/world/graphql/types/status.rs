//! Commit statuses. They have no number here, unlike in REST.

use super::{Scene, Type, actor, repo_with, unknown};
use crate::world::graphql::{Args, Node, Out};
use crate::world::state::State;
use crate::world::trouble::Trouble;

pub(super) const TYPE: Type = Type {
    name: "StatusContext",
    field,
    prefix: "SC_",
    find,
};

fn field(scene: &Scene<'_>, node: &Node, name: &str, _: &Args) -> Result<Out, Trouble> {
    let mut statuses = scene.state.repo(node.repo).statuses.iter();
    let status = statuses.find(|status| status.id == node.id);
    let status = status.ok_or_else(Trouble::not_found)?;
    Ok(match name {
        "id" => Out::leaf(format!("SC_{}", status.id)),
        "context" => Out::leaf(status.context.clone()),
        "state" => Out::leaf(status.state.to_uppercase()),
        "description" => Out::leaf(status.description.clone()),
        "creator" => actor(scene.state, &status.creator),
        "createdAt" => Out::leaf(status.at.to_string()),
        _ => return Err(unknown("StatusContext", name)),
    })
}

fn find(state: &State, rest: &str) -> Option<Node> {
    let id = rest.parse().ok()?;
    let holds = |status: &crate::world::status::Status| status.id == id;
    let repo = repo_with(state, |repo| repo.statuses.iter().any(holds))?;
    Some(Node::of("StatusContext", repo, id))
}
