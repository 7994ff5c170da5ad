//! Asking for reviews, and no longer asking.

use caretaker_core::{
    model::{Login, Number, review::answer::RequestedReviewers},
    ports::PortError,
};
use reqwest::Method;
use serde_json::json;

use crate::{
    read::review::requested,
    scope::Scope,
    write::{Plan, Step},
};

/// Asks whom nobody has asked yet.
pub(super) async fn ask(
    scope: Scope<'_>,
    number: Number,
    people: &[Login],
    teams: &[String],
) -> Result<Plan, PortError> {
    let asked = requested::all(scope, number).await?;
    Ok(step(number, Method::POST, people, teams, |who| {
        !who.is_in(&asked)
    }))
}

/// Takes back whom somebody has asked.
pub(super) async fn take_back(
    scope: Scope<'_>,
    number: Number,
    people: &[Login],
    teams: &[String],
) -> Result<Plan, PortError> {
    let asked = requested::all(scope, number).await?;
    Ok(step(number, Method::DELETE, people, teams, |who| {
        who.is_in(&asked)
    }))
}

#[derive(Clone, Copy)]
enum Reviewer<'a> {
    Person(&'a Login),
    Team(&'a str),
}

impl Reviewer<'_> {
    fn is_in(self, asked: &RequestedReviewers) -> bool {
        match self {
            Self::Person(login) => asked.people.iter().any(|known| known.same(login)),
            Self::Team(slug) => asked.teams.iter().any(|t| t.eq_ignore_ascii_case(slug)),
        }
    }
}

fn step(
    number: Number,
    method: Method,
    people: &[Login],
    teams: &[String],
    wanted: impl Fn(Reviewer<'_>) -> bool,
) -> Plan {
    let people = people.iter().filter(|who| wanted(Reviewer::Person(who)));
    let people: Vec<&str> = people.map(Login::as_str).collect();
    let teams = teams.iter().filter(|slug| wanted(Reviewer::Team(slug)));
    let teams: Vec<&String> = teams.collect();
    if people.is_empty() && teams.is_empty() {
        return Plan::nothing();
    }
    Plan::one(Step {
        op: "forge.write.reviewers",
        method,
        rest: format!("/pulls/{number}/requested_reviewers"),
        body: Some(json!({ "reviewers": people, "team_reviewers": teams })),
        done: &[],
    })
}
