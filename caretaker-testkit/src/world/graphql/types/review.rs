//! Reviews.

use super::{Scene, Type, actor, repo_with, unknown};
use crate::world::graphql::{Args, Node, Out};
use crate::world::state::State;
use crate::world::trouble::Trouble;

pub(super) const TYPE: Type = Type {
    name: "PullRequestReview",
    field,
    prefix: "PRR_",
    find,
};

fn field(scene: &Scene<'_>, node: &Node, name: &str, _: &Args) -> Result<Out, Trouble> {
    let repo = scene.state.repo(node.repo);
    let review = repo.reviews.get(&node.id).ok_or_else(Trouble::not_found)?;
    Ok(match name {
        "id" => Out::leaf(format!("PRR_{}", review.id)),
        "fullDatabaseId" => Out::big(review.id),
        "author" => actor(scene.state, &review.author),
        "authorAssociation" => Out::leaf(repo.association(&review.author)),
        "body" => Out::leaf(review.body.clone()),
        "commit" => Out::Node(Node::named("Commit", node.repo, &review.commit)),
        "state" => Out::leaf(review.state),
        "submittedAt" => Out::leaf(review.at.to_string()),
        _ => return Err(unknown("PullRequestReview", name)),
    })
}

fn find(state: &State, rest: &str) -> Option<Node> {
    let id = rest.parse().ok()?;
    let repo = repo_with(state, |repo| repo.reviews.contains_key(&id))?;
    Some(Node::of("PullRequestReview", repo, id))
}
