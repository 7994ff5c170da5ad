//! Routes of reviews, what is said in them, and who is asked for one.

use serde_json::json;

use super::ask::{Ask, Reply};
use super::route::Route;
use crate::world::state::State;
use crate::world::trouble::Trouble;

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
