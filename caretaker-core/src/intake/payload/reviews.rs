//! `pull_request_review`: verdicts of reviewers.

use crate::model::{Number, Subject};

use super::super::draft::{Draft, Reading};
use super::super::inbound::Inbound;
use super::{id_part, time_part};

pub(super) fn read(inbound: &Inbound<'_>) -> Option<Reading> {
    inbound.repo()?;
    let [pull, review] = inbound.body.fields(["pull_request", "review"]);
    let [number, updated] = pull.fields(["number", "updated_at"]);
    let [id, submitted] = review.fields(["id", "submitted_at"]);
    id.id()?;
    // Editing and dismissing leave the review's own time alone, so the pull request's joins it.
    let (at, parts) = if inbound.action() == "submitted" {
        (
            submitted.time(),
            vec![id_part(id), time_part(submitted.time())],
        )
    } else {
        (updated.time(), vec![id_part(id), time_part(updated.time())])
    };
    let draft = Draft::about(Subject::Pull(Number::new(number.id()?)))
        .at(at)
        .known_by(parts);
    Some(Reading::one(draft).echo_if(inbound.by_bot()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::model::{EventKind, Number, Subject};

    use super::super::super::sample::only;

    #[test]
    fn a_review_is_about_its_pull_request_and_every_edit_is_an_act_of_its_own() {
        let review = |action, updated| {
            let event = only(
                "pull_request_review",
                json!({"action": action, "pull_request": {"number": 4, "updated_at": updated},
                    "review": {"id": 1, "submitted_at": "2019-05-15T15:20:21Z"}}),
            );
            assert_eq!(event.subject, Subject::Pull(Number::new(4)));
            (event.kind, event.edge_identity)
        };
        let (early, late) = ("2019-05-15T15:20:22Z", "2019-05-15T15:20:23Z");
        assert_eq!(review("submitted", early).0, EventKind::ReviewSubmitted);
        assert_eq!(review("submitted", early), review("submitted", late));
        assert_ne!(review("edited", early), review("edited", late));
    }
}
