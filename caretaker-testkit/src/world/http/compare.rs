//! The route that compares two commits.

use super::ask::{Ask, Reply};
use super::route::Route;
use crate::world::state::State;
use crate::world::trouble::Trouble;

pub(super) const ROUTES: &[Route] =
    &[Route::list("/repos/{owner}/{repo}/compare/{ends..}", &[], compare).needs("contents=read")];

fn compare(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    state.may(&ask.who, ask.repo, "contents", false)?;
    let ends = ask.text("ends").split_once("...");
    let (base, head) = ends.ok_or_else(Trouble::not_found)?;
    let (base, head) = (
        state.named_commit(ask.repo, base)?,
        state.named_commit(ask.repo, head)?,
    );
    let compared = state.compared(&base, &head)?;
    let rows = compared.ahead.iter();
    let rows = rows.map(|commit| state.commit_json(ask.repo, commit));
    let body = state.comparison_json(ask.repo, &compared, &head);
    Ok(Reply::listed("commits", rows.collect(), body))
}
