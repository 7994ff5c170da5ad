//! Routes of files, folders and whole trees, and of the list of branches.

use super::ask::{Ask, Reply};
use super::route::Route;
use crate::world::state::State;
use crate::world::trouble::Trouble;

pub(super) const ROUTES: &[Route] = &[
    Route::new("GET", "/repos/{owner}/{repo}/contents/{path..}", contents)
        .needs("contents=read")
        .asking(&["ref"]),
    Route::new("GET", "/repos/{owner}/{repo}/git/trees/{sha..}", tree)
        .needs("contents=read")
        .asking(&["recursive"]),
    Route::new(
        "GET",
        "/repos/{owner}/{repo}/branches/{branch..}/protection",
        protection,
    )
    .needs("administration=read"),
    Route::list("/repos/{owner}/{repo}/branches", &["protected"], branches).needs("contents=read"),
];

fn contents(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    state.may(&ask.who, ask.repo, "contents", false)?;
    let known = state.repo(ask.repo);
    let wanted = ask.asked("ref").unwrap_or(&known.default_branch);
    let sha = state.named_commit(ask.repo, wanted)?;
    let place = state.place(&sha, ask.text("path"))?;
    let object = ask.wants("object");
    Ok(Reply::ok(
        state.contents_json(ask.repo, wanted, &place, object),
    ))
}

fn tree(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    state.may(&ask.who, ask.repo, "contents", false)?;
    let wanted = ask.text("sha");
    let sha = match state.files_in(wanted) {
        Some(_) => wanted.to_owned(),
        None => state.named_commit(ask.repo, wanted)?,
    };
    let deep = ask.asked("recursive").is_some();
    Ok(Reply::ok(state.tree_json(ask.repo, &sha, deep)?))
}

fn branches(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    state.may(&ask.who, ask.repo, "contents", false)?;
    let wanted = ask.asked("protected").map(|word| word == "true");
    let rows = state.repo(ask.repo).branches.keys();
    let rows = rows.filter_map(|name| state.branch_row_json(ask.repo, name));
    let rows = rows.filter(|row| wanted.is_none_or(|wanted| row["protected"] == wanted));
    Ok(Reply::list(rows.collect()))
}

/// Whoever may not administer the repository does not even learn that there is something.
fn protection(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    state.may(&ask.who, ask.repo, "administration", false)?;
    if !state.may_administer(&ask.who, ask.repo) {
        return Err(Trouble::not_found());
    }
    let protection = state.protection_json(ask.repo, ask.text("branch"));
    let protection = protection.ok_or_else(|| Trouble::new(404, "Branch not protected"))?;
    Ok(Reply::ok(protection))
}
