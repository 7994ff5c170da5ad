//! Routes about our App itself: its settings, its installations, the log of its deliveries.

use serde_json::json;

use super::ask::{Ask, Reply};
use super::route::Route;
use crate::world::delivery_log::Row;
use crate::world::state::State;
use crate::world::trouble::Trouble;

pub(super) const ROUTES: &[Route] = &[
    Route::new("GET", "/app", app).by_jwt(),
    Route::list("/app/installations", &["since", "outdated"], installations).by_jwt(),
    Route::new("GET", "/app/installations/{id}", installation).by_jwt(),
    Route::new("GET", "/app/hook/config", webhook).by_jwt(),
    Route::new("GET", "/app/hook/deliveries", deliveries)
        .asking(&["per_page", "cursor", "status"])
        .by_jwt(),
    Route::new("GET", "/app/hook/deliveries/{id}", delivery).by_jwt(),
    Route::new("POST", "/app/hook/deliveries/{id}/attempts", attempt).by_jwt(),
];

#[expect(clippy::unnecessary_wraps, reason = "one shape for every handler")]
fn app(state: &mut State, _: &Ask) -> Result<Reply, Trouble> {
    let owner = state.users.json(&state.installation.account);
    let mut app = state.app.json(&owner);
    app["installations_count"] = json!(1 + state.elsewhere.len());
    Ok(Reply::ok(app))
}

#[expect(clippy::unnecessary_wraps, reason = "one shape for every handler")]
fn installations(state: &mut State, _: &Ask) -> Result<Reply, Trouble> {
    let all = std::iter::once(&state.installation).chain(&state.elsewhere);
    Ok(Reply::list(
        all.map(|on| state.installed_json(on)).collect(),
    ))
}

fn installation(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    let id = ask.number("id")?;
    let mut all = std::iter::once(&state.installation).chain(&state.elsewhere);
    let found = all.find(|on| on.id == id).ok_or_else(Trouble::not_found)?;
    Ok(Reply::ok(state.installed_json(found)))
}

fn webhook(state: &mut State, _: &Ask) -> Result<Reply, Trouble> {
    if state.webhook.url.is_none() {
        return Err(Trouble::not_found());
    }
    Ok(Reply::ok(state.webhook_json()))
}

fn deliveries(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    let size = ask.asked("per_page").and_then(|size| size.parse().ok());
    let wanted = match ask.asked("status") {
        None => None,
        Some("success") => Some(true),
        Some("failure") => Some(false),
        Some(_) => return Err(Trouble::invalid("status")),
    };
    let size = size.unwrap_or(30_usize).clamp(1, 100);
    let (rows, next) = state.log_rows(ask.asked("cursor"), size, |row| {
        wanted.is_none_or(|wanted| row.arrived() == wanted)
    })?;
    Ok(Reply::page(rows.into_iter().map(Row::json).collect(), next))
}

fn delivery(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    let row = state.logged(ask.number("id")?)?;
    Ok(Reply::ok(state.logged_json(row)))
}

fn attempt(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    state.attempt_again(ask.number("id")?)?;
    Ok(Reply::with(202, json!({})))
}
