//! Routes of what sorts items: labels, milestones, people; and of an issue's parts.

use serde_json::Value;

use super::ask::{Ask, Reply};
use super::route::Route;
use crate::world::state::State;
use crate::world::trouble::Trouble;

pub(super) const ROUTES: &[Route] = &[
    Route::list("/repos/{owner}/{repo}/labels", &[], labels)
        .needs("issues=read; pull_requests=read"),
    Route::list(
        "/repos/{owner}/{repo}/milestones",
        &["state", "sort", "direction"],
        milestones,
    )
    .needs("issues=read; pull_requests=read"),
    Route::new("POST", "/repos/{owner}/{repo}/milestones", new_milestone)
        .needs("issues=write; pull_requests=write"),
    Route::list(
        "/repos/{owner}/{repo}/collaborators",
        &["affiliation", "permission"],
        collaborators,
    )
    .needs("metadata=read"),
    Route::list("/repos/{owner}/{repo}/assignees", &[], assignees)
        .needs("issues=read; pull_requests=read"),
    Route::list(
        "/repos/{owner}/{repo}/issues/{number}/sub_issues",
        &[],
        parts,
    )
    .needs("issues=read"),
];

#[expect(clippy::unnecessary_wraps, reason = "one shape for every handler")]
fn labels(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    let names = state.repo(ask.repo).labels.values();
    let names: Vec<_> = names.map(|def| def.name.clone()).collect();
    Ok(Reply::list(state.labels_json(ask.repo, &names)))
}

fn milestones(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    let open = match ask.asked("state").unwrap_or("open") {
        "open" => Some(true),
        "closed" => Some(false),
        "all" => None,
        _ => return Err(Trouble::invalid("state: no such value").violation()),
    };
    let rows = state.repo(ask.repo).milestones.values();
    let rows = rows.filter(|milestone| open.is_none_or(|open| milestone.open == open));
    let rows = rows.map(|milestone| state.milestone_json(ask.repo, milestone.number));
    Ok(Reply::list(rows.collect()))
}

fn new_milestone(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    ask.only(&["title", "description", "state", "due_on"])?;
    let (title, description) = (ask.need("title")?, ask.field("description")?);
    let number = state.create_milestone(&ask.who, ask.repo, title, description)?;
    Ok(Reply::with(201, state.milestone_json(ask.repo, number)))
}

fn collaborators(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    let known = state.repo(ask.repo);
    if ask.who.by == crate::world::who::By::Token && !known.may_write(&ask.who.login) {
        return Err(Trouble::new(
            403,
            "Must have push access to view repository collaborators.",
        ));
    }
    Ok(Reply::list(state.collaborators_json(ask.repo)))
}

#[expect(clippy::unnecessary_wraps, reason = "one shape for every handler")]
fn assignees(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    let people = state.assignable(ask.repo);
    let rows = people.iter().map(|login| state.users.json(login));
    Ok(Reply::list(rows.collect()))
}

fn parts(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    let parts = state.item(ask.repo, ask.number("number")?)?.parts.clone();
    let rows = parts.iter().map(|part| state.issue_json(ask.repo, *part));
    Ok(Reply::list(rows.collect::<Vec<Value>>()))
}
