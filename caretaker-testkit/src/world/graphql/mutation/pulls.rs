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
