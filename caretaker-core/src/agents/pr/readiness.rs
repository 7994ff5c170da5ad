//! How ready a pull request is: points, one word, and what is published.
//!
//! All three derive from the same blockers, so no blockers, 100 points, `ready` and `success` are
//! one thing (D-14).

use crate::merge_gate::{Authority, Blocker, Denial, Part, RequiredView};
use crate::model::{Conclusion, Snapshot, Span, Timestamp};

/// How ready it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Readiness {
    /// Points, 0 to 100.
    pub(super) score: u32,
    /// Points of each part, and how many it could have.
    pub(super) parts: [(Part, u32, u32); 4],
    stage: Stage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Ready,
    Waits,
    Blocked,
}

/// Points of a part without blockers (spec 02 §3.8).
fn weight(part: Part) -> u32 {
    match part {
        Part::State => 10,
        Part::Feedback => 20,
        Part::Review => 30,
        Part::Ci => 40,
        Part::Merging => 0,
    }
}

impl Readiness {
    /// Scores what stands against merging.
    pub(super) fn of(blockers: &[Blocker]) -> Self {
        let parts = Part::ALL.map(|part| {
            let clear = !blockers.iter().any(|blocker| blocker.part() == part);
            (part, if clear { weight(part) } else { 0 }, weight(part))
        });
        let stage = if blockers.is_empty() {
            Stage::Ready
        } else if blockers.iter().all(Blocker::waits) {
            Stage::Waits
        } else {
            Stage::Blocked
        };
        Self {
            score: parts.iter().map(|(_, points, _)| points).sum(),
            parts,
            stage,
        }
    }

    /// The verdict.
    pub(super) fn verdict(&self) -> &'static str {
        match self.stage {
            Stage::Ready => "ready",
            Stage::Waits => "wait",
            Stage::Blocked => "blocked",
        }
    }

    /// The verdict in a sentence.
    pub(super) fn words(&self) -> &'static str {
        match self.stage {
            Stage::Ready => "ready to merge",
            Stage::Waits => "waiting",
            Stage::Blocked => "blocked",
        }
    }

    /// What is published.
    ///
    /// `advisory` says `neutral` where a gate says `failure`, because it must not stop anybody.
    /// But GitHub takes `neutral` for a pass: where the base branch requires this very check, a
    /// blocked change is a `failure` whatever the mode, and where that is unknown it stays
    /// unfinished.
    pub(super) fn conclusion(
        &self,
        authority: Authority,
        snapshot: &Snapshot,
        view: &RequiredView<'_>,
    ) -> Conclusion {
        match (self.stage, authority) {
            (Stage::Ready, _) => Conclusion::Success,
            (Stage::Waits, _) => Conclusion::InProgress,
            (Stage::Blocked, Authority::GateOnly | Authority::GateAndMerge) => Conclusion::Failure,
            (Stage::Blocked, Authority::Advisory) if view.demands_us => Conclusion::Failure,
            (Stage::Blocked, Authority::Advisory) if snapshot.required.is_none() => {
                Conclusion::InProgress
            }
            (Stage::Blocked, Authority::Advisory) => Conclusion::Neutral,
        }
    }
}

/// When to look again although nothing happens: for what no event will tell.
pub(super) fn recheck(
    snapshot: &Snapshot,
    check_name: &str,
    blockers: &[Blocker],
    denials: &[Denial],
    now: Timestamp,
) -> Option<Timestamp> {
    let refused = |denial: &Denial| match denial {
        Denial::ForgeRefuses { until, .. } | Denial::Frozen { until } => Some(*until),
        Denial::Moved { .. }
        | Denial::Quarantined
        | Denial::Paused(_)
        | Denial::Configuration(_)
        | Denial::Mode { .. }
        | Denial::Authority(_)
        | Denial::Fork
        | Denial::NotInCare { .. }
        | Denial::ProtectedPath { .. }
        | Denial::FilesUnknown
        | Denial::Family { .. } => None,
    };
    let again = |blocker: &Blocker| match blocker {
        Blocker::MergeabilityUnknown => Some(now + backoff(snapshot, now)),
        Blocker::NotSettled { until } => Some(*until),
        Blocker::NoCi { until } => *until,
        // The base branch asks for our own check by App, and only publishing it tells which App
        // we are; our own publishing is no event.
        Blocker::Checks { names, .. } if names.iter().any(|name| name == check_name) => {
            // Where nothing is published, waiting for it would never end.
            let young = age(snapshot, now) < Span::hours(1);
            young.then(|| now + backoff(snapshot, now).max(Span::seconds(10)))
        }
        Blocker::Denied(denial) => refused(denial),
        Blocker::Checks { .. }
        | Blocker::Closed
        | Blocker::Draft
        | Blocker::Conflict
        | Blocker::Behind
        | Blocker::Breaking
        | Blocker::Hold { .. }
        | Blocker::Escalated
        | Blocker::ForgeBlocks
        | Blocker::AutomatedFeedback { .. }
        | Blocker::ReviewsIncomplete { .. }
        | Blocker::ChangesRequested { .. }
        | Blocker::ReviewMissing { .. }
        | Blocker::ReviewOutdated { .. }
        | Blocker::CodeOwners(_)
        | Blocker::ReviewRule(_)
        | Blocker::RequiredUnknown
        | Blocker::ChecksIncomplete { .. }
        | Blocker::NothingSucceeded { .. } => None,
    };
    let until = denials.iter().filter_map(refused);
    blockers.iter().filter_map(again).chain(until).min()
}

/// 2, 4, 8 … 300 s: the largest power of two in the head's age, so that each look waits about as
/// long as all looks before it, and nothing has to be remembered.
fn backoff(snapshot: &Snapshot, now: Timestamp) -> Span {
    let age = age(snapshot, now).whole_seconds().clamp(0, 86_400) + 2;
    Span::seconds((1_i64 << age.ilog2()).min(300))
}

/// How long ago the head arrived, as far as known.
fn age(snapshot: &Snapshot, now: Timestamp) -> Span {
    let since = snapshot
        .head_seen_at
        .unwrap_or(snapshot.pull.item.updated_at);
    now.since(since)
}
