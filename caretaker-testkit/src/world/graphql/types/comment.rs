//! Comments on items.

use super::{Scene, Type, repo_with, unknown};
use crate::world::graphql::{Args, Node, Out};
use crate::world::state::State;
use crate::world::trouble::Trouble;

pub(super) const TYPE: Type = Type {
    name: "IssueComment",
    field,
    prefix: "IC_",
    find,
};

fn field(scene: &Scene<'_>, node: &Node, name: &str, _: &Args) -> Result<Out, Trouble> {
    let comments = &scene.state.repo(node.repo).comments;
    let comment = comments.get(&node.id).ok_or_else(Trouble::not_found)?;
    Ok(match name {
        "id" => Out::leaf(format!("IC_{}", comment.id)),
        "body" => Out::leaf(comment.body.clone()),
        "isMinimized" => Out::leaf(comment.folded.is_some()),
        "minimizedReason" => {
            let word = comment.folded.as_ref();
            Out::leaf(word.map(|word| word.to_lowercase().replace('_', "-")))
        }
        _ => return Err(unknown("IssueComment", name)),
    })
}

fn find(state: &State, rest: &str) -> Option<Node> {
    let id = rest.parse().ok()?;
    let repo = repo_with(state, |repo| repo.comments.contains_key(&id))?;
    Some(Node::of("IssueComment", repo, id))
}
