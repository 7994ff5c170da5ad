//! Commits, and everything reported on one.

use super::{Scene, Type, nowhere, unknown};
use crate::world::graphql::{Args, Node, Out};
use crate::world::trouble::Trouble;

pub(super) const TYPE: Type = Type {
    name: "Commit",
    field,
    prefix: "",
    find: nowhere,
};

pub(super) const ROLLUP: Type = Type {
    name: "StatusCheckRollup",
    field: rollup,
    prefix: "",
    find: nowhere,
};

fn field(scene: &Scene<'_>, node: &Node, name: &str, _: &Args) -> Result<Out, Trouble> {
    let state = scene.state;
    Ok(match name {
        "id" => Out::leaf(format!("C_{}", node.text.get(..8).unwrap_or_default())),
        "oid" => Out::leaf(node.text.clone()),
        "statusCheckRollup" => {
            let runs = state.newest_runs(node.repo, &node.text);
            let statuses = state.newest_statuses(node.repo, &node.text);
            if runs.is_empty() && statuses.is_empty() {
                Out::NULL
            } else {
                Out::Node(Node::named("StatusCheckRollup", node.repo, &node.text))
            }
        }
        "checkSuites" => {
            state.may(scene.who, node.repo, "checks", false)?;
            let suites = state.repo(node.repo).suites.values();
            let suites = suites.filter(|suite| suite.sha == node.text);
            let suites = suites.map(|s| Out::Node(Node::of("CheckSuite", node.repo, s.id)));
            Out::Page(suites.collect())
        }
        _ => return Err(unknown("Commit", name)),
    })
}

fn rollup(scene: &Scene<'_>, node: &Node, name: &str, _: &Args) -> Result<Out, Trouble> {
    let state = scene.state;
    Ok(match name {
        "contexts" => {
            state.may(scene.who, node.repo, "checks", false)?;
            state.may(scene.who, node.repo, "statuses", false)?;
            let runs = state.newest_runs(node.repo, &node.text).into_iter();
            let runs = runs.map(|run| Out::Node(Node::of("CheckRun", node.repo, run.id)));
            let statuses = state.newest_statuses(node.repo, &node.text).into_iter();
            let statuses = statuses.map(|s| Out::Node(Node::of("StatusContext", node.repo, s.id)));
            Out::Page(runs.chain(statuses).collect())
        }
        _ => return Err(unknown("StatusCheckRollup", name)),
    })
}
