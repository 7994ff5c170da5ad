//! Routes of the repository itself, its branches and its files.

use super::ask::{Ask, Reply};
use super::route::Route;
use crate::world::state::{State, merge};
use crate::world::trouble::Trouble;

pub(super) const ROUTES: &[Route] = &[
    Route::new("GET", "/repos/{owner}/{repo}", repo).needs("metadata=read"),
    Route::new("GET", "/repos/{owner}/{repo}/branches/{branch..}", branch).needs("contents=read"),
    Route::list(
        "/repos/{owner}/{repo}/rules/branches/{branch..}",
        &[],
        rules,
    )
    .needs("metadata=read"),
    Route::new(
        "GET",
        "/repos/{owner}/{repo}/collaborators/{login}/permission",
        permission,
    )
    .needs("metadata=read"),
];

#[expect(clippy::unnecessary_wraps, reason = "one shape for every handler")]
fn repo(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    let mut repo = state.repo_json(ask.repo);
    merge(&mut repo, &state.merging_json(&ask.who, ask.repo));
    Ok(Reply::ok(repo))
}

fn branch(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    state.may(&ask.who, ask.repo, "contents", false)?;
    let branch = state.branch_json(ask.repo, ask.text("branch"));
    let mut branch = branch.ok_or_else(|| Trouble::new(404, "Branch not found"))?;
    if state.repo(ask.repo).rules_hidden
        && let Some(fields) = branch.as_object_mut()
    {
        fields.remove("protection");
    }
    Ok(Reply::ok(branch))
}

fn rules(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    state.may(&ask.who, ask.repo, "metadata", false)?;
    if state.repo(ask.repo).rules_hidden {
        return Err(Trouble::forbidden("administration: read"));
    }
    Ok(Reply::list(state.rules_json(ask.repo, ask.text("branch"))))
}

fn permission(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    state.may(&ask.who, ask.repo, "metadata", false)?;
    let permission = state.permission_json(ask.repo, ask.text("login"))?;
    Ok(Reply::ok(permission))
}

impl State {
    /// The commit that a branch name or hash names.
    pub(crate) fn resolve(&self, repo: u64, name: &str) -> Result<String, Trouble> {
        let name = name.strip_prefix("refs/").unwrap_or(name);
        let name = name.strip_prefix("heads/").unwrap_or(name);
        if let Some(branch) = self.repo(repo).branches.get(name) {
            return Ok(branch.sha.clone());
        }
        let known = self.commits.find(name).map(|commit| commit.sha.clone());
        known.ok_or_else(|| Trouble::invalid(format!("No commit found for SHA: {name}")))
    }
}
