//! `check_run` and `check_suite`: what Apps say about a commit. About the commit, because half of
//! these bodies name no pull request; `fan_out` finds those.

use crate::model::{AppId, Subject};

use super::super::part::Part;
use super::super::project::{Draft, Inbound, Reading};

pub(super) fn read_run(inbound: &Inbound<'_>) -> Option<Reading> {
    inbound.lacks(["deployment", "deployment_status", "check_suite"])?;
    let run = inbound.body.field("check_run");
    let [started, completed] = run.fields(["started_at", "completed_at"]);
    let draft = about_commit(inbound, run)?.at(completed.time().or_else(|| started.time()));
    Some(Reading::one(draft).echo_if(ours(inbound, run)))
}

pub(super) fn read_suite(inbound: &Inbound<'_>) -> Option<Reading> {
    inbound.lacks(["check_run"])?;
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
