//! Routes of alerts, releases and tags.

use serde_json::{Value, json};

use super::ask::{Ask, Reply};
use super::route::Route;
use crate::world::alert::Scanner;
use crate::world::state::State;
use crate::world::trouble::Trouble;

pub(super) const ROUTES: &[Route] = &[
    Route::list(
        "/repos/{owner}/{repo}/code-scanning/alerts",
        &["state", "sort", "direction"],
        code,
    )
    .needs("security_events=read"),
    Route::list(
        "/repos/{owner}/{repo}/secret-scanning/alerts",
        &["state", "sort", "direction", "hide_secret"],
        secret,
    )
    .needs("secret_scanning_alerts=read"),
    Route::list(
        "/repos/{owner}/{repo}/dependabot/alerts",
        &["state", "sort", "direction"],
        dependabot,
    )
    .needs("vulnerability_alerts=read"),
    Route::list("/repos/{owner}/{repo}/releases", &[], releases).needs("contents=read"),
    Route::list("/repos/{owner}/{repo}/tags", &[], tags).needs("contents=read"),
];

/// Only open ones are told apart here, and youngest first.
fn open(state: &State, ask: &Ask, scanner: Scanner) -> Result<Vec<Value>, Trouble> {
    if ask.asked("state") != Some("open") {
        return Err(Trouble::invalid("github-sim knows open alerts only").violation());
    }
    state.alerts_json(&ask.who, ask.repo, scanner)
}

fn code(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    open(state, ask, Scanner::Code).map(Reply::list)
}

fn secret(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    let mut rows = open(state, ask, Scanner::Secret)?;
    if ask.asked("hide_secret") == Some("true") {
        for row in &mut rows {
            row["secret"] = json!(null);
        }
    }
    Ok(Reply::list(rows))
}

fn dependabot(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    open(state, ask, Scanner::Dependabot).map(Reply::list)
}

#[expect(clippy::unnecessary_wraps, reason = "one shape for every handler")]
fn releases(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    let rows = state.releases_of(&ask.who, ask.repo).into_iter();
    let rows = rows.map(|release| state.release_json(ask.repo, release));
    Ok(Reply::list(rows.collect()))
}

#[expect(clippy::unnecessary_wraps, reason = "one shape for every handler")]
fn tags(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    Ok(Reply::list(state.tags_json(ask.repo)))
}
