//! What people can tell us to do. What each verb means and how it is spelled is in
//! [`crate::commands`].

use serde::{Deserialize, Serialize};

/// A verb of a command in a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// Says what stands against merging.
    Why,
    /// Opts the pull request in to merging.
    Merge,
    /// Stops merging.
    Hold,
    /// Takes a hold back.
    Resume,
    /// Says what can be said.
    Help,
    /// We were addressed, but with no verb that we know; answered like [`Verb::Help`].
    Unknown,
}
