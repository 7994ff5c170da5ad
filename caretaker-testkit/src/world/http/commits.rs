//! Routes of commits and their statuses.

use serde_json::{Value, json};

use super::ask::{Ask, Reply};
use super::route::Route;
use crate::world::state::State;
use crate::world::status::Set;
use crate::world::trouble::Trouble;

pub(super) const ROUTES: &[Route] = &[
    Route::list("/repos/{owner}/{repo}/commits", &["path", "sha"], list).needs("contents=read"),
    Route::list(
        "/repos/{owner}/{repo}/commits/{ref..}/status",
        &[],
        combined,
    )
    .needs("statuses=read"),
    Route::list(
        "/repos/{owner}/{repo}/commits/{ref..}/statuses",
        &[],
        statuses,
    )
    .needs("statuses=read"),
    Route::new("GET", "/repos/{owner}/{repo}/commits/{ref..}", commit).needs("contents=read"),
    Route::new("POST", "/repos/{owner}/{repo}/statuses/{sha}", set_status).needs("statuses=write"),
];

fn list(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    state.may(&ask.who, ask.repo, "contents", false)?;
    let tip = ask
        .asked("sha")
        .unwrap_or(&state.repo(ask.repo).default_branch);
    let tip = state.resolve(ask.repo, tip)?;
    let rows = match ask.asked("path") {
        Some(path) => state.commits.last_change(&tip, path),
        None => state.commits.history(&tip).collect(),
    };
    let rows = rows
        .into_iter()
        .map(|commit| state.commit_json(ask.repo, commit));
    Ok(Reply::list(rows.collect()))
}

fn commit(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    state.may(&ask.who, ask.repo, "contents", false)?;
    let sha = state.resolve(ask.repo, ask.text("ref"))?;
    let commit = state.commits.find(&sha).ok_or_else(Trouble::not_found)?;
    Ok(Reply::ok(state.commit_json(ask.repo, commit)))
}

fn combined(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    state.may(&ask.who, ask.repo, "statuses", false)?;
    let sha = state.resolve(ask.repo, ask.text("ref"))?;
    let rows = state.newest_statuses(ask.repo, &sha);
    let any = |words: &[&str]| rows.iter().any(|row| words.contains(&row.state.as_str()));
    let word = match (
        any(&["failure", "error"]),
        any(&["pending"]),
        rows.is_empty(),
    ) {
        (true, _, _) => "failure",
        (false, true, _) | (false, false, true) => "pending",
        (false, false, false) => "success",
    };
    let body = json!({
        "state": word,
        "sha": sha,
        "total_count": rows.len(),
        "repository": state.repo_json(ask.repo),
        "commit_url": format!("{}/commits/{sha}", state.repo_url(ask.repo)),
        "url": format!("{}/commits/{sha}/status", state.repo_url(ask.repo)),
    });
    let row = |mut row: Value| {
        // The combined form does not say who set a status.
        if let Some(fields) = row.as_object_mut() {
            fields.remove("creator");
        }
        row
    };
    let rows = rows
        .into_iter()
        .map(|status| row(state.status_json(ask.repo, status)));
    Ok(Reply::listed("statuses", rows.collect(), body))
}

fn statuses(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    state.may(&ask.who, ask.repo, "statuses", false)?;
    let sha = state.resolve(ask.repo, ask.text("ref"))?;
    let all = state.repo(ask.repo).statuses.iter().rev();
    let rows = all.filter(|status| status.sha == sha);
    let rows = rows.map(|status| state.status_json(ask.repo, status));
    Ok(Reply::list(rows.collect()))
}

fn set_status(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    ask.only(&["state", "context", "description", "target_url"])?;
    let context = ask.field("context")?.unwrap_or("default");
    let (word, text) = (ask.need("state")?, ask.field("description")?);
    let sha = ask.text("sha");
    let set = Set {
        context,
        state: word,
        description: text,
        target_url: ask.field("target_url")?,
    };
    let id = state.set_status(&ask.who, ask.repo, sha, &set)?;
    let made = state.repo(ask.repo).statuses.iter().find(|s| s.id == id);
    let body = made.map_or(Value::Null, |status| state.status_json(ask.repo, status));
    Ok(Reply::with(201, body))
}
