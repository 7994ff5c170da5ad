//! Routes of reviews, what is said in them, and who is asked for one.

use serde_json::{Value, json};

use super::ask::{Ask, Reply};
use super::route::Route;
use crate::world::remark::Spot;
use crate::world::reviewing::Submitted;
use crate::world::state::State;
use crate::world::trouble::Trouble;

const REQUESTED: &str = "/repos/{owner}/{repo}/pulls/{number}/requested_reviewers";

pub(super) const ROUTES: &[Route] = &[
    Route::list("/repos/{owner}/{repo}/pulls/{number}/reviews", &[], reviews)
        .needs("pull_requests=read"),
    Route::list(
        "/repos/{owner}/{repo}/pulls/{number}/comments",
        &["sort", "direction", "since"],
        comments,
    )
    .needs("pull_requests=read"),
    Route::new(
        "GET",
        "/repos/{owner}/{repo}/pulls/{number}/requested_reviewers",
        requested,
    )
    .needs("pull_requests=read"),
    Route::new(
        "POST",
        "/repos/{owner}/{repo}/pulls/{number}/reviews",
        submit,
    )
    .needs("pull_requests=write"),
    Route::new(
        "GET",
        "/repos/{owner}/{repo}/pulls/{number}/reviews/{id}",
        review,
    )
    .needs("pull_requests=read"),
    Route::new(
        "PUT",
        "/repos/{owner}/{repo}/pulls/{number}/reviews/{id}/dismissals",
        dismiss,
    )
    .needs("pull_requests=write"),
    Route::new("POST", REQUESTED, request).needs("pull_requests=write"),
    Route::new("DELETE", REQUESTED, unrequest).needs("pull_requests=write"),
];

/// The pull request that the path names, as far as it may be read.
fn readable(state: &State, ask: &Ask) -> Result<u64, Trouble> {
    let number = ask.number("number")?;
    state.may(&ask.who, ask.repo, "pull_requests", false)?;
    state.pull(ask.repo, number)?;
    Ok(number)
}

fn reviews(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    let number = readable(state, ask)?;
    let rows = state.reviews_of(ask.repo, number).into_iter();
    let rows = rows.map(|review| state.review_json(ask.repo, review.id));
    Ok(Reply::list(rows.collect()))
}

fn comments(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    let number = readable(state, ask)?;
    let rows = state.remarks_of(ask.repo, number).into_iter();
    let rows = rows.map(|remark| state.remark_json(ask.repo, remark));
    Ok(Reply::list(rows.collect()))
}

fn requested(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    let number = readable(state, ask)?;
    let pull = state.pull(ask.repo, number)?;
    let owner = &state.repo(ask.repo).owner;
    let people = pull.reviewers.iter().map(|login| state.users.json(login));
    Ok(Reply::ok(json!({
        "users": people.collect::<Vec<_>>(),
        "teams": state.teams_json(owner, &pull.review_teams),
    })))
}

/// A place in a comment's fields, and its text.
fn remark(state: &Value) -> Option<(Spot, String)> {
    let fields = state.as_object()?;
    let known = ["path", "line", "side", "start_line", "start_side", "body"];
    if !fields.keys().all(|name| known.contains(&name.as_str())) {
        return None;
    }
    let number = |name: &str| -> Option<Option<u32>> {
        match fields.get(name) {
            None => Some(None),
            Some(value) => Some(Some(u32::try_from(value.as_u64()?).ok()?)),
        }
    };
    let before = match fields.get("side").map(Value::as_str) {
        None | Some(Some("RIGHT")) => false,
        Some(Some("LEFT")) => true,
        Some(_) => return None,
    };
    let spot = Spot {
        path: fields.get("path")?.as_str()?.to_owned(),
        line: Some(number("line")??),
        start: number("start_line")?,
        before,
    };
    Some((spot, fields.get("body")?.as_str()?.to_owned()))
}

fn submit(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    ask.only(&["commit_id", "body", "event", "comments"])?;
    let number = ask.number("number")?;
    let wrong = || Trouble::invalid("comments is no list of comments").violation();
    let remarks: Option<Vec<_>> = match &ask.body["comments"] {
        Value::Null => Some(Vec::new()),
        Value::Array(rows) => rows.iter().map(remark).collect(),
        _ => None,
    };
    let told = Submitted {
        event: ask.need("event")?,
        body: ask.field("body")?.unwrap_or_default(),
        commit: ask.field("commit_id")?,
        remarks: remarks.ok_or_else(wrong)?,
    };
    let id = state.submit_review(&ask.who, ask.repo, number, told)?;
    Ok(Reply::ok(state.review_json(ask.repo, id)))
}

fn review(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    let number = readable(state, ask)?;
    let id = ask.number("id")?;
    state.review_number(ask.repo, number, id)?;
    Ok(Reply::ok(state.review_json(ask.repo, id)))
}

fn dismiss(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    ask.only(&["message", "event"])?;
    ask.need("message")?;
    let (number, id) = (ask.number("number")?, ask.number("id")?);
    state.dismiss_checked(&ask.who, ask.repo, (number, id))?;
    Ok(Reply::ok(state.review_json(ask.repo, id)))
}

fn request(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    ask.only(&["reviewers", "team_reviewers"])?;
    let number = ask.number("number")?;
    let (people, teams) = (ask.texts("reviewers")?, ask.texts("team_reviewers")?);
    state.request_reviews(&ask.who, ask.repo, number, (&people, &teams))?;
    Ok(Reply::with(201, state.pull_json(ask.repo, number, false)))
}

fn unrequest(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    ask.only(&["reviewers", "team_reviewers"])?;
    let number = ask.number("number")?;
    let (people, teams) = (ask.texts("reviewers")?, ask.texts("team_reviewers")?);
    state.remove_reviewers(&ask.who, ask.repo, number, (&people, &teams))?;
    Ok(Reply::ok(state.pull_json(ask.repo, number, false)))
}
