//! `pull_request`: acts on a pull request itself.

use crate::model::{Number, Subject};

use super::super::draft::{Draft, Reading};
use super::super::inbound::Inbound;
use super::{item_act, may_echo};

pub(super) fn read(inbound: &Inbound<'_>) -> Option<Reading> {
    inbound.repo()?;
    inbound.lacks(["review", "comment", "thread"])?;
    let [pull, label] = inbound.body.fields(["pull_request", "label"]);
    let number = Number::new(pull.field("number").id()?);
    let (at, identity) = item_act(inbound, pull, label);
    let draft = Draft::about(Subject::Pull(number))
        .at(at)
        .known_by(identity);
    Some(Reading::one(draft).echo_if(inbound.by_bot() && may_echo(inbound.action())))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::model::{EventKind, Number, Subject};

    use super::super::super::sample::{RECEIVED, only, why_unheard};

    #[test]
    fn an_act_on_a_pull_request_is_about_it_at_the_time_of_the_act() {
        let body = |action| {
            json!({"action": action, "pull_request": {"number": 2,
                "created_at": "2019-05-15T15:20:01Z", "updated_at": "2019-05-15T15:20:02Z",
                "closed_at": "2019-05-15T15:20:03Z"}})
        };
        for (action, kind, second) in [
            ("opened", EventKind::PullOpened, 1),
            ("synchronize", EventKind::PullPushed, 2),
            ("closed", EventKind::PullClosed, 3),
        ] {
            let event = only("pull_request", body(action));
            assert_eq!(
                (event.kind, event.subject),
                (kind, Subject::Pull(Number::new(2)))
            );
            assert_eq!(event.at.to_string(), format!("2019-05-15T15:20:0{second}Z"));
        }
    }

    #[test]
    fn odd_types_count_as_absent() {
        let odd_time =
            json!({"action": "edited", "pull_request": {"number": 2, "updated_at": 1.5}});
        assert_eq!(only("pull_request", odd_time).at, RECEIVED);
        for pull in [
            json!([]),
            json!({"number": "2"}),
            json!({"number": 0}),
            json!(null),
        ] {
            let body = json!({"action": "opened", "pull_request": pull});
            assert_eq!(why_unheard("pull_request", body), Some("does_not_fit"));
        }
    }
}
