//! Routes that change issues and what sorts them.

use serde_json::{Value, json};

use super::ask::{Ask, Reply};
use super::route::Route;
use crate::world::copilot::AGENT;
use crate::world::state::State;
use crate::world::trouble::Trouble;

const WRITE: &str = "issues=write; pull_requests=write";

pub(super) const ROUTES: &[Route] = &[
    Route::new("POST", "/repos/{owner}/{repo}/issues", open).needs("issues=write"),
    Route::new("PUT", "/repos/{owner}/{repo}/issues/{number}/lock", lock).needs(WRITE),
    Route::new(
        "DELETE",
        "/repos/{owner}/{repo}/issues/{number}/lock",
        unlock,
    )
    .needs(WRITE),
    Route::new(
        "POST",
        "/repos/{owner}/{repo}/issues/{number}/sub_issues",
        add_part,
    )
    .needs("issues=write"),
    Route::new(
        "POST",
        "/repos/{owner}/{repo}/issues/{number}/assignees",
        assign,
    )
    .needs(WRITE),
    Route::new(
        "DELETE",
        "/repos/{owner}/{repo}/issues/{number}/assignees",
        unassign,
    )
    .needs(WRITE),
    Route::new("GET", "/repos/{owner}/{repo}/assignees/{login}", assignable)
        .needs("issues=read; pull_requests=read"),
    Route::list(
        "/repos/{owner}/{repo}/issues/{number}/reactions",
        &["content"],
        reactions,
    )
    .needs("issues=read; pull_requests=read"),
    Route::new(
        "POST",
        "/repos/{owner}/{repo}/issues/{number}/reactions",
        react,
    )
    .needs(WRITE),
    Route::new("POST", "/repos/{owner}/{repo}/labels", new_label).needs(WRITE),
    Route::new("GET", "/repos/{owner}/{repo}/labels/{name}", label)
        .needs("issues=read; pull_requests=read"),
    Route::new("PATCH", "/repos/{owner}/{repo}/labels/{name}", edit_label).needs(WRITE),
    Route::new(
        "DELETE",
        "/repos/{owner}/{repo}/labels/{name}",
        delete_label,
    )
    .needs(WRITE),
];

/// A list of texts in the body; empty where it is not there.
fn names(ask: &Ask, field: &str) -> Result<Vec<String>, Trouble> {
    let wrong = || Trouble::invalid(format!("{field} is no list of names")).violation();
    match &ask.body[field] {
        Value::Null => Ok(Vec::new()),
        Value::Array(rows) => rows
            .iter()
            .map(|row| row.as_str().map(str::to_owned).ok_or_else(wrong))
            .collect(),
        _ => Err(wrong()),
    }
}

fn open(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    ask.only(&["title", "body", "labels"])?;
    let (title, body) = (ask.need("title")?, ask.field("body")?.unwrap_or_default());
    let labels = names(ask, "labels")?;
    let number = state.new_issue(&ask.who, ask.repo, (title, body), &labels)?;
    Ok(Reply::with(201, state.issue_json(ask.repo, number)))
}

fn lock(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    let reason = if ask.body.is_null() {
        None
    } else {
        ask.only(&["lock_reason"])?;
        ask.field("lock_reason")?
    };
    state.lock(&ask.who, ask.repo, ask.number("number")?, reason)?;
    Ok(Reply::with(204, Value::Null))
}

fn unlock(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    state.unlock(&ask.who, ask.repo, ask.number("number")?)?;
    Ok(Reply::with(204, Value::Null))
}

fn add_part(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    ask.only(&["sub_issue_id", "replace_parent"])?;
    let number = ask.number("number")?;
    let wanted = ask.body["sub_issue_id"].as_u64();
    let mut items = state.repo(ask.repo).items.values();
    let part = items.find(|item| Some(item.id) == wanted);
    let part = part.ok_or_else(Trouble::not_found)?.number;
    state.add_part(&ask.who, ask.repo, number, part)?;
    Ok(Reply::with(201, state.issue_json(ask.repo, number)))
}

/// Whom nothing can be assigned to, GitHub drops without a word.
fn assign(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    ask.only(&["assignees"])?;
    let number = ask.number("number")?;
    let people = state.assignable(ask.repo);
    for login in names(ask, "assignees")? {
        if login == AGENT {
            state.assign_copilot(&ask.who, ask.repo, number)?;
            continue;
        }
        let known = people.iter().any(|who| who.eq_ignore_ascii_case(&login));
        let there = state.item(ask.repo, number)?.assignees.contains(&login);
        if known && !there {
            state.assign(&ask.who, ask.repo, number, &login, true)?;
        }
    }
    Ok(Reply::with(201, state.issue_json(ask.repo, number)))
}

fn unassign(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    ask.only(&["assignees"])?;
    let number = ask.number("number")?;
    for login in names(ask, "assignees")? {
        state.assign(&ask.who, ask.repo, number, &login, false)?;
    }
    Ok(Reply::ok(state.issue_json(ask.repo, number)))
}

fn assignable(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    let login = ask.text("login");
    let people = state.assignable(ask.repo);
    if people.iter().any(|who| who.eq_ignore_ascii_case(login)) {
        return Ok(Reply::with(204, Value::Null));
    }
    Err(Trouble::not_found())
}

fn reactions(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    let rows = state
        .item(ask.repo, ask.number("number")?)?
        .reactions
        .iter();
    let wanted = ask.asked("content");
    let rows = rows.filter(|row| wanted.is_none_or(|word| row.word == word));
    Ok(Reply::list(
        rows.map(|row| state.reaction_json(row)).collect(),
    ))
}

fn react(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    ask.only(&["content"])?;
    let (number, word) = (ask.number("number")?, ask.need("content")?);
    let new = state.react_to_item(&ask.who, ask.repo, number, word)?;
    let rows = state.item(ask.repo, number)?.reactions.iter();
    let mut ours = rows.filter(|row| row.login.eq_ignore_ascii_case(&ask.who.login));
    let made = ours.find(|row| row.word == word);
    let body = made.map_or(Value::Null, |row| state.reaction_json(row));
    Ok(Reply::with(if new { 201 } else { 200 }, body))
}

fn shown(state: &State, ask: &Ask, name: &str) -> Result<Value, Trouble> {
    let known = state.repo(ask.repo).labels.get(&name.to_lowercase());
    let name = known.ok_or_else(Trouble::not_found)?.name.clone();
    Ok(json!(state.labels_json(ask.repo, &[name]).remove(0)))
}

fn label(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    shown(state, ask, ask.text("name")).map(Reply::ok)
}

fn new_label(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    ask.only(&["name", "color", "description"])?;
    let (name, color) = (ask.need("name")?, ask.field("color")?.unwrap_or("ededed"));
    let look = (color, ask.field("description")?);
    state.create_label(&ask.who, ask.repo, name, look)?;
    shown(state, ask, name).map(|label| Reply::with(201, label))
}

fn edit_label(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    ask.only(&["color", "description"])?;
    let look = (ask.field("color")?, ask.field("description")?);
    state.edit_label(&ask.who, ask.repo, ask.text("name"), look)?;
    shown(state, ask, ask.text("name")).map(Reply::ok)
}

fn delete_label(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    state.delete_label(&ask.who, ask.repo, ask.text("name"))?;
    Ok(Reply::with(204, Value::Null))
}
