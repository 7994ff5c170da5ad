//! Connections: listings by cursor, read to their end or marked as incomplete.

use caretaker_core::{model::Listing, ports::PortError};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::document::Document;
use crate::{error::Doing, scope::Scope};

/// One page of a connection.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Connection<T> {
    pub(crate) nodes: Vec<Option<T>>,
    pub(crate) page_info: PageInfo,
}

/// Where it goes on.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PageInfo {
    pub(crate) has_next_page: bool,
    #[serde(default)]
    pub(crate) end_cursor: Option<String>,
}

/// The rest of a connection whose first page is there, with a document that takes `$after`.
///
/// At most as many pages as any listing, the first included; `page` finds the connection in an
/// answer. A row that GitHub leaves empty makes it incomplete.
pub(crate) async fn rest<P: DeserializeOwned, T>(
    scope: Scope<'_>,
    op: &'static str,
    document: Document,
    mut variables: Value,
    first: Connection<T>,
    page: impl Fn(P) -> Option<Connection<T>>,
) -> Result<Listing<T>, PortError> {
    let mut listing = Listing::whole(Vec::new());
    let mut connection = first;
    let mut left = scope.cap;
    loop {
        let rows = connection.nodes.len();
        listing.complete &= connection.nodes.iter().all(Option::is_some);
        listing.rows.extend(connection.nodes.into_iter().flatten());
        left -= 1;
        let PageInfo {
            has_next_page,
            end_cursor,
        } = connection.page_info;
        if !has_next_page {
            return Ok(listing);
        }
        // A listing that goes in circles, or whose next page cannot be found.
        let next = end_cursor.filter(|next| rows > 0 && variables["after"] != json!(next));
        let (Some(next), true) = (next, left > 0) else {
            listing.complete = false;
            return Ok(listing);
        };
        variables["after"] = json!(next);
        let answer = scope.graphql(op, Doing::Read, document, &variables).await?;
        connection = page(answer).ok_or_else(|| {
            crate::error::unintelligible(op, "what was listed is not there any more")
        })?;
    }
}
