//! Changing a comment of ours, and reacting to an item.

use caretaker_core::{
    model::{Author, Marker, Number, Reaction, RemoteId},
    ports::{Kind, PortError},
};
use reqwest::Method;
use serde_json::json;

use super::{Plan, step};
use crate::{read::issue::comments::CommentShape, scope::Scope, write::reactions};

const OP: &str = "forge.write.comment";

/// Whose it is counts: what somebody else wrote is not changed, whatever we may.
pub(super) async fn edit(
    scope: Scope<'_>,
    comment: RemoteId,
    body: &str,
) -> Result<Plan, PortError> {
    if Marker::find(body).is_none() {
        return Err(PortError::new(OP, Kind::Invalid)
            .detail("the text bears no marker, so it would not be ours any more"));
    }
    let rest = format!("/issues/comments/{comment}");
    let there: CommentShape = scope.ask(OP, &rest).await?;
    if there.author(scope.us) != Author::Us {
        return Err(PortError::new(OP, Kind::Refused(403)).detail("the comment is not ours"));
    }
    let normal = |text: &str| text.replace("\r\n", "\n").trim().to_owned();
    let same = normal(there.body.as_deref().unwrap_or_default()) == normal(body);
    Ok(step(same, OP, Method::PATCH, rest, json!({"body": body})))
}

pub(super) async fn react(
    scope: Scope<'_>,
    number: Number,
    reaction: Reaction,
) -> Result<Plan, PortError> {
    reactions::on(scope, format!("/issues/{number}/reactions"), reaction).await
}
