//! What waits to be handled: the queue's read side, and taking.

use async_trait::async_trait;

use super::{Fence, PortError};
use crate::model::{
    AgentName, DedupKey, Delivery, Depth, EventId, ItemState, RepoKey, Subject, Taken, Timestamp,
};

/// A recheck that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueRecheck {
    /// Where.
    pub repo: RepoKey,
    /// At what.
    pub subject: Subject,
    /// Who.
    pub agent: AgentName,
    /// Since when.
    pub at: Timestamp,
}

/// A delivery and where it stands. Its body is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Its place in the order of acceptance; one that goes back to the queue gets a new one.
    pub place: u64,
    /// What came.
    pub delivery: Delivery,
    /// How often it went back to the queue.
    pub generation: u32,
    /// Where it stands.
    pub state: DeliveryState,
    /// What it became, by id.
    pub items: Vec<StandingItem>,
}

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryState {
    /// Accepted; what it means is not read yet.
    Waiting,
    /// Some of its items have not ended.
    Expanded,
    /// All of its items ended, buried ones included, or there were none.
    Closed,
    /// What it means could not be read.
    Buried,
}

/// An item of a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandingItem {
    /// Its event.
    pub id: EventId,
    /// Where it stands.
    pub state: ItemState,
    /// Its generation.
    pub generation: u32,
    /// Outside failures so far.
    pub put_off: u32,
    /// Failures of our own so far.
    pub faults: u32,
    /// What stood in its way each time, generations before this one included, oldest first; equal
    /// ones in a row are one. The latest [`SETBACKS`] of them are kept.
    pub setbacks: Vec<Setback>,
}

/// What made an item come back later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setback {
    /// In our words.
    pub error: String,
    /// Whether the failure was our own and counted towards burial.
    pub own: bool,
    /// In which generation.
    pub generation: u32,
    /// How often in a row.
    pub times: u32,
    /// To when it was put off the last of these times.
    pub until: Timestamp,
}

/// Setbacks of an item that are kept.
pub const SETBACKS: usize = 64;

impl Standing {
    /// Whether it, or an item of it, was given up: a repeat, or `redrive`, brings that back.
    pub fn is_buried(&self) -> bool {
        let given_up = |item: &StandingItem| matches!(item.state, ItemState::Buried(_));
        match self.state {
            DeliveryState::Buried => true,
            DeliveryState::Closed => self.items.iter().any(given_up),
            DeliveryState::Waiting | DeliveryState::Expanded => false,
        }
    }
}

/// Moves work. Order, classes and joining concern items only (decisions §3).
#[async_trait]
pub trait Bus: Send + Sync {
    /// Accepted deliveries that are not expanded, in order of acceptance.
    async fn unexpanded(&self, limit: u32) -> Result<Vec<Delivery>, PortError>;

    /// Takes up to `limit` items that are due, in flight under this fence from now on.
    ///
    /// Fair by installation; oldest due first; classes 16 : 4 : 1; at most one item in flight for
    /// a (repository, subject), and for a repository one interactive beside one other. Items in
    /// flight under a lower fence count as waiting. Items of an installation in cool-down stay.
    /// A taken level item brings along, in flight too, the waiting level items of its
    /// (repository, subject) up to the first waiting edge item; one put off before separates
    /// nothing. Subjects that are no pull request, issue, commit, branch or alert (the repository
    /// as a whole, nothing) join nothing.
    async fn take(&self, fence: Fence, now: Timestamp, limit: u32)
    -> Result<Vec<Taken>, PortError>;

    /// As [`Bus::take`], but only of installations that have fewer than `few` items in flight;
    /// those that were brought along do not count. What hands are kept free for: one installation's
    /// burst leaves the others a place.
    async fn take_spare(
        &self,
        fence: Fence,
        now: Timestamp,
        limit: u32,
        few: u32,
    ) -> Result<Vec<Taken>, PortError>;

    /// The earliest time at which an item becomes due, for the consumer's sleep; one of an
    /// installation in cool-down not before that ends. It may have passed: what is due may still
    /// wait for another item of its subject or repository.
    async fn next_due(&self) -> Result<Option<Timestamp>, PortError>;

    /// How much waits.
    async fn depth(&self) -> Result<Depth, PortError>;

    /// Where an item stands; `None` when it was never put on the queue or is long gone.
    async fn item(&self, id: &EventId) -> Result<Option<ItemState>, PortError>;

    /// Items that the handling of `parent` put on the queue, directly or through others,
    /// and that are not closed yet.
    async fn open_children(&self, parent: &EventId) -> Result<u64, PortError>;

    /// Rechecks due at `now`, oldest first.
    async fn due_rechecks(&self, now: Timestamp, limit: u32) -> Result<Vec<DueRecheck>, PortError>;

    /// A delivery as it came, while it is kept.
    async fn delivery(&self, key: &DedupKey) -> Result<Option<Delivery>, PortError>;

    /// Where a delivery stands, while it is kept.
    async fn standing(&self, key: &DedupKey) -> Result<Option<Standing>, PortError>;

    /// Deliveries before a place, the youngest first, at most `limit`. An empty page is the end.
    async fn standings(&self, before: Option<u64>, limit: u32) -> Result<Vec<Standing>, PortError>;
}
