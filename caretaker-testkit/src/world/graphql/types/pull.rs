//! Pull requests.

use super::{Scene, Type, actor, unknown};
use crate::world::graphql::{Args, Node, Out};
use crate::world::state::State;
use crate::world::trouble::Trouble;

pub(super) const TYPE: Type = Type {
    name: "PullRequest",
    field,
    prefix: "PR_",
    find,
};

fn field(scene: &Scene<'_>, node: &Node, name: &str, _: &Args) -> Result<Out, Trouble> {
    let item = scene.state.item(node.repo, node.id)?;
    let pull = scene.state.pull(node.repo, node.id)?;
    Ok(match name {
        "id" => Out::leaf(format!("PR_{}", item.id)),
        "fullDatabaseId" => Out::big(item.id),
        "number" => Out::leaf(item.number),
        "title" => Out::leaf(item.title.clone()),
        "body" => Out::leaf(item.body.clone()),
        "author" => actor(scene.state, &item.author),
        "updatedAt" => Out::leaf(item.updated.to_string()),
        "isDraft" => Out::leaf(pull.draft),
        "headRefName" => Out::leaf(pull.head_branch.clone()),
        "headRefOid" => Out::leaf(pull.head_sha.clone()),
        "baseRefName" => Out::leaf(pull.base_branch.clone()),
        "mergeable" => Out::leaf(match pull.mergeable {
            Some(true) => "MERGEABLE",
            Some(false) => "CONFLICTING",
            None => "UNKNOWN",
        }),
        "mergeStateStatus" => {
            let word = scene.state.merge_state(node.repo, pull, node.id);
            Out::leaf(word.to_uppercase())
        }
        "state" => Out::leaf(match (pull.merged_at, item.open) {
            (Some(_), _) => "MERGED",
            (None, true) => "OPEN",
            (None, false) => "CLOSED",
        }),
        "commits" => {
            let commits = scene.state.commits_of(node.repo, pull).into_iter();
            let row = |sha: &str| {
                let commit = Node::named("Commit", node.repo, sha);
                Out::Fields(vec![("commit", Out::Node(commit))])
            };
            Out::Page(commits.map(|commit| row(&commit.sha)).collect())
        }
        "isMergeQueueEnabled" => {
            let base = scene.state.repo(node.repo).branches.get(&pull.base_branch);
            Out::leaf(base.is_some_and(|base| base.demands().any(|demand| demand.queue)))
        }
        "isInMergeQueue" => Out::leaf(pull.queued),
        "reviewThreads" => {
            let threads = scene.state.threads_of(node.repo, node.id).into_iter();
            let threads = threads
                .map(|first| Out::Node(Node::of("PullRequestReviewThread", node.repo, first.id)));
            Out::Page(threads.collect())
        }
        "reviews" => {
            let reviews = scene.state.reviews_of(node.repo, node.id).into_iter();
            let reviews = reviews
                .map(|review| Out::Node(Node::of("PullRequestReview", node.repo, review.id)));
            Out::Page(reviews.collect())
        }
        _ => return Err(unknown("PullRequest", name)),
    })
}

/// By the number that all items of all repositories share, not by its number in the repository.
fn find(state: &State, rest: &str) -> Option<Node> {
    let id: u64 = rest.parse().ok()?;
    state.repos.values().find_map(|repo| {
        let mut items = repo.items.values();
        let item = items.find(|item| item.id == id && item.pull.is_some())?;
        Some(Node::of("PullRequest", repo.id, item.number))
    })
}
