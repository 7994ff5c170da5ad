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
    use serde_json::json;

    use super::super::sample::{app, bot, comment, projected, token};
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

    #[test]
    fn what_our_bot_user_writes_labels_assigns_and_edits_is_an_echo() {
        let issue = || json!({"number": 1, "updated_at": "2019-05-15T15:20:21Z"});
        let pull = || json!({"number": 1});
        let label = json!({"name": "x"});
        let echoes = [
            ("issue_comment", comment(7)),
            (
                "issue_comment",
                json!({"action": "edited", "issue": issue(), "comment": {"id": 1}}),
            ),
            (
                "pull_request_review_comment",
                json!({"action": "created", "pull_request": pull(), "comment": {"id": 1}}),
            ),
            (
                "pull_request_review",
                json!({"action": "submitted", "pull_request": pull(), "review": {"id": 1}}),
            ),
            (
                "issues",
                json!({"action": "labeled", "issue": issue(), "label": label}),
            ),
            (
                "issues",
                json!({"action": "unlabeled", "issue": issue(), "label": label}),
            ),
            ("issues", json!({"action": "assigned", "issue": issue()})),
            (
                "pull_request",
                json!({"action": "edited", "pull_request": pull()}),
            ),
        ];
        for (event, mut body) in echoes {
            let by_other = projected(event, body.clone(), &app());
            assert_ne!(by_other.unheard, Some("echo"), "{event} of somebody else");
            body["sender"] = bot();
            let by_us = projected(event, body, &app());
            assert_eq!(
                (by_us.unheard, by_us.events.len()),
                (Some("echo"), 0),
                "{event}"
            );
            assert_eq!(
                by_us.learned.len(),
                1,
                "an echo still teaches its repository"
            );
        }
    }

    #[test]
    fn opening_pushing_and_closing_are_heard_even_from_our_bot_user() {
        for action in [
            "opened",
            "reopened",
            "synchronize",
            "ready_for_review",
            "closed",
        ] {
            let body = json!({"action": action, "pull_request": {"number": 1}, "sender": bot()});
            assert_eq!(
                projected("pull_request", body, &app()).unheard,
                None,
                "{action}"
            );
        }
        let body = json!({"action": "closed", "issue": {"number": 1}, "sender": bot()});
        assert_eq!(projected("issues", body, &app()).unheard, None);
    }

    #[test]
    fn with_a_token_only_marked_comments_are_echoes_and_the_rest_is_no_human_act() {
        let mut marked = comment(7);
        marked["comment"]["body"] = json!("<!-- caretaker:status -->\nwait");
        assert_eq!(
            projected("issue_comment", marked, &token()).unheard,
            Some("echo")
        );
        let plain = projected("issue_comment", comment(7), &token());
        assert!(plain.events[0].actor.as_ref().unwrap().bot);
        let labeled = json!({"action": "labeled", "issue": {"number": 1}, "label": {"name": "x"}});
        assert_eq!(projected("issues", labeled, &token()).unheard, None);
        let mut other = comment(7);
        other["sender"] = json!({"login": "bob", "id": 6});
        let other = projected("issue_comment", other, &token());
        assert!(!other.events[0].actor.as_ref().unwrap().bot);
    }
}
