//! Who we are on GitHub, and what of the things we read is therefore ours (decisions §11).

use caretaker_core::{
    model::{AccountId, AppId, Author, Login, Marker},
    ports::PortError,
};
use serde::Deserialize;

use crate::{
    auth::{Auth, Whom},
    client::{Client, Request},
    shape::{AppShape, UserShape, actor},
};

/// As whom we act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identity {
    /// An App, through its bot account.
    App {
        /// The App's number.
        id: AppId,
        /// Its bot's account name, `<slug>[bot]`.
        bot: Login,
    },
    /// A person whose token we were given.
    User {
        /// The account's number.
        id: AccountId,
        /// The account's name.
        login: Login,
    },
}

#[derive(Deserialize)]
struct OwnAppShape {
    id: u64,
    slug: String,
}

impl Identity {
    /// Asks GitHub.
    pub(crate) async fn ask(client: &Client) -> Result<Self, PortError> {
        const OP: &str = "forge.read.identity";
        match client.auth() {
            Auth::App(_) => {
                let request = Request::read(OP, "/app".to_owned());
                let app: OwnAppShape = client.send(Whom::App, &request).await?.parse(OP)?;
                Ok(Self::App {
                    id: AppId::new(app.id),
                    bot: Login::new(format!("{}[bot]", app.slug)),
                })
            }
            Auth::Token(_) | Auth::None => {
                let request = Request::read(OP, "/user".to_owned());
                let user: UserShape = client.send(Whom::User, &request).await?.parse(OP)?;
                let id = user
                    .id
                    .ok_or_else(|| crate::error::unintelligible(OP, "the user has no number"))?;
                Ok(Self::User {
                    id: AccountId::new(id),
                    login: Login::new(user.login),
                })
            }
        }
    }

    /// The author of something that has a text, or of nothing but itself.
    ///
    /// As a user only what carries a marker is ours: the same person writes for themselves too.
    pub(crate) fn author(
        &self,
        user: Option<&UserShape>,
        via: Option<&AppShape>,
        body: Option<&str>,
    ) -> Author {
        let actor = actor(user);
        let ours = match self {
            Self::App { id, bot } => {
                via.is_some_and(|app| app.id() == *id) || (user.is_some() && actor.login.same(bot))
            }
            Self::User { id, .. } => actor.id == Some(*id) && body.is_some_and(Marker::appears_in),
        };
        if ours {
            Author::Us
        } else if actor.is_automation() {
            Author::Bot(actor)
        } else {
            Author::Human(actor)
        }
    }

    /// The author of an act. What a user does through whose token we act is no sign of a person,
    /// because it cannot be told from our own doing.
    ///
    /// A person may act through our App, with a token that it gave them. A text that comes that way
    /// is ours, but an act counts by who did it: our own label lets a pull request in, and whoever
    /// may only label must not put on that.
    pub(crate) fn act_author(
        &self,
        user: Option<&UserShape>,
        via: Option<&AppShape>,
        body: Option<&str>,
    ) -> Author {
        match (self, self.author(user, via, body)) {
            (Self::User { id, .. }, Author::Human(actor)) if actor.id == Some(*id) => {
                Author::Bot(actor)
            }
            (Self::App { .. }, Author::Us) => {
                let actor = actor(user);
                if actor.is_automation() {
                    Author::Us
                } else {
                    Author::Human(actor)
                }
            }
            (Self::User { .. } | Self::App { .. }, author) => author,
        }
    }

    /// Whether it is the account that we act as, whoever else may act as it.
    pub(crate) fn is_account(&self, user: &UserShape) -> bool {
        match self {
            Self::App { bot, .. } => actor(Some(user)).login.same(bot),
            Self::User { id, .. } => user.id.map(AccountId::new) == Some(*id),
        }
    }

    /// Whether a check run of this App is ours.
    pub(crate) fn is_our_app(&self, app: AppId) -> bool {
        match self {
            Self::App { id, .. } => *id == app,
            Self::User { .. } => false,
        }
    }

    /// Whether a commit status by this account is ours.
    pub(crate) fn is_our_user(&self, user: Option<&UserShape>) -> bool {
        match self {
            Self::App { .. } => false,
            Self::User { id, .. } => user.and_then(|user| user.id).map(AccountId::new) == Some(*id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(text: &str) -> UserShape {
        serde_json::from_str(text).unwrap()
    }

    fn bot() -> Identity {
        Identity::App {
            id: AppId::new(7),
            bot: Login::new("caretaker[bot]"),
        }
    }

    fn person() -> Identity {
        Identity::User {
            id: AccountId::new(5),
            login: Login::new("octocat"),
        }
    }

    #[test]
    fn an_app_knows_its_own_by_number_and_by_bot_and_never_by_text() {
        let mallory = user(r#"{"login":"mallory","id":1,"type":"User"}"#);
        let own = user(r#"{"login":"Caretaker[bot]","id":2,"type":"Bot"}"#);
        let text = Some("<!-- caretaker:status -->");
        assert_eq!(bot().author(Some(&own), None, None), Author::Us);
        let via = AppShape { id: 7 };
        assert_eq!(bot().author(Some(&mallory), Some(&via), None), Author::Us);
        let other = AppShape { id: 8 };
        assert!(bot().author(Some(&mallory), Some(&other), text).is_human());
    }

    #[test]
    fn what_a_person_does_through_our_app_is_that_persons_act() {
        let mallory = user(r#"{"login":"mallory","id":1,"type":"User"}"#);
        let own = user(r#"{"login":"caretaker[bot]","id":2,"type":"Bot"}"#);
        let renamed = user(r#"{"login":"janitor[bot]","id":2,"type":"Bot"}"#);
        let via = AppShape { id: 7 };
        let act = |user| bot().act_author(user, Some(&via), None);
        // Of an account that is gone nobody knows whether it was a person's.
        for theirs in [Some(&mallory), None] {
            assert!(act(theirs).is_human());
        }
        for ours in [&own, &renamed] {
            assert_eq!(act(Some(ours)), Author::Us);
        }
        assert_eq!(bot().act_author(Some(&own), None, None), Author::Us);
    }

    #[test]
    fn a_user_owns_only_what_carries_a_marker() {
        let own = user(r#"{"login":"octocat","id":5,"type":"User"}"#);
        let text = Some("<!-- caretaker:status -->");
        assert_eq!(person().author(Some(&own), None, text), Author::Us);
        assert!(person().author(Some(&own), None, Some("hi")).is_human());
        assert!(!person().act_author(Some(&own), None, Some("hi")).is_human());
        let other = user(r#"{"login":"octocat2","id":6,"type":"User"}"#);
        assert!(person().author(Some(&other), None, text).is_human());
    }

    #[test]
    fn an_account_that_is_gone_is_the_ghost() {
        assert_eq!(bot().author(None, None, None).login(), Login::new("ghost"));
    }
}
