//! Pieces that many of GitHub's answers share.

use caretaker_core::model::{AccountId, Actor, AppId, Label, Login, Timestamp};
use serde::{Deserialize, Deserializer, de::Error as _};

/// A time as GitHub writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct When(pub(crate) Timestamp);

impl<'de> Deserialize<'de> for When {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Timestamp::parse_rfc3339(&text)
            .map(Self)
            .ok_or_else(|| D::Error::custom("not a time"))
    }
}

/// An account; GitHub writes `null` where it is gone.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct UserShape {
    pub(crate) login: String,
    pub(crate) id: Option<u64>,
    #[serde(rename = "type", default)]
    kind: Option<String>,
}

/// An account as GraphQL shows it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct ActorShape {
    #[serde(rename = "__typename")]
    kind: String,
    login: String,
    #[serde(rename = "databaseId", default)]
    id: Option<u64>,
}

impl ActorShape {
    /// As REST shows it: a bot's name ends in `[bot]` there.
    pub(crate) fn user(self) -> UserShape {
        let login = if self.kind == "Bot" && !self.login.ends_with("[bot]") {
            format!("{}[bot]", self.login)
        } else {
            self.login
        };
        UserShape {
            login,
            id: self.id,
            kind: Some(self.kind),
        }
    }
}

/// An App as items, comments and checks name it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct AppShape {
    pub(crate) id: u64,
}

impl AppShape {
    pub(crate) fn id(&self) -> AppId {
        AppId::new(self.id)
    }
}

/// A label: an object, or only its name.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum LabelShape {
    Name(String),
    Object { name: Option<String> },
}

impl LabelShape {
    pub(crate) fn label(self) -> Option<Label> {
        match self {
            Self::Name(name) | Self::Object { name: Some(name) } => Some(Label::new(name)),
            Self::Object { name: None } => None,
        }
    }
}

/// The account, `ghost` where there is none any more.
pub(crate) fn actor(user: Option<&UserShape>) -> Actor {
    match user {
        Some(user) => Actor {
            login: Login::new(&user.login),
            id: user.id.map(AccountId::new),
            bot: user.kind.as_deref() == Some("Bot"),
        },
        None => Actor {
            login: Login::new("ghost"),
            id: None,
            bot: false,
        },
    }
}
