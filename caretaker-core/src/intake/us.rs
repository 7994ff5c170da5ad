//! Who we are at the forge, as far as deliveries must be told from our own echoes.

use crate::model::{AccountId, Actor, AppId, Login, Marker};

/// Our identities; what is not configured is nobody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Us {
    /// Our App, when we act as one.
    pub app_id: Option<AppId>,
    /// Name of the App's bot user, `name[bot]`.
    pub bot_login: Option<Login>,
    /// Number of the App's bot user; where known it decides, not the name.
    pub bot_id: Option<AccountId>,
    /// The person whose token we act with, when we act with one.
    pub token_user: Option<AccountId>,
    /// Contexts under which we set commit statuses.
    pub contexts: Vec<String>,
}

impl Us {
    /// Whether the account is our App's bot user.
    pub(super) fn is_bot(&self, actor: &Actor) -> bool {
        match (self.bot_id, actor.id) {
            (Some(ours), Some(theirs)) => ours == theirs,
            _ => self
                .bot_login
                .as_ref()
                .is_some_and(|ours| ours.same(&actor.login)),
        }
    }

    /// Whether the account is the person whose token we use: we and that person look alike.
    pub(super) fn is_token_user(&self, actor: &Actor) -> bool {
        self.token_user.is_some() && self.token_user == actor.id
    }

    /// Whether a comment of the token's user was written by us: our comments begin with a marker,
    /// so a person who quotes one further down stays heard.
    pub(super) fn wrote(&self, actor: &Actor, body: &str) -> bool {
        self.is_token_user(actor)
            && body.trim_start().starts_with("<!--")
            && Marker::find(body).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn actor(login: &str, id: Option<u64>) -> Actor {
        Actor {
            login: Login::new(login),
            id: id.map(AccountId::new),
            bot: false,
        }
    }

    #[test]
    fn the_number_decides_where_both_are_known_and_else_the_name() {
        let us = Us {
            bot_login: Some(Login::new("caretaker[bot]")),
            bot_id: Some(AccountId::new(9)),
            ..Us::default()
        };
        assert!(us.is_bot(&actor("renamed[bot]", Some(9))));
        assert!(!us.is_bot(&actor("caretaker[bot]", Some(8))));
        assert!(us.is_bot(&actor("Caretaker[bot]", None)));
    }

    #[test]
    fn nobody_configured_is_nobody() {
        assert!(!Us::default().is_bot(&actor("ghost", None)));
        assert!(!Us::default().is_token_user(&actor("ghost", None)));
    }

    #[test]
    fn a_quoted_marker_is_the_person_speaking() {
        let us = Us {
            token_user: Some(AccountId::new(5)),
            ..Us::default()
        };
        let me = actor("me", Some(5));
        assert!(us.wrote(&me, "<!-- caretaker:status -->\nwait"));
        assert!(!us.wrote(&me, "> <!-- caretaker:status -->\n@caretaker merge"));
        assert!(!us.wrote(&me, "<!-- note to self -->"));
        assert!(!us.wrote(&actor("other", Some(6)), "<!-- caretaker:status -->"));
    }
}
