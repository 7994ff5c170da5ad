//! Mutations of pull requests.

use super::Mutation;
use crate::world::graphql::{Args, Node, Out, types};
use crate::world::state::State;
use crate::world::trouble::Trouble;
use crate::world::who::Who;

pub(super) const MUTATIONS: &[Mutation] = &[
    ("convertPullRequestToDraft", |state, who, input| {
        draft(state, who, input, true)
    }),
    ("disablePullRequestAutoMerge", |state, who, input| {
        let node = named(state, who, input)?;
        state.set_auto_merge(who, node.repo, (node.id, false))?;
        Ok(Out::Fields(vec![("pullRequest", Out::Node(node))]))
    }),
    ("enqueuePullRequest", |state, who, input| {
        let node = named(state, who, input)?;
        state.enqueue(who, node.repo, node.id, input.text("expectedHeadOid"))?;
        let entry = Node::of("MergeQueueEntry", node.repo, node.id);
        Ok(Out::Fields(vec![("mergeQueueEntry", Out::Node(entry))]))
    }),
    ("resolveReviewThread", |state, who, input| {
        let id = input.need("threadId");
        let node = types::by_id(state, who, id, "PullRequestReviewThread")?;
        state.resolve_thread(who, node.repo, (node.id, true))?;
        Ok(Out::Fields(vec![("thread", Out::Node(node))]))
    }),
    ("markPullRequestReadyForReview", |state, who, input| {
        draft(state, who, input, false)
    }),
];

/// The pull request that an input names.
pub(super) fn named(state: &State, who: &Who, input: &Args) -> Result<Node, Trouble> {
    types::by_id(state, who, input.need("pullRequestId"), "PullRequest")
}

fn draft(state: &mut State, who: &Who, input: &Args, draft: bool) -> Result<Out, Trouble> {
    let node = named(state, who, input)?;
    state.may(who, node.repo, "pull_requests", true)?;
    if !state.item(node.repo, node.id)?.open {
        return Err(Trouble::invalid("the pull request is closed"));
    }
    state.set_draft(who, node.repo, node.id, draft);
    Ok(Out::Fields(vec![("pullRequest", Out::Node(node))]))
}
