//! Follows a pull request: says how ready it is, what stands against it and who can help, and
//! takes into care what it is told to.
//!
//! One question answers everything ([`AskSnapshot`]), so an event costs few requests; only before
//! a claim the history is asked too, whether a person has taken our label off. What stands
//! against merging comes from [`crate::merge_gate`] alone; here it is only scored, published and
//! worded. Nothing is remembered but how the forge refused a merge: custody is read back from its
//! label, the rest from the forge.
//!
//! What is ready, in our care and ours to merge is merged. That is planned here and allowed
//! nowhere but in the last look ([`evaluate`](crate::merge_gate::evaluate)).
//!
//! Who is spoken to: every open pull request but drafts. A draft hears nothing until it is
//! marked ready, unless it is in our care or we have spoken on this very head before; the same
//! goes for what is closed already, so that old pull requests stay as they are.

mod ci;
mod custody;
mod dispatch;
mod merging;
mod readiness;
mod releasing;
mod review;
mod standing;
mod status;

use self::custody::Custody;
pub use self::dispatch::Sections;
pub use self::releasing::{after, releases};
use self::standing::Standing;
use super::{AgentDef, Input, Manifest, Only, ParamsFrom, Reacts, SubjectKind, Trigger, View};
use crate::merge_gate::Section as Params;
use crate::model::ask::AskSnapshot;
use crate::model::{
    Action, Check, Decision, EventKind, Fact, ForgeAction, Halt, Item, Loudness, Marker, Publish,
    Pull, Reason, Snapshot, Subject, Timestamp,
};

/// Follows pull requests.
pub struct Pr;

impl AgentDef for Pr {
    type Params = Sections;

    const MANIFEST: Manifest = Manifest {
        name: "pr",
        summary: "Follows pull requests: readiness check, status comment, custody, merge.",
        revision: 8,
        params: ParamsFrom::Sections(&["pr_agent", "executor"]),
        hears: &[Trigger {
            kinds: &[
                EventKind::PullOpened,
                EventKind::PullReopened,
                EventKind::PullPushed,
                EventKind::PullReadied,
                EventKind::PullDrafted,
                EventKind::PullEdited,
                EventKind::PullLabeled,
                EventKind::PullUnlabeled,
                EventKind::PullReviewRequested,
                EventKind::PullReviewUnrequested,
                EventKind::PullClosed,
                EventKind::ReviewSubmitted,
                EventKind::ReviewDismissed,
                EventKind::ReviewEdited,
                EventKind::CheckRunChanged,
                EventKind::CheckRunFinished,
                EventKind::CheckSuiteFinished,
                EventKind::StatusSet,
                EventKind::WorkflowRunFinished,
                EventKind::FannedOut,
                EventKind::RecheckDue,
                EventKind::Requested,
            ],
            reacts: Reacts::Level,
            only: Only::All,
            expires: None,
        }],
        subjects: &[SubjectKind::Pull],
        every: None,
        view: View::Snapshot,
        loudest: Loudness::Act,
        permissions: &[
            "checks: write",
            "contents: write",
            "issues: write",
            "members: read",
            "pull_requests: write",
            "statuses: read",
        ],
        verdicts: &["skip", "wait", "ready", "merge", "blocked", "done"],
    };

    fn wants(&self, row: &Item, _params: &Sections, _now: Timestamp) -> bool {
        row.pull && row.open
    }

    fn decide(&self, input: &Input<'_>, params: &Sections) -> Result<Decision, Halt> {
        let Subject::Pull(number) = input.event.subject else {
            let because = Reason::leaf("subject_is_a_pull_request", false);
            return Ok(Decision::because("skip", because));
        };
        let snapshot = input.ask(&AskSnapshot(number))?;
        if snapshot.pull.item.open {
            open(input, snapshot, params)
        } else {
            Ok(closed(snapshot, &params.pr_agent))
        }
    }
}

