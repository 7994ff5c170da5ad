//! The whole simulated GitHub as one value, with its counters and its lookups.

use std::collections::{BTreeMap, BTreeSet};

use caretaker_core::model::{Timestamp, digest};
use serde_json::Value;

use super::app::{ACTIONS, App, AppHook, Installation};
use super::commit::Commits;
use super::delivery_log::Logbook;
use super::faults::Faults;
use super::grant::Grant;
use super::http::Sent;
use super::issue::Item;
use super::limit::Limits;
use super::log::Entry;
use super::repo::Repo;
use super::trouble::Trouble;
use super::user::{Kind, Users};
use super::webhook::Outbox;
use super::who::{By, Who};

/// The numbers of our App and its installation in the default world.
pub(crate) const OUR_APP: u64 = 7;
const OUR_INSTALLATION: u64 = 77;

/// With what the port face asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    App,
    Token(String),
    None,
}

/// A token somebody may present over HTTP.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) who: Who,
    pub(crate) until: Option<Timestamp>,
}

/// Everything.
#[derive(Debug)]
pub(crate) struct State {
    /// The clock's time at the start of the current step; seeds set it back.
    pub(crate) now: Timestamp,
    /// Address of the REST face, for the links in answers.
    pub(crate) base: String,
    /// While set, nothing is delivered: the past that a seed tells.
    pub(crate) quiet: bool,
    pub(crate) users: Users,
    pub(crate) app: App,
    pub(crate) others: BTreeMap<u64, App>,
    pub(crate) installation: Installation,
    /// Where our App is installed too: repositories of these accounts belong to them.
    pub(crate) elsewhere: Vec<Installation>,
    /// Where our App's webhooks go.
    pub(crate) webhook: AppHook,
    /// What became of them.
    pub(crate) logbook: Logbook,
    /// The App's public key, PKCS#1 DER; without one a JWT's signature is not checked.
    pub(crate) app_key: Option<Vec<u8>>,
    pub(crate) repos: BTreeMap<u64, Repo>,
    pub(crate) commits: Commits,
    /// Trees that were made through the API, by hash.
    pub(crate) trees: BTreeMap<String, BTreeMap<String, String>>,
    /// Members by `org/slug`, in lower case.
    pub(crate) teams: BTreeMap<String, Vec<String>>,
    pub(crate) outbox: Outbox,
    pub(crate) log: Vec<Entry>,
    pub(crate) faults: Faults,
    pub(crate) limits: Limits,
    pub(crate) access: Access,
    /// Whose token we hold beside our App's credentials.
    pub(crate) person: Option<String>,
    /// Whether issues can be given to Copilot.
    pub(crate) copilot: bool,
    pub(crate) tokens: BTreeMap<String, Token>,
    /// Comments of our bot that a test has looked at.
    pub(crate) seen: BTreeSet<u64>,
    /// Requests that a well-made client would not send.
    pub(crate) violations: Vec<String>,
    /// Deliveries handed over by HTTP, with what came of each.
    pub(crate) sent: Vec<Sent>,
    /// Entries of a tree that are shown at most.
    pub(crate) tree_shown: usize,
    /// Grows with every change of the world.
    pub(crate) changes: u64,
    /// Points that the call under way took.
    pub(crate) spent: u32,
    last_id: u64,
}

impl State {
    pub(crate) fn new(now: Timestamp) -> Self {
        let app = App::new(OUR_APP, "caretaker");
        let mut users = Users::default();
        users.add("octo", Kind::Organization);
        users.add(&app.bot(), Kind::Bot);
        users.add("github-actions[bot]", Kind::Bot);
        Self {
            now,
            base: "https://api.github.com".to_owned(),
            quiet: false,
            users,
            app,
            others: BTreeMap::from([(ACTIONS, App::new(ACTIONS, "github-actions"))]),
            installation: Installation::on(OUR_INSTALLATION, "octo"),
            elsewhere: Vec::new(),
            webhook: AppHook::default(),
            logbook: Logbook::default(),
            app_key: None,
            repos: BTreeMap::new(),
            commits: Commits::default(),
            trees: BTreeMap::new(),
            teams: BTreeMap::new(),
            outbox: Outbox::default(),
            log: Vec::new(),
            faults: Faults::default(),
            limits: Limits::default(),
            access: Access::App,
            person: None,
            copilot: false,
            tokens: BTreeMap::new(),
            seen: BTreeSet::new(),
            violations: Vec::new(),
            sent: Vec::new(),
            tree_shown: super::tree::SHOWN,
            changes: 0,
            spent: 0,
            last_id: 1_000,
        }
    }

