//! The App itself as the forge knows it: what it may, what it hears, where it is installed, where
//! its webhooks go and what became of them.

mod grants;
mod log;

use std::collections::BTreeSet;

pub use grants::{Grant, Grants};
pub use log::{Attempt, AttemptId, LogPage, Logged};

use super::{Account, AppId, InstallationId, Timestamp};

/// The App that we are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnApp {
    /// Its number.
    pub id: AppId,
    /// Its short name, as it stands in its bot's login.
    pub slug: String,
    /// What it asks for; an installation grants this or, before its owner agreed, less.
    pub grants: Grants,
    /// Names of the webhook events it is subscribed to. What every App gets unasked
    /// (`installation`, `ping` and the like) is not in it.
    pub events: BTreeSet<String>,
}

/// The App on one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installation {
    /// Its number.
    pub id: InstallationId,
    /// Whose it is.
    pub account: Account,
    /// What was granted.
    pub grants: Grants,
    /// Webhook events that it sends.
    pub events: BTreeSet<String>,
    /// Which repositories it covers.
    pub selection: Selection,
    /// Since when it is suspended; `None` when it works.
    pub suspended: Option<Timestamp>,
}

/// Which repositories of its account an installation covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Selection {
    /// All there are and will be.
    All,
    /// Those that were chosen.
    Selected,
}

/// Where the forge sends the App's webhooks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    /// The address; `None` when there is none.
    pub url: Option<String>,
    /// Whether deliveries are signed. The secret itself is never shown.
    pub has_secret: bool,
    /// Whether bodies are JSON; else they are forms.
    pub json: bool,
    /// Whether the receiver's certificate is not checked.
    pub insecure: bool,
}

/// What is left of an hour's requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestBudget {
    /// Requests in an hour.
    pub limit: u64,
    /// Those that are left.
    pub remaining: u64,
    /// When the next hour begins.
    pub reset: Timestamp,
}
