//! Routes of pull requests and reviews.

use serde_json::json;

use super::ask::{Ask, Reply};
use super::issues::{chosen, edited};
use super::route::Route;
use crate::world::files::{COMMITS_SHOWN, FILES_SHOWN};
use crate::world::issue::Item;
use crate::world::proposing::Proposal;
use crate::world::state::State;
use crate::world::trouble::Trouble;

pub(super) const ROUTES: &[Route] = &[
    Route::list(
        "/repos/{owner}/{repo}/pulls",
        &["state", "head", "base", "sort", "direction"],
        list,
    )
    .needs("pull_requests=read"),
    Route::new("GET", "/repos/{owner}/{repo}/pulls/{number}", pull).needs("pull_requests=read"),
    Route::new("PATCH", "/repos/{owner}/{repo}/pulls/{number}", edit).needs("pull_requests=write"),
    Route::list("/repos/{owner}/{repo}/pulls/{number}/files", &[], files)
        .needs("pull_requests=read"),
    Route::list("/repos/{owner}/{repo}/pulls/{number}/commits", &[], commits)
        .needs("pull_requests=read"),
    Route::new("POST", "/repos/{owner}/{repo}/pulls", open).needs("pull_requests=write"),
    Route::new(
        "PUT",
        "/repos/{owner}/{repo}/pulls/{number}/update-branch",
        update,
    )
    .needs("pull_requests=write"),
    Route::new("PUT", "/repos/{owner}/{repo}/pulls/{number}/merge", merge).needs("contents=write"),
    Route::list("/repos/{owner}/{repo}/commits/{sha}/pulls", &[], of_commit)
        .needs("pull_requests=read"),
];

fn list(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    state.may(&ask.who, ask.repo, "pull_requests", false)?;
    let from = |item: &Item| {
        let Some(pull) = &item.pull else { return false };
        let head = format!("{}:{}", pull.head_owner, pull.head_branch);
        ask.asked("head")
            .is_none_or(|wanted| head.eq_ignore_ascii_case(wanted))
            && ask
                .asked("base")
                .is_none_or(|wanted| pull.base_branch == wanted)
    };
    let rows = chosen(ask, state.repo(ask.repo).items.values())?.into_iter();
    let rows = rows.filter(|item| from(item));
    let rows = rows.map(|item| state.pull_json(ask.repo, item.number, false));
    Ok(Reply::list(rows.collect()))
}

fn pull(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    let number = ask.number("number")?;
    state.may(&ask.who, ask.repo, "pull_requests", false)?;
    state.pull(ask.repo, number)?;
    if ask.wants("diff") {
        let text = state.diff_of(ask.repo, number)?;
        return Ok(Reply::text("application/vnd.github.diff", text));
    }
    Ok(Reply::ok(state.pull_json(ask.repo, number, true)))
}

fn edit(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    ask.only(&["title", "body", "state", "base"])?;
    state.may(&ask.who, ask.repo, "pull_requests", true)?;
    state.pull(ask.repo, ask.number("number")?)?;
    if let Some(base) = ask.field("base")? {
        state.retarget(&ask.who, ask.repo, ask.number("number")?, base)?;
    }
    let number = edited(state, ask)?;
    Ok(Reply::ok(state.pull_json(ask.repo, number, true)))
}

fn open(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    ask.only(&["title", "body", "head", "base", "draft"])?;
    let told = Proposal {
        title: ask.need("title")?,
        body: ask.field("body")?.unwrap_or_default(),
        head: ask.need("head")?,
        base: ask.need("base")?,
        draft: ask.body["draft"].as_bool().unwrap_or(false),
    };
    let number = state.propose(&ask.who, ask.repo, &told)?;
    Ok(Reply::with(201, state.pull_json(ask.repo, number, true)))
}

fn update(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    ask.only(&["expected_head_sha"])?;
    let number = ask.number("number")?;
    let expect = ask.field("expected_head_sha")?;
    state.update_pull_branch(&ask.who, ask.repo, number, expect)?;
    let url = format!("{}/pulls/{number}", state.repo_url(ask.repo));
    let body = json!({"message": "Updating pull request branch.", "url": url});
    Ok(Reply::with(202, body))
}

fn merge(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    ask.only(&["sha", "merge_method", "commit_title", "commit_message"])?;
    let number = ask.number("number")?;
    let sha = ask.field("sha")?;
    let method = ask.field("merge_method")?.unwrap_or("merge");
    let made = state.merge_checked(&ask.who, ask.repo, number, sha, method)?;
    Ok(Reply::ok(json!({
        "sha": made,
        "merged": true,
        "message": "Pull Request successfully merged",
    })))
}

fn files(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    let number = ask.number("number")?;
    state.may(&ask.who, ask.repo, "pull_requests", false)?;
    let pull = state.pull(ask.repo, number)?;
    let rows = state.files_of(ask.repo, pull).into_iter();
    let rows = rows.take(FILES_SHOWN);
    let rows = rows.map(|file| state.file_json(ask.repo, &pull.head_sha, &file));
    Ok(Reply::list(rows.collect()))
}

fn commits(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    let number = ask.number("number")?;
    state.may(&ask.who, ask.repo, "pull_requests", false)?;
    let pull = state.pull(ask.repo, number)?;
    let rows = state.commits_of(ask.repo, pull).into_iter();
    let rows = rows.take(COMMITS_SHOWN);
    let rows = rows.map(|commit| state.commit_json(ask.repo, commit));
    Ok(Reply::list(rows.collect()))
}

/// Every pull request that brings the commit, as GitHub answers: also closed ones, and open ones
/// whose head has moved on.
fn of_commit(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    state.may(&ask.who, ask.repo, "pull_requests", false)?;
    let sha = state.resolve(ask.repo, ask.text("sha"))?;
    let known = state.repo(ask.repo);
    let brings = |item: &&Item| {
        let Some(pull) = &item.pull else { return false };
        let base = known
            .branches
            .get(&pull.base_branch)
            .map(|b| b.sha.as_str());
        let ahead = state
            .commits
            .ahead(&pull.head_sha, base.unwrap_or_default());
        pull.head_sha == sha || ahead.iter().any(|commit| commit.sha == sha)
    };
    let rows = known.items.values().filter(brings);
    let rows = rows.map(|item| state.pull_json(ask.repo, item.number, false));
    Ok(Reply::list(rows.collect()))
}
