//! Our memory's one write side.
//!
//! Everything that belongs together goes into one [`Store::commit`]: sqlite and memory keep or
//! drop it whole. The other storage ports are read sides of the same data.

use async_trait::async_trait;

use super::PortError;
use crate::model::{
    ActionKey, AgentName, BacklogLimits, BlobRef, Bound, DedupKey, Delivery, EffectResult, EventId,
    InstallationId, Json, Learned, Pause, QueueItem, RepoKey, Retention, Run, RunId, Settle,
    Subject, Timestamp,
};

/// A worker's right to write, growing with every new holder of the lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fence(pub u64);

/// One change. Order within a commit counts.
#[derive(Clone, Debug)]
pub enum Write {
    /// Keeps a delivery. → [`Wrote::Accepted`] | [`Wrote::Duplicate`] |
    /// [`Wrote::Backlog`].
    ///
    /// A repeat of a waiting or closed one is a duplicate. A repeat of a buried one (its
    /// projection failed, or all its items ended and one was buried) is accepted: it and its
    /// buried items go back to the queue with the next generation, as if they came now. Where a
    /// bound of the backlog is reached before it (seen from when it was received) nothing is kept;
    /// a duplicate stays a duplicate then.
    Accept {
        /// What came.
        delivery: Box<Delivery>,
        /// How much may wait.
        limits: BacklogLimits,
    },
    /// Marks a delivery expanded and inserts its items; one that is already expanded, closed or
    /// buried stays as it is (idempotent). Without items it is closed, and `unheard` is its
    /// final record; when there is a record of that run id, or a final one of its event, agent and
    /// generation, that one stays and the delivery is closed all the same. Each item takes the delivery's key and generation; none is left out for
    /// its coalesce key. → [`Wrote::Done`].
    Expand {
        /// The delivery.
        delivery: DedupKey,
        /// Its events as items.
        items: Vec<QueueItem>,
        /// The closing record when there are none.
        unheard: Option<Box<Run>>,
    },
    /// Buries a delivery whose projection failed; one that is not waiting for expansion stays as
    /// it is (idempotent). A record that is there already stays, as with [`Write::Expand`].
    /// → [`Wrote::Done`].
    BuryDelivery {
        /// The delivery.
        delivery: DedupKey,
        /// The final record, outcome `buried`.
        record: Box<Run>,
    },
    /// Lets go of what was given up of a delivery, for good: it and its buried items count as
    /// closed, a repeat is a duplicate, and their records stay. One that is open, closed without
    /// buried items, or not kept stays as it is: [`Wrote::Known`], else [`Wrote::Done`].
    Drop(DedupKey),
    /// Puts an item on the queue. → [`Wrote::Queued`] | [`Wrote::Known`] | [`Wrote::Full`].
    ///
    /// Known when an item with its id exists in any state, or one with its coalesce key waits.
    /// Full when it is of class sweep and 1 000 of those wait for the repository, or 50 000 in
    /// all. Fullness never fails the commit; continuations then stay with the caller.
    Enqueue(Box<QueueItem>),
    /// Ends the handling of an item taken under the fence. Superseding and being done close it,
    /// and its delivery when that was the last open item. Joined items that are not settled when
    /// a commit ends the handling of the one that brought them wait again, as they were.
    /// `Conflict` when it is not in flight under this fence. → [`Wrote::Done`].
    Settle {
        /// The item.
        item: EventId,
        /// How.
        how: Settle,
    },
    /// Claims an effect. → [`Wrote::Claimed`].
    Claim {
        /// Whose effect.
        run: RunId,
        /// Its place among the allowed actions.
        index: u32,
        /// `<run id>/<index>`.
        key: ActionKey,
        /// Counted against this counter when the claim is fresh: key and hour.
        count: Option<String>,
        /// Whose counter.
        repo: RepoKey,
    },
    /// Notes what came of a claimed effect. → [`Wrote::Done`].
    Finish {
        /// Under what it was claimed.
        key: ActionKey,
        /// What came of it.
        result: EffectResult,
    },
    /// Sets a value of our memory if its version still is `expect`; `Conflict` fails the whole
    /// commit otherwise. → [`Wrote::Version`].
    Put {
        /// Whose memory.
        repo: RepoKey,
        /// Its key.
        key: String,
        /// The version it must have; `None`: it must not exist.
        expect: Option<u64>,
        /// The new value.
        value: Json,
    },
    /// Keeps an open run as it stands, whole; the durable barriers of a run. `Conflict` when it
    /// is closed already. → [`Wrote::Done`].
    Step(Box<Run>),
    /// Closes a run: it must have an outcome. Its line is what the journal keeps; the open row
    /// goes. A second final record of (event, agent, generation), and any second record of a run
    /// id, is refused with `Conflict`, which fails the commit. → [`Wrote::Done`].
    Close(Box<Run>),
    /// Replaces when an agent looks at a subject again; `None` takes it back. → [`Wrote::Done`].
    Recheck {
        /// Where.
        repo: RepoKey,
        /// At what.
        subject: Subject,
        /// Who.
        agent: AgentName,
        /// When.
        at: Option<Timestamp>,
    },
    /// Keeps a large answer by content; a known one stays. → [`Wrote::Done`].
    Blob {
        /// Hash and length.
        blob: BlobRef,
        /// The text.
        text: String,
    },
    /// Keeps what a verified delivery, the configuration or a redirect taught us.
    /// → [`Wrote::Done`].
    Learn(Learned),
    /// Leaves an installation's items (or, for `None`, those without one) alone until a time;
    /// the items are not touched. A cool-down that lasts longer stands. → [`Wrote::Done`].
    CoolDown {
        /// Whose items.
        installation: Option<InstallationId>,
        /// Until when.
        until: Timestamp,
    },
    /// Replaces the pause of a repository or the one for everywhere; neither touches the other.
    /// → [`Wrote::Done`].
    Pause {
        /// Where; `None`: everywhere.
        repo: Option<RepoKey>,
        /// The pause; `None` takes it back, also when there is none.
        pause: Option<Pause>,
    },
}

