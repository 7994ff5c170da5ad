//! What waits: items, their classes, and how taking one ends.

use serde::{Deserialize, Serialize};

use super::{Backlog, DedupKey, Event, EventId, InstallationId, Timestamp};

/// One event that waits to be decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueItem {
    /// The event; its id is the item's id.
    pub event: Event,
    /// How urgent it is.
    pub class: Class,
    /// Whether some listener decides from the event itself; such an item never joins another.
    pub edge: bool,
    /// While an item with this key waits, another one is not added.
    pub coalesce: Option<String>,
    /// The delivery it came from.
    pub delivery: Option<DedupKey>,
    /// The event whose handling put it on the queue; ticks count their open children by it.
    pub parent: Option<EventId>,
    /// Whose share of the work it is.
    pub installation: Option<InstallationId>,
    /// Raised by redrives and by the repeat of a buried delivery.
    pub generation: u32,
    /// Not to be taken before.
    pub due: Timestamp,
}

/// How urgent an item is; shares 16 : 4 : 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Somebody waits for it.
    Interactive,
    /// Something happened.
    Event,
    /// Ticks, their children, rechecks.
    Sweep,
}

impl Class {
    /// Every class, most urgent first, with its share.
    pub const SHARES: [(Self, u32); 3] =
        [(Self::Interactive, 16), (Self::Event, 4), (Self::Sweep, 1)];
}

/// An item in our hands, with those that go with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The item.
    pub item: QueueItem,
    /// Waiting level items of the same subject that this handling answers too, oldest first.
    pub joined: Vec<QueueItem>,
    /// Outside failures so far; they never bury by count.
    pub put_off: u32,
    /// Failures of our own so far; the fifth buries.
    pub faults: u32,
    /// When it was put on the queue, in its generation: the first time it was due.
    pub enqueued_at: Timestamp,
}

/// How the handling of an item ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "how", content = "v", rename_all = "snake_case")]
pub enum Settle {
    /// Every listener has a final record.
    Done,
    /// Come back at `at`.
    Later {
        /// When.
        at: Timestamp,
        /// What stood in the way, in our words.
        error: String,
        /// Whether the failure is our own and counts towards burial.
        fault: bool,
    },
    /// Given up.
    Buried(String),
    /// Answered by the handling of another item.
    Superseded(EventId),
}

/// Where an item stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", content = "v", rename_all = "snake_case")]
pub enum ItemState {
    /// Waits to be taken, not before the time.
    Waiting(Timestamp),
    /// In some worker's hands.
    InFlight,
    /// Done, or answered by another.
    Closed,
    /// Given up, and why.
    Buried(String),
}

/// How much waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Depth {
    /// Deliveries accepted and not yet expanded.
    pub deliveries: u64,
    /// Items that wait, put-off ones included.
    pub waiting: u64,
    /// Items in hands.
    pub in_flight: u64,
    /// Items given up, and deliveries that could not be projected.
    pub buried: u64,
    /// When the oldest open delivery was accepted, or the oldest open item put on the queue.
    pub oldest: Option<Timestamp>,
    /// What the bounds of the backlog look at.
    pub backlog: Backlog,
}
