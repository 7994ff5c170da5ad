//! The GraphQL face, over HTTP only: a part of GitHub's schema over the same state.
//!
//! | Module | What |
//! |---|---|
//! | `schema/*.graphql` | the types, a file for each family; each stands in GitHub's schema too |
//! | `schema` | the files read as one, documents checked against it |
//! | `types` | what the fields of a type are, one file for each; node ids |
//! | `mutation` | the table of mutations, one file for each family |
//! | `run` | a document carried out; errors as GitHub words them |
//! | `page` | connections by cursor |
//! | `cost` | what a document takes from the hour's points |
//!
//! A type needs its part of the schema, a file in `types` and its line in `types::TYPES`; a
//! mutation its part of the schema, a function and its line in `mutation::MUTATIONS`. A field that
//! the schema has and the type's file has not is an error that names both.

mod cost;
mod mutation;
mod page;
mod run;
mod schema;
mod types;

pub(super) use run::Asked;
pub(super) use schema::text;

use serde_json::Value;

use super::trouble::Trouble;

/// What a field is answered with.
#[derive(Clone, Debug)]
pub(super) enum Out {
    /// A scalar, an enum's word, `null`, or a list of these.
    Leaf(Value),
    /// A thing whose fields are asked one by one.
    Node(Node),
    /// A connection over these, cut by the field's `first`, `after`, `last`, `before`.
    Page(Vec<Self>),
    /// A list without pages.
    List(Vec<Self>),
    /// An object whose fields are known already; its type is the field's own.
    Fields(Vec<(&'static str, Self)>),
}

/// Something of a type in `types::TYPES`.
#[derive(Clone, Debug, Default)]
pub(super) struct Node {
    /// The type's name.
    pub(super) of: &'static str,
    /// The repository it is in; 0 where it is in none.
    pub(super) repo: u64,
    /// Its number in this world; of a pull request or issue its number in the repository.
    pub(super) id: u64,
    /// What names it where no number does: an account's name, a commit's hash.
    pub(super) text: String,
}

/// A field's arguments, or a mutation's input.
pub(super) struct Args(Value);

impl Node {
    pub(super) fn of(of: &'static str, repo: u64, id: u64) -> Self {
        Self {
            of,
            repo,
            id,
            text: String::new(),
        }
    }

    pub(super) fn named(of: &'static str, repo: u64, text: &str) -> Self {
        Self {
            of,
            repo,
            id: 0,
            text: text.to_owned(),
        }
    }
}

impl Out {
    pub(super) const NULL: Self = Self::Leaf(Value::Null);

    pub(super) fn leaf(value: impl Into<Value>) -> Self {
        Self::Leaf(value.into())
    }

    /// A number beyond 32 bits, which GitHub writes as text.
    pub(super) fn big(value: u64) -> Self {
        Self::Leaf(value.to_string().into())
    }

    pub(super) fn maybe(node: Option<Node>) -> Self {
        node.map_or(Self::NULL, Self::Node)
    }
}

impl Args {
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0[name].as_str()
    }

    pub(super) fn number(&self, name: &str) -> Option<u64> {
        self.0[name].as_u64()
    }

    /// An argument that the schema demands.
    pub(super) fn need(&self, name: &str) -> &str {
        self.text(name).unwrap_or_default()
    }
}

/// GitHub's word for something that is not there, or not to be seen.
fn unresolved(what: &str) -> Trouble {
    Trouble::new(404, format!("Could not resolve to {what}."))
}

#[cfg(test)]
mod tests;
