//! Mutations of talk.

use super::Mutation;
use crate::world::graphql::{Out, types};

pub(super) const MUTATIONS: &[Mutation] = &[("minimizeComment", |state, who, input| {
    let node = types::by_id(state, who, input.need("subjectId"), "IssueComment")?;
    state.fold_comment(who, node.repo, node.id, input.need("classifier"))?;
    Ok(Out::Fields(vec![("minimizedComment", Out::Node(node))]))
})];