/// What is said and done about an open pull request.
fn open(input: &Input<'_>, snapshot: &Snapshot, params: &Sections) -> Result<Decision, Halt> {
    let Sections {
        pr_agent: params,
        executor,
    } = params;
    let snapshot = standing::confirmed(input, snapshot)?;
    let standing = Standing::of(input, &snapshot, params)?;
    let (pull, custody) = (standing.pull(), standing.custody);
    let merge = standing.merge();
    let mut because = standing.because();
    because
        .children
        .extend(dispatch::reasons(&standing.blockers, pull, executor));
    let verdict = if merge.is_some() {
        "merge"
    } else {
        standing.readiness.verdict()
    };
    let mut decision = Decision::because(verdict, because);
    decision.recheck_at = standing.recheck_at();
    if custody == Custody::Claimed {
        let (number, label) = (pull.item.number, params.ownership.label.clone());
        let why = if standing.is_let_in() {
            "somebody who may has told us to merge it"
        } else {
            "pull requests of this family are in our care"
        };
        decision = decision.then(Action::Forge(ForgeAction::AddLabel { number, label }), why);
    }
    if pull.item.draft && !is_known(standing.snapshot(), params, custody) {
        // Nothing is said before it is marked ready, and that is an event.
        decision.recheck_at = None;
        return Ok(decision);
    }
    let release = standing.release();
    let told = standing.told(release.as_ref());
    decision = say(decision, pull, told.comment(input.settings, params));
    if params.readiness.enabled {
        decision = publish(decision, told.finding(params));
    }
    if let Some(merge) = merge {
        // Last, so that a branch rule that asks for our check finds it.
        decision = decision.then(Action::Merge(merge), "it is ready and ours to merge");
    }
    Ok(decision)
}

/// How a pull request stands, in the words of its status comment, and as reasons: for who asks
/// before there is news to tell. `input` must be as this agent would get it now.
///
/// # Errors
/// As the decision itself: what must be asked first, or why it cannot be.
pub(in crate::agents) fn standing(
    input: &Input<'_>,
    snapshot: &Snapshot,
    params: &Params,
) -> Result<(String, Reason), Halt> {
    if !snapshot.pull.item.open {
        let because = Reason::leaf("is_open", false);
        return Ok((status::is_over(&snapshot.pull), because));
    }
    let snapshot = standing::confirmed(input, snapshot)?;
    let standing = Standing::of(input, &snapshot, params)?;
    let release = standing.release();
    let words = standing
        .told(release.as_ref())
        .answer(input.settings, params);
    Ok((words, standing.because()))
}

/// What is said about a closed one: that it is over, where we said that it was not. Nothing is
/// published: a check belongs to a commit, which another pull request may still want to bring in.
fn closed(snapshot: &Snapshot, params: &Params) -> Decision {
    let pull = &snapshot.pull;
    let custody = Custody::of(pull, params, false);
    let mut because =
        Reason::leaf("is_open", false).saw("merged", Fact::Flag(pull.item.merged_at.is_some()));
    because.children.push(custody.reason(pull));
    let decision = Decision::because("done", because);
    if !is_known(snapshot, params, custody) {
        return decision;
    }
    say(decision, pull, status::over(pull))
}

/// Whether it is in our care, or our check shows that we have spoken on this head.
fn is_known(snapshot: &Snapshot, params: &Params, custody: Custody) -> bool {
    let ours = |check: &Check| check.ours && check.name == params.readiness.check_name;
    custody.is_ours() || snapshot.checks.rows.iter().any(ours)
}

fn say(decision: Decision, pull: &Pull, body: String) -> Decision {
    let comment = ForgeAction::UpsertComment {
        number: pull.item.number,
        marker: Marker::Status,
        body,
    };
    decision.then(Action::Forge(comment), "people see how it stands")
}

fn publish(decision: Decision, finding: Publish) -> Decision {
    let publish = Action::Forge(ForgeAction::Publish(finding));
    decision.then(publish, "branch rules can ask for it")
}

#[cfg(test)]
mod tests;
