//! How an open pull request stands: everything that is worked out before anything is said or done.
//!
//! One value, many faces: the status comment, the published check and the answer to
//! `@caretaker why` are all told from here.

use std::borrow::Cow;

use super::custody::Custody;
use super::readiness::{Readiness, recheck};
use super::status::Told;
use super::{Params, merging, releasing};
use crate::agents::Input;
use crate::merge_gate::{self, Blocker, Change, Denial, OptIn, Policy, Weighed};
use crate::model::ask::{AskActivity, both};
use crate::model::{Fact, Halt, Merge, Pull, Reason, Refusals, Snapshot, Timestamp};
use crate::release::{Releases, Seen};

/// The snapshot by which everything is worked out: in it those are trusted who may write now.
///
/// # Errors
/// What must be asked first, or why it cannot be.
pub(super) fn confirmed<'a>(
    input: &Input<'_>,
    snapshot: &'a Snapshot,
) -> Result<Cow<'a, Snapshot>, Halt> {
    merge_gate::confirmed(input.evidence, snapshot)
}

/// How an open pull request stands.
pub(super) struct Standing<'a> {
    input: &'a Input<'a>,
    params: &'a Params,
    policy: Policy,
    snapshot: &'a Snapshot,
    change: Change,
    weighed: Weighed<'a>,
    refused: Option<Refusals>,
    pub(super) blockers: Vec<Blocker>,
    pub(super) readiness: Readiness,
    pub(super) custody: Custody,
    denials: Vec<Denial>,
}

impl<'a> Standing<'a> {
    /// Works it out, of a [`confirmed`] snapshot.
    ///
    /// # Errors
    /// What must be asked first, or why it cannot be.
    pub(super) fn of(
        input: &'a Input<'a>,
        snapshot: &'a Snapshot,
        params: &'a Params,
    ) -> Result<Self, Halt> {
        let policy = params.policy();
        let pull = &snapshot.pull;
        let (change, refused) = both(
            Change::learn(input.evidence, snapshot, &policy),
            merging::refusals(input, pull, &policy),
        )?;
        let weighed = Weighed::of(snapshot, &change.opt_in, &policy);
        let blockers = merge_gate::blockers_in(&weighed, snapshot, &change, &policy, input.now);
        let told = change.opt_in == OptIn::Yes;
        let mut custody = Custody::of(pull, params, told).vouched(&change);
        if custody == Custody::Claimed {
            custody = custody.confirmed(input.ask(&AskActivity(pull.item.number))?, params);
        }
        let ground = merging::ground(input, custody, refused.as_ref());
        let denials = merge_gate::denials(snapshot, &change, &ground, &policy, input.now);
        Ok(Self {
            readiness: Readiness::of(&blockers),
            input,
            params,
            policy,
            snapshot,
            change,
            weighed,
            refused,
            blockers,
            custody,
            denials,
        })
    }

    pub(super) fn pull(&self) -> &Pull {
        &self.snapshot.pull
    }

    pub(super) fn snapshot(&self) -> &Snapshot {
        self.snapshot
    }

    /// Whether somebody who may has told us to merge it.
    pub(super) fn is_let_in(&self) -> bool {
        self.change.opt_in == OptIn::Yes
    }

    /// The merge, where it is ours.
    pub(super) fn merge(&self) -> Option<Merge> {
        merging::plan(self.snapshot(), &self.policy, &self.blockers, &self.denials)
    }

    /// Every rule with what was seen, readiness first and our own right beside it.
    pub(super) fn because(&self) -> Reason {
        let score = Fact::Count(self.readiness.score.into());
        let mut because = merge_gate::reason(&self.blockers).saw("score", score);
        because.children.push(merge_gate::right(&self.denials));
        because.children.push(self.custody.reason(self.pull()));
        because
    }

    /// When to look again although nothing happens.
    pub(super) fn recheck_at(&self) -> Option<Timestamp> {
        let (name, now) = (&self.policy.check_name, self.input.now);
        recheck(self.snapshot, name, &self.blockers, &self.denials, now)
    }

    /// What would release it. Nothing where it is ready and only the guard holds the merge: that
    /// is told where the merge is.
    pub(super) fn release(&self) -> Option<Releases> {
        if self.blockers.is_empty() && self.denials.iter().all(Denial::is_guards) {
            return None;
        }
        let seen = Seen {
            snapshot: self.snapshot,
            change: &self.change,
            evidence: self.input.evidence,
            policy: &self.policy,
            ground: merging::ground(self.input, self.custody, self.refused.as_ref()),
            now: self.input.now,
        };
        releasing::search(seen, self.params)
    }

    /// The words about it.
    pub(super) fn told<'t>(&'t self, release: Option<&'t Releases>) -> Told<'t> {
        Told {
            snapshot: self.snapshot,
            release,
            checks: &self.weighed.checks,
            reviews: &self.weighed.reviews,
            blockers: &self.blockers,
            denials: &self.denials,
            readiness: &self.readiness,
            custody: self.custody,
        }
    }
}
