//! The code forge: questions and effects.

use async_trait::async_trait;

use super::PortError;
use crate::merge_gate::MergePermit;
use crate::model::{ActionKey, Answer, Class, ForgeAction, ForgeQuery, Merge, Receipt, RepoRef};

/// Whether an answer may come from a cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// A revalidated cache is fine (conditional request).
    Shared,
    /// Ask the forge itself, past every cache of ours; still conditional where the forge
    /// itself then answers "unchanged".
    Fresh,
}

/// Reads and writes the code forge.
#[async_trait]
pub trait Forge: Send + Sync {
    /// Answers questions about one repository: same order and length as asked, each for itself.
    ///
    /// Listings are read to their end or say that they are not. `NotFound` means that the thing
    /// does not exist or is hidden from us; where the repository itself is hidden, every answer is
    /// `Denied`. Without credentials every answer is `Denied` without any request.
    ///
    /// What belongs to a head but does not name it ([`ForgeQuery::Files`],
    /// [`ForgeQuery::Authors`]) is read after everything else that was asked with it: a push
    /// meanwhile can make it younger than the head of a snapshot, and never older.
    async fn read(
        &self,
        repo: &RepoRef,
        queries: &[ForgeQuery],
        freshness: Freshness,
    ) -> Vec<Result<Answer, PortError>>;

    /// As [`Self::read`], for work of this class. Where the forge grants so many requests and few
    /// are left, sweeps are `RateLimited` before the others; a forge without such limits need not
    /// tell them apart.
    async fn read_for(
        &self,
        _class: Class,
        repo: &RepoRef,
        queries: &[ForgeQuery],
        freshness: Freshness,
    ) -> Vec<Result<Answer, PortError>> {
        self.read(repo, queries, freshness).await
    }

    /// Performs one action. The adapter compares with what is there and writes only a difference.
    ///
    /// Calling it again with the same key leaves the world as after one call, also when the first
    /// caller never saw the reply. `Refused` when the forge says no for a reason that lies in the
    /// subject; then nothing was written.
    async fn write(
        &self,
        repo: &RepoRef,
        action: &ForgeAction,
        key: &ActionKey,
    ) -> Result<Receipt, PortError>;

    /// Tells whether an earlier, unanswered `write` took effect. Reads only.
    async fn settle(
        &self,
        repo: &RepoRef,
        action: &ForgeAction,
        key: &ActionKey,
    ) -> Result<Settled, PortError>;

    /// Merges what the permit allows, at the head it names: the forge is told that head and refuses
    /// any other.
    ///
    /// Calling it again leaves the world as after one call; a pull request that turns out to be
    /// merged at that very head is a receipt without a change. `Refused` with the forge's status
    /// when it does not take the merge now (405, 409 for a head that has moved, 422); then nothing
    /// was merged. `NotFound` when there is no such pull request. `Invalid`, without any request,
    /// for a permit of another repository. Whether the permit still counts is the caller's to ask.
    async fn merge(
        &self,
        repo: &RepoRef,
        permit: &MergePermit,
        key: &ActionKey,
    ) -> Result<Receipt, PortError>;

    /// Tells whether an earlier, unanswered `merge` took effect. Reads only.
    ///
    /// `Performed` when the pull request is merged at that head, whoever did it; `Unknown` when it
    /// is merged at another one, or gone.
    async fn settle_merge(&self, repo: &RepoRef, merge: &Merge) -> Result<Settled, PortError>;
}

/// Refuses a permit that was given for another repository than the call is about.
///
/// # Errors
/// `Invalid`: a defect of the caller.
pub fn same_repository(
    op: &'static str,
    repo: &RepoRef,
    permit: &MergePermit,
) -> Result<(), PortError> {
    if *permit.repo() == repo.key {
        return Ok(());
    }
    Err(PortError::new(op, super::Kind::Invalid)
        .detail("the permit is for another repository; nothing was asked"))
}

/// What reading back an unanswered effect shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// The world is as the action wanted it.
    Performed,
    /// It is not.
    NotPerformed,
    /// It cannot be told.
    Unknown,
}
