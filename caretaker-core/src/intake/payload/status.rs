//! `status`: commit statuses, the older kind of check.

use crate::model::Subject;

use super::super::draft::{Draft, Reading};
use super::super::inbound::Inbound;

pub(super) fn read(inbound: &Inbound<'_>) -> Option<Reading> {
    inbound.repo()?;
    let [sha, state, context, updated] =
        inbound
            .body
            .fields(["sha", "state", "context", "updated_at"]);
    let (sha, context) = (sha.sha()?, context.text()?);
    state.text()?;
    // An App sets checks, so a status of ours exists only with a personal token.
    let by_us = inbound
        .sender()
        .is_some_and(|sender| inbound.us.is_token_user(sender));
    let ours = by_us && inbound.us.contexts.iter().any(|ours| *ours == context);
    let draft = Draft::about(Subject::Commit(sha)).at(updated.time());
    Some(Reading::one(draft).echo_if(ours))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::super::sample::{SHA, app, bot, only, projected, token};

    fn status(context: &str) -> Value {
        json!({"id": 1, "sha": SHA, "state": "success", "context": context})
    }

    #[test]
    fn a_status_is_about_its_commit() {
        assert_eq!(
            only("status", status("ci")).subject.to_string(),
            format!("commit/{SHA}")
        );
    }

    #[test]
    fn only_our_context_set_with_our_token_is_an_echo() {
        let ours = "caretaker/readiness";
        assert_eq!(
            projected("status", status(ours), &token()).unheard,
            Some("echo")
        );
        assert_eq!(projected("status", status("ci"), &token()).unheard, None);
        let mut by_other = status(ours);
        by_other["sender"] = json!({"login": "bob", "id": 6});
        assert_eq!(projected("status", by_other, &token()).unheard, None);
        let mut by_bot = status(ours);
        by_bot["sender"] = bot();
        assert_eq!(projected("status", by_bot, &app()).unheard, None);
    }
}
