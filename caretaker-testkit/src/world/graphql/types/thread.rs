//! Review threads and the comments in them.

use super::{Scene, Type, actor, nowhere, repo_with, unknown};
use crate::world::graphql::{Args, Node, Out};
use crate::world::state::State;
use crate::world::trouble::Trouble;

/// A thread goes by its first comment.
pub(super) const THREAD: Type = Type {
    name: "PullRequestReviewThread",
    field: thread,
    prefix: "PRRT_",
    find: |state, rest| find(state, rest, "PullRequestReviewThread"),
};

pub(super) const COMMENT: Type = Type {
    name: "PullRequestReviewComment",
    field: comment,
    prefix: "PRRC_",
    find: |state, rest| find(state, rest, "PullRequestReviewComment"),
};

/// A place in the merge queue goes by its pull request.
pub(super) const QUEUE_ENTRY: Type = Type {
    name: "MergeQueueEntry",
    field: |_, node, name, _| match name {
        "id" => Ok(Out::leaf(format!("MQE_{}_{}", node.repo, node.id))),
        _ => Err(unknown("MergeQueueEntry", name)),
    },
    prefix: "",
    find: nowhere,
};

fn thread(scene: &Scene<'_>, node: &Node, name: &str, _: &Args) -> Result<Out, Trouble> {
    let remarks = &scene.state.repo(node.repo).remarks;
    let first = remarks.get(&node.id).ok_or_else(Trouble::not_found)?;
    let now = scene.state.standing(node.repo, first);
    Ok(match name {
        "id" => Out::leaf(format!("PRRT_{}", first.id)),
        "isResolved" => Out::leaf(first.resolved_by.is_some()),
        "isOutdated" => Out::leaf(first.place.line.is_some() && now.is_none()),
        "path" => Out::leaf(first.place.path.clone()),
        "line" => Out::leaf(now.map(|(_, line)| line)),
        "startLine" => Out::leaf(now.and_then(|(start, _)| start)),
        "diffSide" => Out::leaf(if first.place.before { "LEFT" } else { "RIGHT" }),
        "subjectType" => Out::leaf(if first.place.line.is_some() {
            "LINE"
        } else {
            "FILE"
        }),
        "resolvedBy" => match &first.resolved_by {
            Some(login) if scene.state.is_person(login) => actor(scene.state, login),
            Some(_) | None => Out::NULL,
        },
        "comments" => {
            let rows = scene.state.thread_of(node.repo, first.id).into_iter();
            let rows =
                rows.map(|row| Out::Node(Node::of("PullRequestReviewComment", node.repo, row.id)));
            Out::Page(rows.collect())
        }
        _ => return Err(unknown("PullRequestReviewThread", name)),
    })
}

fn comment(scene: &Scene<'_>, node: &Node, name: &str, _: &Args) -> Result<Out, Trouble> {
    let remarks = &scene.state.repo(node.repo).remarks;
    let known = remarks.get(&node.id).ok_or_else(Trouble::not_found)?;
    Ok(match name {
        "id" => Out::leaf(format!("PRRC_{}", known.id)),
        "fullDatabaseId" => Out::big(known.id),
        "body" => Out::leaf(known.body.clone()),
        _ => return Err(unknown("PullRequestReviewComment", name)),
    })
}

fn find(state: &State, rest: &str, of: &'static str) -> Option<Node> {
    let id = rest.parse().ok()?;
    let repo = repo_with(state, |repo| repo.remarks.contains_key(&id))?;
    Some(Node::of(of, repo, id))
}
