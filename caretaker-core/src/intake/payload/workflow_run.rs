//! `workflow_run`: runs of GitHub Actions. Heard whoever started them.

use crate::model::Subject;

use super::super::draft::{Draft, Reading};
use super::super::inbound::Inbound;
use super::{id_part, time_part};

pub(super) fn read(inbound: &Inbound<'_>) -> Option<Reading> {
    inbound.repo()?;
    inbound.lacks(["deployment", "workflow_job_run"])?;
    let run = inbound.body.field("workflow_run");
    let [id, sha, updated] = run.fields(["id", "head_sha", "updated_at"]);
    id.id()?;
    let draft = Draft::about(Subject::Commit(sha.sha()?))
        .at(updated.time())
        .known_by(vec![
            id_part(id),
            Some(inbound.action().to_owned()),
            time_part(updated.time()),
        ]);
    Some(Reading::one(draft))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::model::EventKind;

    use super::super::super::sample::{SHA, app, bot, only, projected};

    #[test]
    fn a_run_is_about_its_commit_and_heard_even_when_we_started_it() {
        let body = |action| {
            json!({"action": action, "workflow_run": {"id": 3, "head_sha": SHA,
                "updated_at": "2019-05-15T15:20:21Z"}, "workflow": {},
                "sender": bot()})
        };
        assert_eq!(
            projected("workflow_run", body("completed"), &app()).unheard,
            None
        );
        let event = only("workflow_run", body("completed"));
        assert_eq!(event.kind, EventKind::WorkflowRunFinished);
        assert_eq!(event.subject.to_string(), format!("commit/{SHA}"));
        let identity = |action| only("workflow_run", body(action)).edge_identity;
        assert_ne!(identity("requested"), identity("in_progress"));
        assert_eq!(
            only("workflow_run", body("in_progress")).kind,
            EventKind::WorkflowRunStarted
        );
    }
}
