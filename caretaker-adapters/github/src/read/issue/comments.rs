//! Comments on items.

use caretaker_core::{
    model::{AppRef, Author, Listing, Number, RemoteId, issue::Comment},
    ports::PortError,
};
use serde::{Deserialize, de::IgnoredAny};

use crate::{
    identity::Identity,
    scope::Scope,
    shape::{AppShape, UserShape, When},
};

/// A comment as GitHub shows it.
#[derive(Debug, Deserialize)]
pub(crate) struct CommentShape {
    pub(crate) id: u64,
    /// Its name in GraphQL.
    #[serde(default)]
    pub(crate) node_id: Option<String>,
    pub(crate) user: Option<UserShape>,
    #[serde(default)]
    pub(crate) performed_via_github_app: Option<AppShape>,
    #[serde(default)]
    pub(crate) body: Option<String>,
    pub(crate) created_at: When,
    #[serde(default)]
    updated_at: Option<When>,
    /// Newer servers say whether it is folded away: an object, `null`, or no field at all.
    #[serde(default, deserialize_with = "told")]
    minimized: Option<bool>,
}

impl CommentShape {
    pub(crate) fn author(&self, us: &Identity) -> Author {
        us.author(
            self.user.as_ref(),
            self.performed_via_github_app.as_ref(),
            self.body.as_deref(),
        )
    }
}

/// A field that is there says something, `null` among it.
fn told<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    let said = Option::<IgnoredAny>::deserialize(deserializer)?;
    Ok(Some(said.is_some()))
}

/// All comments of an item, oldest first.
pub(crate) async fn listed(
    scope: Scope<'_>,
    number: Number,
) -> Result<Listing<CommentShape>, PortError> {
    scope
        .list(
            "forge.read.comments",
            &format!("/issues/{number}/comments?per_page=100"),
        )
        .await
}

pub(super) async fn of(scope: Scope<'_>, number: Number) -> Result<Listing<Comment>, PortError> {
    let listing = listed(scope, number).await?;
    let mut rows: Vec<Comment> = listing
        .rows
        .into_iter()
        .map(|shape| comment(scope.us, shape))
        .collect();
    rows.sort_by_key(|comment| (comment.created_at, comment.id));
    Ok(Listing {
        rows,
        complete: listing.complete,
    })
}

fn comment(us: &Identity, shape: CommentShape) -> Comment {
    Comment {
        id: RemoteId::new(shape.id),
        by: shape.author(us),
        via: shape.performed_via_github_app.map(|app| AppRef {
            id: app.id(),
            ours: us.is_our_app(app.id()),
        }),
        body: shape.body.unwrap_or_default(),
        created_at: shape.created_at.0,
        updated_at: shape.updated_at.unwrap_or(shape.created_at).0,
        minimized: shape.minimized,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_said_of_folding_is_unknown() {
        let read = |more: &str| -> CommentShape {
            serde_json::from_str(&format!(
                r#"{{"id":1,"user":null,"created_at":"2024-01-01T00:00:00Z","updated_at":"2024-01-01T00:00:00Z"{more}}}"#
            ))
            .unwrap()
        };
        assert_eq!(read("").minimized, None);
        assert_eq!(read(r#","minimized":null"#).minimized, Some(false));
        let folded = read(r#","minimized":{"reason":"outdated"}"#);
        assert_eq!(folded.minimized, Some(true));
    }
}
