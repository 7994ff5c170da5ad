//! Repositories.

use super::{Scene, Type, actor, unknown};
use crate::world::graphql::{Args, Node, Out, unresolved};
use crate::world::state::State;
use crate::world::trouble::Trouble;

pub(super) const TYPE: Type = Type {
    name: "Repository",
    field,
    prefix: "R_",
    find,
};

fn field(scene: &Scene<'_>, node: &Node, name: &str, args: &Args) -> Result<Out, Trouble> {
    let repo = scene.state.repo(node.repo);
    Ok(match name {
        "id" => Out::leaf(format!("R_{}", repo.id)),
        "databaseId" => Out::leaf(repo.id),
        "name" => Out::leaf(repo.name.clone()),
        "nameWithOwner" => Out::leaf(repo.full_name()),
        "owner" => actor(scene.state, &repo.owner),
        "pullRequest" => {
            let number = args.number("number").unwrap_or_default();
            scene
                .state
                .may(scene.who, repo.id, "pull_requests", false)?;
            if scene.state.pull(repo.id, number).is_err() {
                let what = format!("a PullRequest with the number of {number}");
                return Err(unresolved(&what));
            }
            Out::Node(Node::of("PullRequest", repo.id, number))
        }
        "object" => {
            scene.state.may(scene.who, repo.id, "contents", false)?;
            let wanted = args.text("oid").or_else(|| args.text("expression"));
            let wanted = wanted.unwrap_or("HEAD");
            let wanted = if wanted == "HEAD" {
                &repo.default_branch
            } else {
                wanted
            };
            match scene.state.resolve(repo.id, wanted) {
                Ok(sha) => Out::Node(Node::named("Commit", repo.id, &sha)),
                // GitHub answers `null` for what is not there, and no error.
                Err(_) => Out::NULL,
            }
        }
        _ => return Err(unknown("Repository", name)),
    })
}

fn find(state: &State, rest: &str) -> Option<Node> {
    let id = rest.parse().ok()?;
    state
        .repos
        .contains_key(&id)
        .then(|| Node::of("Repository", id, id))
}
