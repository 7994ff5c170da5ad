//! GitHub Apps: ours with its installation and permissions, and those that report checks.

use std::collections::{BTreeMap, BTreeSet};

use caretaker_core::intake::Us;
use caretaker_core::model::{AppId, Login};
use serde_json::{Value, json};

use super::World;
use super::grant::includes;
use super::state::State;

/// GitHub's own App for workflows, under its real number.
pub(crate) const ACTIONS: u64 = 15_368;

/// An App as checks name their author.
#[derive(Clone, Debug)]
pub(crate) struct App {
    pub(crate) id: u64,
    pub(crate) slug: String,
    pub(crate) permissions: BTreeMap<String, String>,
    /// Webhook events that it is subscribed to.
    pub(crate) events: Vec<String>,
}

/// Our App's installation on the account that owns the repositories, or on another one.
#[derive(Clone, Debug)]
pub(crate) struct Installation {
    pub(crate) id: u64,
    pub(crate) account: String,
    pub(crate) suspended: bool,
    /// Permissions that the App asks for and the account's owner has not agreed to.
    pub(crate) declined: BTreeSet<String>,
}

/// Where our App's webhooks go.
#[derive(Clone, Debug)]
pub(crate) struct AppHook {
    /// The address; `None`: there is none.
    pub(crate) url: Option<String>,
    pub(crate) secret: bool,
    pub(crate) json: bool,
    pub(crate) insecure: bool,
}

impl Default for AppHook {
    fn default() -> Self {
        Self {
            url: Some("https://caretaker.example/webhooks/github".to_owned()),
            secret: true,
            json: true,
            insecure: false,
        }
    }
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

/// What an App is subscribed to where nothing else is said.
const EVENTS: &[&str] = &[
    "check_run",
    "check_suite",
    "issue_comment",
    "issues",
    "pull_request",
    "pull_request_review",
    "push",
    "repository",
    "status",
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
            events: EVENTS.iter().map(ToString::to_string).collect(),
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
            "events": self.events,
        })
    }
}

impl Installation {
    pub(crate) fn on(id: u64, account: &str) -> Self {
        Self {
            id,
            account: account.to_owned(),
            suspended: false,
            declined: BTreeSet::new(),
        }
    }
}

impl State {
    /// What an installation grants: what the App asks for, as far as its owner agreed.
    pub(crate) fn granted(&self, on: &Installation) -> BTreeMap<&str, &str> {
        let asked = self.app.permissions.iter();
        asked
            .filter(|(name, _)| !on.declined.contains(*name))
            .map(|(name, level)| (name.as_str(), level.as_str()))
            .collect()
    }

    /// An installation as its routes and events show it.
    pub(crate) fn installed_json(&self, on: &Installation) -> Value {
        let account = self.users.json(&on.account);
        json!({
            "id": on.id,
            "account": account,
            "app_id": self.app.id,
            "app_slug": self.app.slug,
            "target_id": account["id"],
            "target_type": account["type"],
            "repository_selection": "selected",
            "access_tokens_url":
                format!("{}/app/installations/{}/access_tokens", self.base, on.id),
            "repositories_url": format!("{}/installation/repositories", self.base),
            "html_url": "https://github.com/settings/installations",
            "permissions": self.granted(on),
            "events": self.app.events,
            "single_file_name": null,
            "suspended_at": on.suspended.then(|| self.now.to_string()),
            "suspended_by": null,
            "created_at": "2024-01-01T00:00:00Z",
            "updated_at": "2024-01-01T00:00:00Z",
        })
    }

    /// The App's own webhook as its route shows it.
    pub(crate) fn webhook_json(&self) -> Value {
        let hook = &self.webhook;
        let mut told = json!({
            "content_type": if hook.json { "json" } else { "form" },
            "insecure_ssl": if hook.insecure { "1" } else { "0" },
            "url": hook.url,
        });
        if hook.secret {
            told["secret"] = json!("********");
        }
        told
    }
}

impl World {
    /// Subscribes our App to exactly these events, as far as its settings tell.
    pub fn subscribe(&self, events: &[&str]) {
        let events = events.iter().map(ToString::to_string).collect();
        self.with(|state| state.app.events = events);
    }

    /// The owner of our App's account has not agreed to a permission that the App asks for.
    pub fn decline(&self, permission: &str) {
        self.with(|state| {
            state.installation.declined.insert(permission.to_owned());
        });
    }

    /// Installs our App on another account too; what happens in that account's repositories is
    /// told with its number.
    pub fn install_elsewhere(&self, account: &str) {
        self.with(|state| {
            state.users.named(account);
            let id = 10_000 + u64::try_from(state.elsewhere.len()).unwrap_or(0);
            state.elsewhere.push(Installation::on(id, account));
        });
    }

    /// Sets the address to which our App's webhooks go, as far as its settings tell; `None` takes
    /// it away. Without a secret they are not signed.
    pub fn webhook(&self, url: Option<&str>, secret: bool) {
        self.with(|state| {
            state.webhook.url = url.map(str::to_owned);
            state.webhook.secret = secret;
        });
    }

    /// Has bodies sent as forms, and the receiver's certificate not checked, as far as settings
    /// tell.
    pub fn webhook_badly_set(&self) {
        self.with(|state| {
            state.webhook.json = false;
            state.webhook.insecure = true;
        });
    }

    /// Who our App is, as the server learns it at start.
    pub fn us(&self) -> Us {
        self.with(|state| Us {
            app_id: Some(AppId::new(state.app.id)),
            bot_login: Some(Login::new(state.app.bot())),
            ..Us::default()
        })
    }
}
