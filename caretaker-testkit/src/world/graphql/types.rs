//! The types: what their fields are, and how node ids name them.

mod actor;
mod app;
mod check;
mod comment;
mod commit;
mod pull;
mod query;
mod repository;
mod review;
mod status;
mod thread;

use super::run::Context;
use super::{Args, Node, Out, unresolved};
use crate::world::state::State;
use crate::world::trouble::Trouble;
use crate::world::who::Who;

pub(super) use actor::actor;

/// Where a field is asked.
pub(super) struct Scene<'a> {
    pub(super) state: &'a State,
    pub(super) who: &'a Who,
    pub(super) cost: u32,
}

/// A type of things.
pub(super) struct Type {
    /// Its name in the schema.
    pub(super) name: &'static str,
    /// What a field of one is.
    pub(super) field: fn(&Scene<'_>, &Node, &str, &Args) -> Result<Out, Trouble>,
    /// What its node ids begin with, as REST answers spell them in `node_id`; empty where it has
    /// none. The rest is found by `find`.
    pub(super) prefix: &'static str,
    /// The thing behind the rest of a node id.
    pub(super) find: fn(&State, &str) -> Option<Node>,
}

/// Each type that things have; one line for each.
const TYPES: &[Type] = &[
    actor::BOT,
    actor::ORGANIZATION,
    actor::USER,
    app::TYPE,
    check::RUN,
    check::SUITE,
    comment::TYPE,
    commit::ROLLUP,
    commit::TYPE,
    pull::TYPE,
    query::TYPE,
    repository::TYPE,
    review::TYPE,
    status::TYPE,
    thread::COMMENT,
    thread::QUEUE_ENTRY,
    thread::THREAD,
];

pub(super) fn field(
    context: &Context<'_>,
    node: &Node,
    name: &str,
    args: &Args,
) -> Result<Out, Trouble> {
    let Some(known) = TYPES.iter().find(|known| known.name == node.of) else {
        return Err(unknown(node.of, name));
    };
    let state = context.state.borrow();
    let scene = Scene {
        state: &state,
        who: &context.who,
        cost: context.cost,
    };
    (known.field)(&scene, node, name, args)
}

/// The thing that a node id names, of the type that is wanted, where it may be seen.
pub(super) fn by_id(state: &State, who: &Who, id: &str, wanted: &str) -> Result<Node, Trouble> {
    let missing = || unresolved(&format!("a node with the global id of '{id}'"));
    let node = TYPES
        .iter()
        .filter(|known| !known.prefix.is_empty())
        .filter(|known| wanted == "Node" || known.name == wanted)
        .find_map(|known| (known.find)(state, id.strip_prefix(known.prefix)?))
        .ok_or_else(missing)?;
    if node.repo != 0 && !state.may_see(who, node.repo) {
        return Err(missing());
    }
    Ok(node)
}

/// A field that the schema declares and this world does not tell.
pub(super) fn unknown(of: &str, name: &str) -> Trouble {
    Trouble::new(422, format!("Field '{name}' of '{of}' is not simulated")).violation()
}

/// For types without node ids.
fn nowhere(_: &State, _: &str) -> Option<Node> {
    None
}

/// The repository in which something with a number is.
fn repo_with(state: &State, has: impl Fn(&crate::world::repo::Repo) -> bool) -> Option<u64> {
    let mut repos = state.repos.values();
    repos.find(|repo| has(repo)).map(|repo| repo.id)
}

#[cfg(test)]
mod tests {
    use super::super::schema::schema;
    use super::*;

    #[test]
    fn every_type_stands_in_the_schema() {
        for known in TYPES {
            assert!(schema().get_object(known.name).is_some(), "{}", known.name);
        }
    }
}
