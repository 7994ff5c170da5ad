//! Opening an issue, found again by whose it is and by the key in its marker.

use caretaker_core::{
    model::{Author, Label, Listing, Marker, issue::OpenIssue},
    ports::{Kind, PortError},
};
use reqwest::Method;
use serde::{Deserialize, de::IgnoredAny};
use serde_json::json;

use super::{Plan, step};
use crate::{
    address::escape,
    error::unintelligible,
    identity::Identity,
    scope::Scope,
    shape::{AppShape, UserShape},
};

const OP: &str = "forge.write.issue";

#[derive(Debug, Deserialize)]
struct OpenedShape {
    user: Option<UserShape>,
    #[serde(default)]
    performed_via_github_app: Option<AppShape>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    pull_request: Option<IgnoredAny>,
}

/// GitHub's search lags behind; the listing of what our account has opened does not.
pub(super) async fn plan(scope: Scope<'_>, wanted: &OpenIssue) -> Result<Plan, PortError> {
    let Some(key) = wanted.key() else {
        return Err(PortError::new(OP, Kind::Invalid)
            .detail("the text does not bear its marker, so it would never be found again"));
    };
    let account = match scope.us {
        Identity::App { bot, .. } => bot,
        Identity::User { login, .. } => login,
    };
    let listing: Listing<OpenedShape> = scope
        .list(
            OP,
            &format!(
                "/issues?creator={}&state=all&sort=created&direction=desc&per_page=100",
                escape(account.as_str())
            ),
        )
        .await?;
    let ours = |row: &OpenedShape| {
        let body = row.body.as_deref().unwrap_or_default();
        let via = row.performed_via_github_app.as_ref();
        let author = scope.us.author(row.user.as_ref(), via, Some(body));
        row.pull_request.is_none()
            && author == Author::Us
            && Marker::find(body) == Some(Marker::Issue)
            && Marker::key(body) == Some(key)
    };
    let found = listing.rows.iter().any(ours);
    if !found && !listing.complete {
        return Err(unintelligible(OP, "we have opened more than is read"));
    }
    let labels: Vec<&str> = wanted.labels.iter().map(Label::as_str).collect();
    let body = json!({"title": wanted.title, "body": wanted.body, "labels": labels});
    Ok(step(found, OP, Method::POST, "/issues".to_owned(), body))
}
