//! GraphQL: the documents, sending one about a repository, and listings by cursor.
//!
//! An answer counts whole or not at all: `error::within` fails it for any error beside the data.

pub(crate) mod document;
pub(crate) mod pages;

use caretaker_core::ports::{Kind, PortError};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use self::document::Document;
use crate::{
    auth::Whom,
    client::Request,
    error::{Doing, unintelligible},
    scope::Scope,
};

#[derive(Deserialize)]
struct Answered<T> {
    data: Option<T>,
}

impl Scope<'_> {
    /// Sends a document as whoever may see the repository; its data.
    ///
    /// `variables` is an object. A query is `Doing::Read`, a mutation `Doing::Write`.
    pub(crate) async fn graphql<T: DeserializeOwned>(
        &self,
        op: &'static str,
        doing: Doing,
        document: Document,
        variables: &Value,
    ) -> Result<T, PortError> {
        let body = json!({"query": document.text, "variables": variables});
        let request = Request::graphql(op, doing, body);
        let whom = match (doing, self.permission) {
            (Doing::Write, Some(permission)) => Whom::Writing(self.repo, permission),
            (Doing::Write, None) => {
                return Err(
                    PortError::new(op, Kind::Invalid).detail("no permission to write is named")
                );
            }
            (Doing::Read | Doing::Mint, _) => Whom::Repo(self.repo),
        };
        let reply = self.client.send(whom, &request).await?;
        let answered: Answered<T> = reply.parse(op)?;
        answered
            .data
            .ok_or_else(|| unintelligible(op, "the answer holds neither data nor an error"))
    }

    /// The variables that name the repository: `owner` and `name`.
    pub(crate) fn named(&self, mut variables: Value) -> Value {
        variables["owner"] = json!(self.repo.owner);
        variables["name"] = json!(self.repo.name);
        variables
    }
}
