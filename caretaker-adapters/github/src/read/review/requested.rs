//! Who has been asked for a review.

use caretaker_core::{
    model::{Login, Number, review::answer::RequestedReviewers},
    ports::PortError,
};
use serde::Deserialize;

use crate::{scope::Scope, shape::UserShape};

#[derive(Debug, Deserialize)]
struct RequestedShape {
    users: Vec<UserShape>,
    teams: Vec<TeamShape>,
}

#[derive(Debug, Deserialize)]
struct TeamShape {
    slug: String,
}

/// In the order in which they were asked.
pub(crate) async fn all(scope: Scope<'_>, number: Number) -> Result<RequestedReviewers, PortError> {
    const OP: &str = "forge.read.requested_reviewers";
    let shape: RequestedShape = scope
        .ask(OP, &format!("/pulls/{number}/requested_reviewers"))
        .await?;
    let people = shape.users.into_iter().map(|user| Login::new(user.login));
    Ok(RequestedReviewers {
        people: people.collect(),
        teams: shape.teams.into_iter().map(|team| team.slug).collect(),
    })
}
