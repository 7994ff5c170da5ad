//! Reactions to comments and items.

use caretaker_core::{
    model::{Listing, Reaction, RemoteId},
    ports::PortError,
};
use reqwest::Method;
use serde::Deserialize;
use serde_json::json;

use super::{Plan, Step};
use crate::{address::escape, error::unintelligible, scope::Scope, shape::UserShape};

const OP: &str = "forge.write.reaction";

#[derive(Debug, Deserialize)]
struct ReactionShape {
    user: Option<UserShape>,
    content: String,
}

/// To a comment.
pub(super) async fn add(
    scope: Scope<'_>,
    comment: RemoteId,
    reaction: Reaction,
) -> Result<Plan, PortError> {
    on(
        scope,
        format!("/issues/comments/{comment}/reactions"),
        reaction,
    )
    .await
}

/// An account has each reaction to one thing once; asking for it again changes nothing.
pub(super) async fn on(
    scope: Scope<'_>,
    path: String,
    reaction: Reaction,
) -> Result<Plan, PortError> {
    let word = reaction.word();
    let listing: Listing<ReactionShape> = scope
        .list(OP, &format!("{path}?content={}&per_page=100", escape(word)))
        .await?;
    let ours = |row: &ReactionShape| {
        row.content == word
            && row
                .user
                .as_ref()
                .is_some_and(|user| scope.us.is_account(user))
    };
    if listing.rows.iter().any(ours) {
        return Ok(Plan::nothing());
    }
    if !listing.complete {
        return Err(unintelligible(OP, "there are more reactions than are read"));
    }
    Ok(Plan::one(Step {
        op: OP,
        method: Method::POST,
        rest: path,
        body: Some(json!({ "content": word })),
        done: &[],
    }))
}
