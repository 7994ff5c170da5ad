//! Accounts: people, bots and organisations. What they may do in a repository stands in `repo`.

use serde_json::{Value, json};

/// What kind of account it is, as GitHub's `type` spells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Person,
    Bot,
    Organization,
}

/// One account.
#[derive(Clone, Debug)]
pub(crate) struct User {
    pub(crate) id: u64,
    pub(crate) login: String,
    pub(crate) kind: Kind,
}

/// Every account that was ever named; naming one makes it exist.
#[derive(Debug, Default)]
pub(crate) struct Users(Vec<User>);

impl Users {
    /// The account of that name, made on first use; a name in `[bot]` makes a bot.
    pub(crate) fn named(&mut self, login: &str) -> User {
        if let Some(user) = self.find(login) {
            return user.clone();
        }
        let kind = if login.ends_with("[bot]") {
            Kind::Bot
        } else {
            Kind::Person
        };
        self.add(login, kind)
    }

    pub(crate) fn add(&mut self, login: &str, kind: Kind) -> User {
        let user = User {
            id: 5_000 + self.0.len() as u64,
            login: login.to_owned(),
            kind,
        };
        self.0.push(user.clone());
        user
    }

    pub(crate) fn find(&self, login: &str) -> Option<&User> {
        self.0
            .iter()
            .find(|user| user.login.eq_ignore_ascii_case(login))
    }

    pub(crate) fn numbered(&self, id: u64) -> Option<&User> {
        self.0.iter().find(|user| user.id == id)
    }

    /// As GitHub shows an account; `null` for one that is gone.
    pub(crate) fn json(&self, login: &str) -> Value {
        self.find(login).map_or(Value::Null, User::json)
    }
}

impl User {
    pub(crate) fn json(&self) -> Value {
        let kind = match self.kind {
            Kind::Person => "User",
            Kind::Bot => "Bot",
            Kind::Organization => "Organization",
        };
        let page = match self.kind {
            Kind::Bot => format!("apps/{}", self.login.trim_end_matches("[bot]")),
            Kind::Person | Kind::Organization => self.login.clone(),
        };
        json!({
            "login": self.login,
            "id": self.id,
            "node_id": format!("U_{}", self.id),
            "avatar_url": format!("https://avatars.githubusercontent.com/u/{}", self.id),
            "gravatar_id": "",
            "html_url": format!("https://github.com/{page}"),
            "type": kind,
            "site_admin": false,
        })
    }
}

impl super::state::State {
    /// Whether an account is a person's.
    pub(crate) fn is_person(&self, login: &str) -> bool {
        let known = self.users.find(login);
        known.is_some_and(|user| user.kind == Kind::Person)
    }
}
