//! `workflow_run`: runs of GitHub Actions. Heard whoever started them.

use crate::model::Subject;

use super::super::project::{Draft, Inbound, Reading};
use super::{id_part, time_part};

pub(super) fn read(inbound: &Inbound<'_>) -> Option<Reading> {
    inbound.repo()?;
    inbound.lacks([
        "deployment",
        "deployment_status",
        "workflow_job",
        "workflow_job_run",
    ])?;
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
