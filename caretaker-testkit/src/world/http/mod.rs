//! The HTTP face: REST routes by family, one dispatcher that is strict about what a client may
//! ask, and the one address of `graphql`.
//!
//! An unknown route is 404 and, like a malformed body, a violation that fails the test. Routes and
//! answers are GitHub's as far as the adapter needs them; addresses have no prefix.

mod accounts;
mod actions;
mod alerts;
mod app;
mod ask;
mod checks;
mod commits;
mod compare;
mod issues;
mod jwt;
mod needs;
mod objects;
mod opening;
mod pulls;
mod repos;
mod reviews;
mod route;
mod send;
mod serve;
mod sim;
mod socket;
mod sorting;
mod trees;
mod wire;

pub use send::{Hooks, Sent};
pub use sim::{CONTROLS, Control};
pub use wire::{Incoming, Outgoing};

use caretaker_core::model::content_hash;
use serde_json::{Value, json};

use super::World;
use super::gate::Call;
use super::graphql;
use super::log::Face;
use super::state::State;
use super::trouble::Trouble;
use super::who::{By, Who};
use ask::{Ask, Reply};
use route::Route;

impl World {
    /// Answers one request as GitHub would.
    pub async fn respond(&self, incoming: Incoming) -> Outgoing {
        if incoming.path().starts_with("/_sim/") {
            return self.control(&incoming);
        }
        if incoming.path().starts_with("/_logs/") {
            return self.elsewhere(&incoming).await;
        }
        let asked = graphql::Asked::of(&incoming);
        let found = route::find(&incoming.method, incoming.path());
        let caller = self.with(|state| state.caller(&incoming));
        let op = match (&found, &asked) {
            (_, Some(_)) => "POST /graphql".to_owned(),
            (Some((route, _)), None) => format!("{} {}", route.method, route.pattern),
            (None, None) => format!("{} (no such route)", incoming.method),
        };
        let needs = found.as_ref().and_then(|(route, _)| route.needs);
        let login = caller
            .as_ref()
            .map(|who| who.login.clone())
            .unwrap_or_default();
        let call = Call {
            face: Face::Http,
            op,
            about: match &asked {
                Some(asked) => asked.name.clone(),
                None => incoming.target.clone(),
            },
            write: match &asked {
                Some(asked) => asked.mutates,
                // A token, or git's own object that no branch contains: nobody else sees it.
                None => {
                    incoming.method != "GET"
                        && !found
                            .as_ref()
                            .is_some_and(|(route, _)| route.jwt || route.unseen)
                }
            },
            login: login.clone(),
            key: None,
        };
        let is_graphql = asked.is_some();
        let answered = self.pass(
            call,
            |out: &Outgoing| out.status,
            |state| {
                if let Some(asked) = asked {
                    return state.graphql(&asked, &incoming, caller?);
                }
                let Some((route, params)) = found else {
                    let target = format!("{} {}", incoming.method, incoming.target);
                    let message = format!("github-sim does not know this route: {target}");
                    return Err(Trouble::new(404, message).violation());
                };
                let who = caller?;
                state.rest(route, params, &incoming, who)
            },
        );
        let passed = answered.await;
        let mut out = match passed.answer {
            Ok(out) => out,
            Err(trouble) => {
                let mut out = wire::refusal(&trouble);
                if let Some(needs) = needs.filter(|_| trouble.lacks.is_some()) {
                    let name = "x-accepted-github-permissions";
                    out.headers.push((name, needs.0.to_owned()));
                }
                out
            }
        };
        if !login.is_empty() {
            self.with(|state| out.limits(state, &login, is_graphql));
        }
        if let Some(spoil) = passed.spoil {
            out.spoil(spoil);
        }
        out
    }
}

impl World {
    /// Answers as the host that keeps logs: nobody's limit, and nobody's token.
    async fn elsewhere(&self, incoming: &Incoming) -> Outgoing {
        let call = Call {
            face: Face::Http,
            op: format!("{} /_logs", incoming.method),
            about: incoming.path().to_owned(),
            write: false,
            login: String::new(),
            key: None,
        };
        let status = |out: &Outgoing| out.status;
        let kept = self.pass(call, status, |state| state.kept_log(incoming));
        let passed = kept.await;
        let mut out = passed
            .answer
            .unwrap_or_else(|trouble| wire::refusal(&trouble));
        if let Some(spoil) = passed.spoil {
            out.spoil(spoil);
        }
        out
    }
}

