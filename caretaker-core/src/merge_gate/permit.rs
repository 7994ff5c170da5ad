//! The right to merge one pull request once.
//!
//! # Who may build a permit
//!
//! **Needs.** Nothing is merged but the head whose checks and reviews were looked at, under the
//! rules in force at that moment; no other code can merge by mistake.
//!
//! **How.** [`MergePermit`] has private fields, no serialisation, no `Clone`; [`evaluate`] is the
//! only place that builds one, and [`crate::ports::Forge::merge`] the only one that takes one.
//! `caretaker-core/compile-fail` holds that. [`crate::drive::apply`] calls [`evaluate`] on the answers of
//! the last look, which were asked past every cache, so a recorded decision cannot merge: it has
//! to be true still.
//!
//! **What remains.** Between that answer and the forge's reply something may change. The head
//! cannot (the forge is told which one we mean), nor what the forge itself enforces; the rest is
//! excluded only up to that instant: base branch, its tip and the configuration say under what the
//! permit was given, and no forge can be told them. The permit ends by itself after [`VALID_FOR`].

use super::{Blocker, Change, Denial, Ground, Policy, blockers, denials};
use crate::model::{
    Branch, Merge, MergeMethod, Number, RepoKey, Required, Sha, Snapshot, Span, Timestamp,
};

/// How long a permit is good for.
pub const VALID_FOR: Span = Span::seconds(60);

/// The right to merge one head of one pull request into one branch, for a minute.
#[derive(Debug)]
pub struct MergePermit {
    repo: RepoKey,
    number: Number,
    head: Sha,
    base: Branch,
    base_sha: Option<Sha>,
    method: MergeMethod,
    config: Option<Sha>,
    not_after: Timestamp,
}

impl MergePermit {
    /// In which repository.
    pub fn repo(&self) -> &RepoKey {
        &self.repo
    }

    /// Which pull request.
    pub fn number(&self) -> Number {
        self.number
    }

    /// The only head that may be merged.
    pub fn head(&self) -> &Sha {
        &self.head
    }

    /// The branch that it goes into.
    pub fn base(&self) -> &Branch {
        &self.base
    }

    /// Where that branch must point; `None` where it may move on.
    pub fn base_sha(&self) -> Option<&Sha> {
        self.base_sha.as_ref()
    }

    /// How commits are combined.
    pub fn method(&self) -> MergeMethod {
        self.method
    }

    /// The commit of the configuration under which it was given.
    pub fn config(&self) -> Option<&Sha> {
        self.config.as_ref()
    }

    /// Until when it counts, by the driver's clock.
    pub fn not_after(&self) -> Timestamp {
        self.not_after
    }
}

/// What an evaluation looks at.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// In which repository.
    pub repo: &'a RepoKey,
    /// The pull request with its checks, reviews and rules.
    pub snapshot: &'a Snapshot,
    /// What else is known of the change.
    pub change: &'a Change,
    /// Our own right.
    pub ground: Ground<'a>,
    /// The commit of the configuration in force.
    pub config: Option<&'a Sha>,
}

impl Seen<'_> {
    /// Everything that stands against merging, and everything that keeps us from it.
    pub fn against(&self, policy: &Policy, now: Timestamp) -> Vec<Blocker> {
        let mut found = blockers(self.snapshot, self.change, policy, now);
        let denied = denials(self.snapshot, self.change, &self.ground, policy, now);
        found.extend(denied.into_iter().map(Blocker::from));
        found
    }
}

/// The right to do what was decided, or everything that stands against it.
///
/// # Errors
/// The blockers, at least one, in the order in which people should read them.
pub fn evaluate(
    merge: &Merge,
    seen: &Seen<'_>,
    policy: &Policy,
    now: Timestamp,
) -> Result<MergePermit, Vec<Blocker>> {
    let pull = &seen.snapshot.pull;
    let mut against = seen.against(policy, now);
    let same = pull.item.number == merge.number && pull.head == merge.head;
    if !same || pull.base != merge.base || policy.method_for(seen.snapshot) != merge.method {
        let decided = merge.head.clone();
        against.insert(0, Denial::Moved { decided }.into());
    }
    if !against.is_empty() {
        return Err(against);
    }
    let required = seen.snapshot.required.as_ref();
    let up_to_date = required.is_some_and(|required: &Required| required.up_to_date);
    Ok(MergePermit {
        repo: seen.repo.clone(),
        number: merge.number,
        head: merge.head.clone(),
        base: merge.base.clone(),
        base_sha: up_to_date.then(|| pull.base_sha.clone()),
        method: merge.method,
        config: seen.config.cloned(),
        not_after: now + VALID_FOR,
    })
}
