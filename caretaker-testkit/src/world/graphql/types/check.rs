//! Check runs and suites.

use super::{Scene, Type, repo_with, unknown};
use crate::world::graphql::{Args, Node, Out};
use crate::world::state::State;
use crate::world::trouble::Trouble;

pub(super) const RUN: Type = Type {
    name: "CheckRun",
    field: run,
    prefix: "CR_",
    find: find_run,
};

pub(super) const SUITE: Type = Type {
    name: "CheckSuite",
    field: suite,
    prefix: "CS_",
    find: find_suite,
};

fn run(scene: &Scene<'_>, node: &Node, name: &str, _: &Args) -> Result<Out, Trouble> {
    let run = scene.state.repo(node.repo).runs.get(&node.id);
    let run = run.ok_or_else(Trouble::not_found)?;
    let upper = |word: &str| Out::leaf(word.to_uppercase());
    Ok(match name {
        "id" => Out::leaf(format!("CR_{}", run.id)),
        "databaseId" => Out::leaf(run.id),
        "name" => Out::leaf(run.name.clone()),
        "status" => upper(&run.status),
        "conclusion" => run.conclusion.as_deref().map_or(Out::NULL, upper),
        "title" => Out::leaf(run.title.clone()),
        "summary" => Out::leaf(run.summary.clone()),
        "startedAt" => Out::leaf(run.started.to_string()),
        "completedAt" => Out::leaf(run.completed.map(|at| at.to_string())),
        "checkSuite" => Out::Node(Node::of("CheckSuite", node.repo, run.suite)),
        _ => return Err(unknown("CheckRun", name)),
    })
}

fn suite(scene: &Scene<'_>, node: &Node, name: &str, _: &Args) -> Result<Out, Trouble> {
    let suite = scene.state.repo(node.repo).suites.get(&node.id);
    let suite = suite.ok_or_else(Trouble::not_found)?;
    Ok(match name {
        "id" => Out::leaf(format!("CS_{}", suite.id)),
        "databaseId" => Out::leaf(suite.id),
        "createdAt" => Out::leaf(suite.created.to_string()),
        "app" => Out::Node(Node::of("App", 0, suite.app)),
        _ => return Err(unknown("CheckSuite", name)),
    })
}

fn find_run(state: &State, rest: &str) -> Option<Node> {
    let id = rest.parse().ok()?;
    let repo = repo_with(state, |repo| repo.runs.contains_key(&id))?;
    Some(Node::of("CheckRun", repo, id))
}

fn find_suite(state: &State, rest: &str) -> Option<Node> {
    let id = rest.parse().ok()?;
    let repo = repo_with(state, |repo| repo.suites.contains_key(&id))?;
    Some(Node::of("CheckSuite", repo, id))
}