/// What came of a [`Write`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrote {
    /// As asked.
    Done,
    /// The delivery is kept.
    Accepted,
    /// The delivery is known already.
    Duplicate,
    /// As much waits as may; the delivery was not kept.
    Backlog(Bound),
    /// There is no room; nothing was kept.
    Full,
    /// The item waits.
    Queued,
    /// The item, or one like it, is there already.
    Known,
    /// The value has this version now.
    Version(u64),
    /// Whose the effect is.
    Claimed(Claim),
}

/// Whose an effect is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// Ours, now.
    Fresh,
    /// Claimed before and not finished: belongs to recovery.
    Started,
    /// Finished before.
    Done(EffectResult),
}

/// What a step of [`Store::retain`] removed. All zero: nothing is old enough.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retained {
    /// Deliveries with their raw bodies and dedup keys.
    pub deliveries: u64,
    /// Items that had ended.
    pub items: u64,
    /// Closed runs with their claims.
    pub runs: u64,
    /// Large answers that no run speaks of any more.
    pub blobs: u64,
}

/// The write side of our memory.
#[async_trait]
pub trait Store: Send + Sync {
    /// Makes all changes or none; durable when it returns. Results in the order of the changes.
    ///
    /// With a fence it is refused as `Fenced` when a higher one was handed out. Without one only
    /// `Accept`, `Drop`, `Enqueue`, `Learn` and `Pause` are allowed (the door and the command line);
    /// anything else is `Invalid`. What names an item, delivery or claim that is not there is `NotFound`.
    async fn commit(
        &self,
        fence: Option<Fence>,
        writes: Vec<Write>,
    ) -> Result<Vec<Wrote>, PortError>;

    /// Forgets a little of what is old enough (decisions §4); also, not counted in the answer,
    /// hourly counters after 48 hours. Gives a little of the room to the file system.
    ///
    /// A step is short; the caller repeats it until it removes nothing. Needs no fence: it
    /// removes only what has ended. A store that keeps nothing for long may do nothing.
    async fn retain(&self, now: Timestamp, keep: &Retention) -> Result<Retained, PortError> {
        let _keeps_all = (now, keep);
        Ok(Retained::default())
    }
}
