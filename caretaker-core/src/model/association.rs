//! What an account is to a repository, in the forge's own word.

use serde::{Deserialize, Serialize};

/// What an account is to a repository, as GitHub's `author_association` says it beside a text.
///
/// A word about people, never a right: what an account may do is [`super::ForgeQuery::Permission`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Association {
    /// Nothing, or a word we do not know.
    None,
    /// Stands for somebody who was imported from elsewhere.
    Mannequin,
    /// Has never contributed to anything on the forge.
    FirstTimer,
    /// Has never contributed to this repository.
    FirstTimeContributor,
    /// Has contributed to it.
    Contributor,
    /// Was invited to it.
    Collaborator,
    /// Belongs to the organisation that owns it.
    Member,
    /// Owns it.
    Owner,
}

impl Association {
    /// Reads GitHub's word, case aside.
    pub fn of_word(word: &str) -> Self {
        match word.to_ascii_uppercase().as_str() {
            "OWNER" => Self::Owner,
            "MEMBER" => Self::Member,
            "COLLABORATOR" => Self::Collaborator,
            "CONTRIBUTOR" => Self::Contributor,
            "FIRST_TIME_CONTRIBUTOR" => Self::FirstTimeContributor,
            "FIRST_TIMER" => Self::FirstTimer,
            "MANNEQUIN" => Self::Mannequin,
            _ => Self::None,
        }
    }
}
