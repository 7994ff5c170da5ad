//! The table of routes, and finding one.

use super::ask::{Ask, Reply, decode};
use super::needs::Needs;
use super::{
    accounts, actions, alerts, app, checks, commits, compare, issues, objects, opening, pulls,
    repos, reviews, sorting, trees,
};
use crate::world::state::State;
use crate::world::trouble::Trouble;

/// What answers a route. Some never refuse; one shape for all keeps the table plain.
pub(super) type Handler = fn(&mut State, &Ask) -> Result<Reply, Trouble>;

/// One route. In a pattern `{x}` is one segment, `{x..}` one or more.
pub(super) struct Route {
    pub(super) method: &'static str,
    pub(super) pattern: &'static str,
    /// Query parameters it knows, beside those of pages.
    pub(super) query: &'static [&'static str],
    /// Whether it is paged.
    pub(super) lists: bool,
    /// Whether it takes the App's own JWT, and nothing else.
    pub(super) jwt: bool,
    /// Whether what it makes is seen by nobody, so that it counts as no effect.
    pub(super) unseen: bool,
    /// What an installation token needs for it; every route but those of the JWT says so.
    pub(super) needs: Option<Needs>,
    pub(super) run: Handler,
}

impl Route {
    pub(super) const fn new(method: &'static str, pattern: &'static str, run: Handler) -> Self {
        Self {
            method,
            pattern,
            query: &[],
            lists: false,
            jwt: false,
            unseen: false,
            needs: None,
            run,
        }
    }

    /// Whether people are told of what it makes, which the secondary limit counts.
    pub(super) fn makes_content(&self) -> bool {
        const ENDINGS: [&str; 5] = ["/comments", "/replies", "/reviews", "/issues", "/pulls"];
        self.method == "POST" && ENDINGS.iter().any(|ending| self.pattern.ends_with(ending))
    }

    /// A paged listing with these parameters.
    pub(super) const fn list(
        pattern: &'static str,
        query: &'static [&'static str],
        run: Handler,
    ) -> Self {
        let mut route = Self::new("GET", pattern, run);
        route.query = query;
        route.lists = true;
        route
    }

    pub(super) const fn asking(mut self, query: &'static [&'static str]) -> Self {
        self.query = query;
        self
    }

    /// The permissions that open it, as GitHub documents them: `issues=read; pull_requests=read`.
    pub(super) const fn needs(mut self, needs: &'static str) -> Self {
        self.needs = Some(Needs(needs));
        self
    }

    /// It takes any credential.
    pub(super) const fn open(self) -> Self {
        self.needs("")
    }

    /// What it makes is seen by nobody until something else points to it.
    pub(super) const fn unseen(mut self) -> Self {
        self.unseen = true;
        self
    }

    pub(super) const fn by_jwt(mut self) -> Self {
        self.jwt = true;
        self
    }
}

/// Every family's routes; the first that fits answers.
const FAMILIES: &[&[Route]] = &[
    accounts::ROUTES,
    app::ROUTES,
    actions::ROUTES,
    issues::ROUTES,
    opening::ROUTES,
    sorting::ROUTES,
    alerts::ROUTES,
    pulls::ROUTES,
    reviews::ROUTES,
    compare::ROUTES,
    trees::ROUTES,
    objects::ROUTES,
    checks::ROUTES,
    commits::ROUTES,
    repos::ROUTES,
];

/// A route and the parameters that its pattern found in a path.
pub(super) type Found = (&'static Route, Vec<(&'static str, String)>);

pub(super) fn find(method: &str, path: &str) -> Option<Found> {
    let mut segments = Vec::new();
    for segment in path.trim_start_matches('/').split('/') {
        segments.push(decode(segment)?);
    }
    let mut by_id = Vec::new();
    // `/repositories/{id}/…` is where GitHub sends on to; the same routes hold below it.
    if segments
        .first()
        .is_some_and(|first| first == "repositories")
        && segments.len() > 1
    {
        by_id.push(("repository_id", segments.remove(1)));
        segments.splice(0..1, ["repos".to_owned(), "-".to_owned(), "-".to_owned()]);
    }
    let routes = FAMILIES.iter().copied().flatten();
    for route in routes.filter(|route| route.method == method) {
        let pattern: Vec<&'static str> = route.pattern.trim_start_matches('/').split('/').collect();
        if let Some(mut params) = fit(&pattern, &segments) {
            params.extend(by_id);
            return Some((route, params));
        }
    }
    None
}

/// The parameters of a path, if it fits the pattern; a long parameter takes as much as it can.
fn fit(pattern: &[&'static str], path: &[String]) -> Option<Vec<(&'static str, String)>> {
    let Some((first, rest)) = pattern.split_first() else {
        return path.is_empty().then(Vec::new);
    };
    let name = first
        .strip_prefix('{')
        .and_then(|name| name.strip_suffix('}'));
    let Some(name) = name else {
        let (head, tail) = path.split_first()?;
        return (head == first).then(|| fit(rest, tail))?;
    };
    let (name, longest) = match name.strip_suffix("..") {
        Some(name) => (name, path.len()),
        None => (name, path.len().min(1)),
    };
    (1..=longest).rev().find_map(|taken| {
        let mut params = fit(rest, &path[taken..])?;
        let text = path[..taken].join("/");
        if text.is_empty() {
            return None;
        }
        params.push((name, text));
        Some(params)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_names_the_permissions_that_open_it() {
        for route in FAMILIES.iter().copied().flatten() {
            let line = format!("{} {}", route.method, route.pattern);
            match route.needs {
                Some(needs) => assert!(needs.is_well_formed() && !route.jwt, "{line}"),
                None => assert!(route.jwt, "{line}: .needs(\"permission=level\") is missing"),
            }
        }
    }
}
