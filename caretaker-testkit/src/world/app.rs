//! GitHub Apps: ours with its installation and permissions, and those that report checks.

use std::collections::BTreeMap;

use caretaker_core::intake::Us;
use caretaker_core::model::{AppId, Login};
use serde_json::{Value, json};

use super::World;
use super::grant::includes;

/// GitHub's own App for workflows, under its real number.
pub(crate) const ACTIONS: u64 = 15_368;

/// An App as checks name their author.
#[derive(Clone, Debug)]
pub(crate) struct App {
    pub(crate) id: u64,
    pub(crate) slug: String,
    pub(crate) permissions: BTreeMap<String, String>,
}

/// Our App's installation on the account that owns the repositories.
#[derive(Clone, Debug)]
pub(crate) struct Installation {
    pub(crate) id: u64,
    pub(crate) account: String,
    pub(crate) suspended: bool,
}

/// The permissions a full installation grants.
pub(crate) const FULL: &[(&str, &str)] = &[
    ("actions", "write"),
    ("checks", "write"),
    ("contents", "write"),
    ("issues", "write"),
    ("members", "read"),
    ("metadata", "read"),
    ("pull_requests", "write"),
    ("secret_scanning_alerts", "read"),
    ("security_events", "read"),
    ("statuses", "write"),
    ("vulnerability_alerts", "read"),
];

impl App {
    pub(crate) fn new(id: u64, slug: &str) -> Self {
        Self {
            id,
            slug: slug.to_owned(),
            permissions: FULL
                .iter()
                .map(|(name, level)| ((*name).to_owned(), (*level).to_owned()))
                .collect(),
        }
    }

    /// Its bot account.
    pub(crate) fn bot(&self) -> String {
        format!("{}[bot]", self.slug)
    }

    /// Whether it holds the permission at the level; write includes read.
    pub(crate) fn may(&self, permission: &str, write: bool) -> bool {
        includes(self.permissions.get(permission).map(String::as_str), write)
    }

    pub(crate) fn json(&self, owner: &Value) -> Value {
        json!({
            "id": self.id,
            "slug": self.slug,
            "node_id": format!("A_{}", self.id),
            "client_id": format!("Iv1.{:016x}", self.id),
            "name": self.slug,
            "owner": owner,
            "description": "",
            "external_url": "https://example.invalid",
            "html_url": format!("https://github.com/apps/{}", self.slug),
            "created_at": "2024-01-01T00:00:00Z",
            "updated_at": "2024-01-01T00:00:00Z",
            "permissions": self.permissions,
            "events": [
                "check_run", "check_suite", "issue_comment", "issues", "pull_request",
                "pull_request_review", "push", "repository", "status",
            ],
        })
    }
}

impl World {
    /// Who our App is, as the server learns it at start.
    pub fn us(&self) -> Us {
        self.with(|state| Us {
            app_id: Some(AppId::new(state.app.id)),
            bot_login: Some(Login::new(state.app.bot())),
            ..Us::default()
        })
    }
}
