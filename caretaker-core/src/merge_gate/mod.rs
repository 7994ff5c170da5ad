//! What stands against merging a pull request.
//!
//! One enum ([`Blocker`]) and one function ([`blockers`]) answer that question for the published
//! readiness, for the status comment and for whoever may merge; they cannot disagree. Everything
//! comes from one [`Snapshot`]; what could not be learned is a blocker of its own and never
//! permits. Who is responsible for a pull request, and whether anybody may merge at all, is not
//! decided here.

mod blocker;
mod required;
mod reviews;
mod words;

use std::collections::BTreeSet;

pub use blocker::{Blocker, Part, reason};
pub use required::{Basis, RequiredView, Row, Standing, required_checks};
pub use reviews::{ReviewView, weigh};

use crate::model::{Label, MergeState, Snapshot, Span, Timestamp, label};

/// What a repository demands beyond what its forge enforces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Name of the check by which we publish readiness; it never waits for itself.
    pub check_name: String,
    /// Names of checks that do not count where the forge requires none by name.
    pub ignored: BTreeSet<String>,
    /// The label that stops merging; the built-in one stops it too.
    pub hold_label: Label,
    /// The label by which a person lets a pull request in that automation had remarks on.
    pub opt_in_label: Label,
    /// Approvals demanded; the forge may demand more.
    pub required_reviews: u32,
    /// How long nothing must have happened to the head where no check is required by name.
    pub settle: Span,
    /// Whether a head without any check may be merged.
    pub allow_no_ci: bool,
}

/// Everything that stands against merging, in the order in which people should read it.
///
/// Empty exactly when the change is ready. All rules are looked at; a rule is left out only where
/// another one already says the same thing more precisely.
pub fn blockers(snapshot: &Snapshot, policy: &Policy, now: Timestamp) -> Vec<Blocker> {
    let view = required_checks(snapshot, policy);
    let mut found = state(snapshot, policy);
    found.extend(reviews::blockers(snapshot, policy));
    found.extend(checks(snapshot, policy, &view, now));
    // GitHub says "blocked" for drafts, missing reviews and required checks alike; it is news only
    // where none of those is known. A base branch that requires our own check is always blocked
    // until we publish success, so there it says nothing about others, and GitHub itself goes on
    // refusing what else it wants.
    let explained = found.iter().any(Blocker::explains_forge);
    if snapshot.pull.merge_state == MergeState::Blocked && !explained && !view.demands_us {
        found.push(Blocker::ForgeBlocks);
    }
    found.sort_by_key(Blocker::part);
    found
}

fn state(snapshot: &Snapshot, policy: &Policy) -> Vec<Blocker> {
    let (pull, item) = (&snapshot.pull, &snapshot.pull.item);
    let mut found = Vec::new();
    if !item.open {
        found.push(Blocker::Closed);
    }
    if item.draft || pull.merge_state == MergeState::Draft {
        found.push(Blocker::Draft);
    }
    if pull.mergeable == Some(false) || pull.merge_state == MergeState::Dirty {
        found.push(Blocker::Conflict);
    } else if pull.mergeable.is_none() || pull.merge_state == MergeState::Unknown {
        found.push(Blocker::MergeabilityUnknown);
    }
    if pull.merge_state == MergeState::Behind {
        found.push(Blocker::Behind);
    }
    if item.has_label(label::BREAKING) {
        found.push(Blocker::Breaking);
    }
    let holds = |name: &&str| item.has_label(name);
    if let Some(name) = [policy.hold_label.as_str(), label::HOLD]
        .into_iter()
        .find(holds)
    {
        found.push(Blocker::Hold {
            label: Label::new(name),
        });
    }
    if item.has_label(label::ESCALATED) {
        found.push(Blocker::Escalated);
    }
    found
}

fn checks(
    snapshot: &Snapshot,
    policy: &Policy,
    view: &RequiredView,
    now: Timestamp,
) -> Vec<Blocker> {
    let mut found = Vec::new();
    if view.basis == Basis::Unknown {
        found.push(Blocker::RequiredUnknown);
    }
    if !view.complete {
        found.push(Blocker::ChecksIncomplete {
            seen: snapshot.checks.rows.len(),
        });
    }
    for standing in Standing::TROUBLES {
        // A check that is not on the pages we read may still be there.
        if *standing == Standing::Absent && !view.complete {
            continue;
        }
        let names: Vec<String> = view.names(*standing);
        if !names.is_empty() {
            found.push(Blocker::Checks {
                standing: *standing,
                names,
                required: view.basis == Basis::Protection,
            });
        }
    }
    if view.basis != Basis::Protection && view.complete && found.is_empty() {
        let until = settles_at(snapshot, policy);
        let moving = now < until;
        if view.rows.is_empty() && !policy.allow_no_ci {
            found.push(Blocker::NoCi {
                until: moving.then_some(until),
            });
        } else if !view.rows.is_empty() && !view.any_success {
            found.push(Blocker::NothingSucceeded {
                names: view.rows.iter().map(|row| row.name.clone()).collect(),
            });
        } else if moving {
            found.push(Blocker::NotSettled { until });
        }
    }
    found
}

/// When the head has been quiet for long enough. Where nobody knows when it arrived, the last
/// change of the pull request stands in, which is never earlier.
fn settles_at(snapshot: &Snapshot, policy: &Policy) -> Timestamp {
    let seen = snapshot.head_seen_at;
    seen.unwrap_or(snapshot.pull.item.updated_at) + policy.settle
}