    /// The next number of a comment, review, check or anything else that has one.
    pub(crate) fn id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    /// A token that nobody guesses and every run repeats.
    pub(crate) fn fresh_token(&mut self, prefix: &str) -> String {
        let n = self.id().to_string();
        format!("{prefix}_{}", &digest(&["token", &n])[..36])
    }

    pub(crate) fn repo(&self, id: u64) -> &Repo {
        self.repos
            .get(&id)
            .expect("invariant: handles are made from repositories, which never go")
    }

    pub(crate) fn repo_mut(&mut self, id: u64) -> &mut Repo {
        self.repos
            .get_mut(&id)
            .expect("invariant: handles are made from repositories, which never go")
    }

    /// The repository that bears a name, case aside.
    pub(crate) fn repo_named(&self, owner: &str, name: &str) -> Option<u64> {
        self.repos
            .values()
            .find(|repo| {
                repo.owner.eq_ignore_ascii_case(owner) && repo.name.eq_ignore_ascii_case(name)
            })
            .map(|repo| repo.id)
    }

    pub(crate) fn item(&self, repo: u64, number: u64) -> Result<&Item, Trouble> {
        let items = &self.repo(repo).items;
        items.get(&number).ok_or_else(Trouble::not_found)
    }

    pub(crate) fn item_mut(&mut self, repo: u64, number: u64) -> Result<&mut Item, Trouble> {
        let items = &mut self.repo_mut(repo).items;
        items.get_mut(&number).ok_or_else(Trouble::not_found)
    }

    /// Notes that something about an item changed just now.
    pub(crate) fn touch(&mut self, repo: u64, number: u64) {
        let now = self.now;
        if let Ok(item) = self.item_mut(repo, number) {
            item.updated = now;
        }
    }

    pub(crate) fn repo_url(&self, repo: u64) -> String {
        format!("{}/repos/{}", self.base, self.repo(repo).full_name())
    }

    /// An App by number: ours or another.
    pub(crate) fn app_of(&self, id: u64) -> &App {
        if id == self.app.id {
            return &self.app;
        }
        self.others.get(&id).unwrap_or(&self.others[&ACTIONS])
    }

    /// Ourselves, as the port face acts; `None` without credentials.
    pub(crate) fn us(&self) -> Option<Who> {
        let (login, by) = match &self.access {
            Access::App => (self.app.bot(), By::Installation),
            Access::Token(login) => (login.clone(), By::Token),
            Access::None => return None,
        };
        Some(Who {
            login,
            by,
            grant: Grant::default(),
        })
    }

    /// As GitHub's `performed_via_github_app` shows it.
    pub(crate) fn via_json(&self, via_app: bool) -> Value {
        if via_app {
            self.app.json(&self.users.json(&self.installation.account))
        } else {
            Value::Null
        }
    }

    /// Our App's installation on an account; the first one where the account has none of its own.
    pub(crate) fn installation_on(&self, account: &str) -> &Installation {
        let own = self.elsewhere.iter().find(|one| one.account == account);
        own.unwrap_or(&self.installation)
    }

    /// Our installation as its routes and events show it.
    pub(crate) fn installation_json(&self) -> Value {
        self.installed_json(&self.installation)
    }
}

/// Copies the fields of one object into another.
pub(crate) fn merge(into: &mut Value, from: &Value) {
    if let (Some(into), Some(from)) = (into.as_object_mut(), from.as_object()) {
        for (key, value) in from {
            into.insert(key.clone(), value.clone());
        }
    }
}
