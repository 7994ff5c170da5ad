//! Deliveries and where each stands; their items are in [`crate::queue`].

use std::collections::BTreeMap;
use std::sync::Arc;

use caretaker_core::model::{Backlog, DedupKey, Delivery, Timestamp};
use caretaker_core::ports::{DeliveryState, Standing, StandingItem};

/// Everything the door accepted.
#[derive(Clone, Default)]
pub(crate) struct Deliveries {
    rows: BTreeMap<DedupKey, Row>,
    accepted: u64,
}

/// One delivery.
#[derive(Clone)]
pub(crate) struct Row {
    delivery: Arc<Delivery>,
    /// Grows with every acceptance; the order of expansion.
    seq: u64,
    /// Raised when it is accepted again after burial.
    pub(crate) generation: u32,
    pub(crate) stands: Stands,
}

/// Where a delivery stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stands {
    /// Kept, not expanded.
    Accepted,
    /// Its items are on the queue.
    Expanded,
    /// All its items ended.
    Closed,
    /// Its projection failed.
    Buried,
}

impl Row {
    fn is_open(&self) -> bool {
        match self.stands {
            Stands::Accepted | Stands::Expanded => true,
            Stands::Closed | Stands::Buried => false,
        }
    }
}

impl Row {
    pub(crate) fn key(&self) -> &DedupKey {
        &self.delivery.key
    }

    /// Itself with its items, for those who look.
    pub(crate) fn standing(&self, items: Vec<StandingItem>) -> Standing {
        let delivery = Delivery {
            body: Vec::new(),
            ..(*self.delivery).clone()
        };
        Standing {
            place: self.seq,
            delivery,
            generation: self.generation,
            state: match self.stands {
                Stands::Accepted => DeliveryState::Waiting,
                Stands::Expanded => DeliveryState::Expanded,
                Stands::Closed => DeliveryState::Closed,
                Stands::Buried => DeliveryState::Buried,
            },
            items,
        }
    }
}

impl Deliveries {
    /// Those before a place, the youngest first.
    pub(crate) fn youngest(&self, before: Option<u64>) -> Vec<&Row> {
        let earlier = |row: &&Row| before.is_none_or(|before| row.seq < before);
        let mut rows: Vec<_> = self.rows.values().filter(earlier).collect();
        rows.sort_by_key(|row| std::cmp::Reverse(row.seq));
        rows
    }

    pub(crate) fn row(&self, key: &DedupKey) -> Option<&Row> {
        self.rows.get(key)
    }

    pub(crate) fn row_mut(&mut self, key: &DedupKey) -> Option<&mut Row> {
        self.rows.get_mut(key)
    }

    pub(crate) fn delivery(&self, key: &DedupKey) -> Option<&Delivery> {
        self.rows.get(key).map(|row| &*row.delivery)
    }

    /// Keeps a delivery at the end of the line; an earlier one of its key is replaced.
    pub(crate) fn keep(&mut self, delivery: Delivery, generation: u32, stands: Stands) {
        self.accepted += 1;
        let row = Row {
            seq: self.accepted,
            generation,
            stands,
            delivery: Arc::new(delivery),
        };
        self.rows.insert(row.delivery.key.clone(), row);
    }

    /// What is neither closed nor buried.
    pub(crate) fn backlog(&self) -> Backlog {
        let open = || self.rows.values().filter(|row| row.is_open());
        let unread = open().filter(|row| row.stands == Stands::Accepted);
        Backlog {
            deliveries: open().count() as u64,
            bytes: open().map(|row| row.delivery.body.len() as u64).sum(),
            unread: unread.map(|row| row.delivery.received_at).min(),
        }
    }

    pub(crate) fn count(&self, stands: Stands) -> u64 {
        let rows = self.rows.values();
        rows.filter(|row| row.stands == stands).count() as u64
    }

    pub(crate) fn oldest_open(&self) -> Option<Timestamp> {
        let open = self.rows.values().filter(|row| row.is_open());
        open.map(|row| row.delivery.received_at).min()
    }

    /// Those to expand, in order of acceptance.
    pub(crate) fn unexpanded(&self, limit: u32) -> Vec<Delivery> {
        let waits = |row: &&Row| row.stands == Stands::Accepted;
        let mut rows: Vec<_> = self.rows.values().filter(waits).collect();
        rows.sort_by_key(|row| row.seq);
        let first = rows.into_iter().take(limit as usize);
        first.map(|row| (*row.delivery).clone()).collect()
    }
}
