//! `check_run` and `check_suite`: what Apps say about a commit. About the commit, because half of
//! these bodies name no pull request; `fan_out` finds those.

use crate::model::{AppId, Subject};

use super::super::draft::{Draft, Reading};
use super::super::inbound::Inbound;
use super::super::part::Part;

pub(super) fn read_run(inbound: &Inbound<'_>) -> Option<Reading> {
    inbound.lacks(["deployment"])?;
    let run = inbound.body.field("check_run");
    let [started, completed] = run.fields(["started_at", "completed_at"]);
    let draft = about_commit(inbound, run)?.at(completed.time().or_else(|| started.time()));
    Some(Reading::one(draft).echo_if(ours(inbound, run)))
}

pub(super) fn read_suite(inbound: &Inbound<'_>) -> Option<Reading> {
    let suite = inbound.body.field("check_suite");
    let draft = about_commit(inbound, suite)?.at(suite.field("updated_at").time());
    Some(Reading::one(draft).echo_if(ours(inbound, suite)))
}

fn about_commit(inbound: &Inbound<'_>, check: Part<'_>) -> Option<Draft> {
    inbound.repo()?;
    Some(Draft::about(Subject::Commit(
        check.field("head_sha").sha()?,
    )))
}

fn ours(inbound: &Inbound<'_>, check: Part<'_>) -> bool {
    let app = check.field("app").field("id").id().map(AppId::new);
    app.is_some() && app == inbound.us.app_id
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::model::EventKind;

    use super::super::super::sample::{SHA, app, only, projected, why_unheard};

    fn run(action: &str, app: u64) -> Value {
        json!({"action": action, "check_run": {"head_sha": SHA, "app": {"id": app},
            "started_at": "2019-05-15T15:20:21Z", "completed_at": null, "pull_requests": []}})
    }

    #[test]
    fn a_check_is_about_its_commit_and_finished_only_when_completed() {
        let event = only("check_run", run("completed", 1));
        assert_eq!(event.kind, EventKind::CheckRunFinished);
        assert_eq!(event.subject.to_string(), format!("commit/{SHA}"));
        assert_eq!(event.at.to_string(), "2019-05-15T15:20:21Z");
        assert_eq!(
            only("check_run", run("created", 1)).kind,
            EventKind::CheckRunChanged
        );
    }

    #[test]
    fn checks_of_our_app_are_echoes_and_those_of_others_are_not() {
        let suite = |app: u64| json!({"action": "completed", "check_suite": {"head_sha": SHA, "app": {"id": app}}});
        for (ours, unheard) in [(100, Some("echo")), (101, None)] {
            assert_eq!(
                projected("check_run", run("completed", ours), &app()).unheard,
                unheard
            );
            assert_eq!(
                projected("check_suite", suite(ours), &app()).unheard,
                unheard
            );
        }
    }

    #[test]
    fn a_short_hash_names_no_commit() {
        let body = json!({"action": "completed", "check_suite": {"head_sha": "6113728"}});
        assert_eq!(why_unheard("check_suite", body), Some("does_not_fit"));
    }
}
