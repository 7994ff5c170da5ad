//! Routes about who asks: App, user, tokens, limits.

use caretaker_core::model::Span;
use serde_json::json;

use super::ask::{Ask, Reply};
use super::route::Route;
use crate::world::grant::Grant;
use crate::world::state::{State, Token};
use crate::world::trouble::Trouble;
use crate::world::who::{By, Who};

pub(super) const ROUTES: &[Route] = &[
    Route::new("POST", "/app/installations/{id}/access_tokens", mint).by_jwt(),
    Route::new("GET", "/repos/{owner}/{repo}/installation", of_repo).by_jwt(),
    Route::list("/installation/repositories", &[], repositories).needs("metadata=read"),
    Route::list("/orgs/{org}/teams/{team}/members", &[], members).needs("members=read"),
    Route::new("GET", "/user", user).open(),
    Route::new("GET", "/rate_limit", rate_limit).open(),
    Route::new("GET", "/meta", meta).open(),
];

fn of_repo(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    let repo = state.repo(ask.repo);
    if repo.hidden || !repo.installed {
        return Err(Trouble::not_found());
    }
    Ok(Reply::ok(
        state.installed_json(state.installation_on(&repo.owner)),
    ))
}

fn mint(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    let id = ask.number("id")?;
    let mut all = std::iter::once(&state.installation).chain(&state.elsewhere);
    let on = all.find(|on| on.id == id).ok_or_else(Trouble::not_found)?;
    if on.suspended {
        return Err(Trouble::new(403, "This installation has been suspended"));
    }
    let granted = json!(state.granted(on));
    if !ask.body.is_null() {
        ask.only(&["repositories", "repository_ids", "permissions"])?;
    }
    let grant = Grant {
        installation: Some(id),
        ..state.grant(&ask.body)?
    };
    let token = state.fresh_token("ghs");
    let until = state.now + Span::hours(1);
    let who = Who {
        login: state.app.bot(),
        by: By::Installation,
        grant: grant.clone(),
    };
    let known = Token {
        who,
        until: Some(until),
    };
    state.tokens.insert(token.clone(), known);
    let mut body = json!({
        "token": token,
        "expires_at": until.to_string(),
        "permissions": granted,
        "repository_selection": "selected",
    });
    if let Some(permissions) = &grant.permissions {
        body["permissions"] = json!(permissions);
    }
    if let Some(repos) = &grant.repos {
        body["repositories"] = repos.iter().map(|id| state.repo_json(*id)).collect();
    }
    Ok(Reply::with(201, body))
}

fn repositories(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    if ask.who.by != By::Installation {
        return Err(Trouble::new(
            403,
            "You must authenticate with an installation access token",
        ));
    }
    let ids: Vec<_> = state.repos.keys().copied().collect();
    let visible = ids.into_iter().filter(|id| state.may_see(&ask.who, *id));
    let rows: Vec<_> = visible.map(|id| state.repo_json(id)).collect();
    let body = json!({"total_count": rows.len(), "repository_selection": "selected"});
    Ok(Reply::listed("repositories", rows, body))
}

fn members(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    state.may_see_teams(&ask.who)?;
    let members = state.members(ask.text("org"), ask.text("team"))?;
    let rows = members.iter().map(|login| state.users.json(login));
    Ok(Reply::list(rows.collect()))
}

fn user(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    if ask.who.by != By::Token {
        return Err(Trouble::forbidden("a personal token"));
    }
    Ok(Reply::ok(state.users.json(&ask.who.login)))
}

#[expect(clippy::unnecessary_wraps, reason = "one shape for every handler")]
fn rate_limit(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    let now = state.now;
    let core = state.limits.budget(&ask.who.login, now).json();
    let graphql = state.limits.points(&ask.who.login, now).json();
    Ok(Reply::ok(
        json!({"resources": {"core": core, "graphql": graphql}, "rate": core}),
    ))
}

#[expect(clippy::unnecessary_wraps, reason = "one shape for every handler")]
fn meta(_: &mut State, _: &Ask) -> Result<Reply, Trouble> {
    Ok(Reply::ok(json!({
        "verifiable_password_authentication": false,
        "hooks": ["127.0.0.0/8"],
        "api": ["127.0.0.0/8"],
    })))
}
