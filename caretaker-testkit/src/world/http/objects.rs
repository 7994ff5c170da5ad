//! Routes of branches and of git's own trees and commits.

use serde_json::{Value, json};

use super::ask::{Ask, Reply};
use super::route::Route;
use crate::world::state::State;
use crate::world::trouble::Trouble;

const BRANCH: &str = "/repos/{owner}/{repo}/git/refs/heads/{branch..}";

pub(super) const ROUTES: &[Route] = &[
    Route::new(
        "GET",
        "/repos/{owner}/{repo}/git/ref/heads/{branch..}",
        git_ref,
    )
    .needs("contents=read"),
    Route::new("DELETE", BRANCH, delete_ref).needs("contents=write"),
    Route::new("PATCH", BRANCH, move_ref).needs("contents=write"),
    Route::new("POST", "/repos/{owner}/{repo}/git/refs", create_ref).needs("contents=write"),
    Route::new("GET", "/repos/{owner}/{repo}/git/commits/{sha}", commit).needs("contents=read"),
    Route::new("POST", "/repos/{owner}/{repo}/git/commits", make_commit)
        .needs("contents=write")
        .unseen(),
    Route::new("POST", "/repos/{owner}/{repo}/git/trees", make_tree)
        .needs("contents=write")
        .unseen(),
];

fn git_ref(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    state.may(&ask.who, ask.repo, "contents", false)?;
    Ok(Reply::ok(state.ref_json(ask.repo, ask.text("branch"))?))
}

fn delete_ref(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    state.delete_branch(&ask.who, ask.repo, ask.text("branch"))?;
    Ok(Reply::with(204, Value::Null))
}

fn create_ref(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    ask.only(&["ref", "sha"])?;
    let name = ask.need("ref")?.strip_prefix("refs/heads/");
    let name = name.ok_or_else(|| Trouble::invalid("ref is no branch").violation())?;
    state.create_branch(&ask.who, ask.repo, name, ask.need("sha")?)?;
    Ok(Reply::with(201, state.ref_json(ask.repo, name)?))
}

fn move_ref(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    ask.only(&["sha", "force"])?;
    let force = ask.body["force"].as_bool().unwrap_or(false);
    let (branch, sha) = (ask.text("branch"), ask.need("sha")?);
    state.move_branch(&ask.who, ask.repo, branch, (sha, force))?;
    Ok(Reply::ok(state.ref_json(ask.repo, branch)?))
}

fn commit(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    state.may(&ask.who, ask.repo, "contents", false)?;
    Ok(Reply::ok(state.object_json(ask.repo, ask.text("sha"))?))
}

fn make_commit(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    ask.only(&["message", "tree", "parents"])?;
    let parents = ask.texts("parents")?;
    let (tree, message) = (ask.need("tree")?, ask.need("message")?);
    let sha = state.make_commit(&ask.who, ask.repo, (tree, &parents), message)?;
    Ok(Reply::with(201, state.object_json(ask.repo, &sha)?))
}

fn make_tree(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    ask.only(&["base_tree", "tree"])?;
    let wrong = || Trouble::invalid("tree is no list of files").violation();
    let rows = ask.body["tree"].as_array().ok_or_else(wrong)?;
    let entry = |row: &Value| -> Option<(String, Option<String>)> {
        let path = row["path"].as_str()?.to_owned();
        let is_file = row["mode"] == "100644" && row["type"] == "blob";
        let text = match (&row["content"], row.get("sha")) {
            (Value::String(text), None) => Some(text.clone()),
            (Value::Null, Some(Value::Null)) => None,
            _ => return None,
        };
        is_file.then_some((path, text))
    };
    let entries: Option<Vec<_>> = rows.iter().map(entry).collect();
    let entries = entries.ok_or_else(wrong)?;
    let sha = state.make_tree(&ask.who, ask.repo, ask.field("base_tree")?, entries)?;
    let url = format!("{}/git/trees/{sha}", state.repo_url(ask.repo));
    let body = json!({"sha": sha, "url": url, "tree": [], "truncated": false});
    Ok(Reply::with(201, body))
}