impl State {
    fn rest(
        &mut self,
        route: &Route,
        params: Vec<(&'static str, String)>,
        incoming: &Incoming,
        who: Who,
    ) -> Result<Outgoing, Trouble> {
        if incoming.header("user-agent").is_none() {
            let message = "Request forbidden by administrative rules: no User-Agent header";
            return Err(Trouble::new(403, message).violation());
        }
        if route.jwt != (who.by == By::Jwt) && route.pattern != "/rate_limit" {
            let message = if route.jwt {
                "A JSON web token could not be decoded"
            } else {
                "This route takes no JSON web token of an App"
            };
            return Err(Trouble::new(401, message).violation());
        }
        let body = incoming.json()?;
        let mut ask = Ask::new(params, incoming, body, who)?;
        if route.pattern.starts_with("/repos/") {
            match self.addressed(&ask) {
                Ok(repo) => ask.repo = repo,
                Err(Some(moved)) => return Ok(self.moved(moved, incoming)),
                Err(None) => return Err(Trouble::not_found()),
            }
        }
        let holds = |name: &str, write| self.holds(&ask.who, name, write);
        if ask.who.by == By::Installation && !route.needs.is_none_or(|needs| needs.met(holds)) {
            let needs = route.needs.map(|needs| needs.0).unwrap_or_default();
            return Err(Trouble::forbidden(needs));
        }
        for name in ask.query.keys() {
            let paging = matches!(name.as_str(), "page" | "per_page") && route.lists;
            if !paging && !route.query.contains(&name.as_str()) {
                let line = format!("{} {}", route.method, route.pattern);
                self.violations
                    .push(format!("{line}: unknown query parameter `{name}`"));
            }
        }
        let counts = route.pattern != "/rate_limit";
        if counts {
            self.limits.open(&ask.who.login, self.now)?;
        }
        if route.makes_content() {
            self.limits.make(&ask.who.login, self.now)?;
        }
        let reply = (route.run)(self, &ask)?;
        let out = self.render(reply, &ask, incoming);
        if out.status != 304 && counts {
            let now = self.now;
            self.limits.spend(&ask.who.login, now)?;
        }
        Ok(out)
    }

    /// The repository that a path names: here, moved to another name, or not to be seen.
    fn addressed(&self, ask: &Ask) -> Result<u64, Option<u64>> {
        let visible = |id: u64| ask.who.by == By::Jwt || self.may_see(&ask.who, id);
        if let Some(id) = ask.param("repository_id") {
            let id = id.parse().map_err(|_not_a_number| None)?;
            let known = self.repos.contains_key(&id) && visible(id);
            return if known { Ok(id) } else { Err(None) };
        }
        let (owner, name) = (
            ask.param("owner").unwrap_or_default(),
            ask.param("repo").unwrap_or_default(),
        );
        if let Some(id) = self.repo_named(owner, name) {
            return if visible(id) { Ok(id) } else { Err(None) };
        }
        let old = format!("{owner}/{name}").to_lowercase();
        let moved = self
            .repos
            .values()
            .find(|repo| repo.names_before.contains(&old));
        Err(moved.map(|repo| repo.id).filter(|id| visible(*id)))
    }

    fn moved(&self, repo: u64, incoming: &Incoming) -> Outgoing {
        let rest: Vec<_> = incoming.target.splitn(5, '/').collect();
        let rest = rest
            .get(4)
            .map(|rest| format!("/{rest}"))
            .unwrap_or_default();
        let url = format!("{}/repositories/{repo}{rest}", self.base);
        let status = if incoming.method == "GET" { 301 } else { 307 };
        let body =
            json!({"message": "Moved Permanently", "url": url, "documentation_url": wire::DOCS});
        let mut out = Outgoing::json(status, &body);
        out.headers.push(("location", url));
        out
    }

    fn render(&self, reply: Reply, ask: &Ask, incoming: &Incoming) -> Outgoing {
        let Reply {
            status,
            body,
            rows,
            next,
            text,
            location,
        } = reply;
        let mut link = next.map(|cursor| {
            let others = incoming
                .query()
                .split('&')
                .filter(|pair| !pair.starts_with("cursor="));
            let mut query: Vec<_> = others.filter(|pair| !pair.is_empty()).collect();
            let cursor = format!("cursor={cursor}");
            query.push(&cursor);
            let path = incoming.path();
            format!("<{}{path}?{}>; rel=\"next\"", self.base, query.join("&"))
        });
        let body = match rows {
            None => body,
            Some((place, rows)) => {
                let (page, link_header) = ask.page(rows, &self.base, incoming);
                link = link_header;
                match place {
                    None => Value::Array(page),
                    Some(key) => {
                        let mut body = body;
                        body[key] = Value::Array(page);
                        body
                    }
                }
            }
        };
        let mut out = match text {
            Some((media, text)) => Outgoing::text(status, media, text),
            None => Outgoing::json(status, &body),
        };
        if status == 204 || location.is_some() {
            out.body.clear();
        }
        out.headers.extend(location.map(|to| ("location", to)));
        out.headers.extend(link.map(|link| ("link", link)));
        if incoming.method == "GET" && status == 200 {
            let etag = format!("W/\"{}\"", content_hash(&out.body));
            if incoming.header("if-none-match") == Some(&etag) {
                out.status = 304;
                out.body.clear();
            }
            out.headers.push(("etag", etag));
            out.headers.push((
                "cache-control",
                "private, max-age=60, s-maxage=60".to_owned(),
            ));
        }
        out
    }
}

#[cfg(test)]
mod tests;
