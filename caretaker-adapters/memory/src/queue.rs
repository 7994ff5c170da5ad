//! Items and where each stands, with the indexes that taking needs. Which item is next is in
//! [`crate::take`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use caretaker_core::model::{
    Class, DedupKey, EventId, InstallationId, ItemState, QueueItem, RepoKey, Settle, Subject,
    Timestamp,
};
use caretaker_core::ports::{Fence, SETBACKS, Setback, StandingItem, Wrote};

use crate::take::Turns;

/// Sweep items that may wait for one repository.
const SWEEPS_PER_REPO: u64 = 1_000;
/// Sweep items that may wait in all.
const SWEEPS_IN_ALL: u64 = 50_000;

/// Every item that was ever put on the queue.
#[derive(Clone, Default)]
pub(crate) struct Queue {
    rows: BTreeMap<EventId, Arc<Row>>,
    inserted: u64,
    waiting: BTreeSet<Place>,
    /// Waiting items of a subject, in the order they came.
    subjects: BTreeMap<(RepoKey, Subject), BTreeMap<u64, EventId>>,
    /// Coalesce keys of waiting items.
    coalescing: BTreeMap<String, u64>,
    /// Waiting sweep items by repository.
    sweeps: BTreeMap<Option<RepoKey>, u64>,
    in_flight: BTreeSet<EventId>,
    children: BTreeMap<EventId, Vec<EventId>>,
    of_delivery: BTreeMap<DedupKey, Vec<EventId>>,
    cooling: BTreeMap<Option<InstallationId>, Timestamp>,
    pub(crate) turns: Turns,
}

/// One item.
#[derive(Clone)]
pub(crate) struct Row {
    pub(crate) item: QueueItem,
    /// Grows with every item; the order in which they came.
    pub(crate) seq: u64,
    pub(crate) stands: Stands,
    pub(crate) put_off: u32,
    pub(crate) faults: u32,
    pub(crate) enqueued_at: Timestamp,
    pub(crate) setbacks: Vec<Setback>,
}

/// Where an item stands.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Stands {
    Waiting,
    InFlight {
        fence: Fence,
        /// The item that brought it along.
        with: Option<EventId>,
    },
    Closed,
    Buried(String),
}

/// Where a waiting item is found: classes, then installations, then the oldest due.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) class: Class,
    pub(crate) installation: Option<InstallationId>,
    pub(crate) due: Timestamp,
    pub(crate) seq: u64,
    pub(crate) id: EventId,
}

impl Place {
    /// Before every place of a class.
    pub(crate) fn first(class: Class) -> Self {
        Self {
            class,
            installation: None,
            due: Timestamp::from_millis(i64::MIN),
            seq: 0,
            id: EventId::new(""),
        }
    }

    /// After every place of a class and installation.
    pub(crate) fn last(class: Class, installation: Option<InstallationId>) -> Self {
        Self {
            installation,
            due: Timestamp::from_millis(i64::MAX),
            seq: u64::MAX,
            ..Self::first(class)
        }
    }
}

impl Row {
    fn set_back(&mut self, error: String, own: bool, until: Timestamp) {
        let generation = self.item.generation;
        match self.setbacks.last_mut() {
            Some(last) if (&last.error, last.own, last.generation) == (&error, own, generation) => {
                last.times += 1;
                last.until = until;
            }
            _ => self.setbacks.push(Setback {
                error,
                own,
                generation,
                times: 1,
                until,
            }),
        }
        let over = self.setbacks.len().saturating_sub(SETBACKS);
        self.setbacks.drain(..over);
    }

    /// Whether it has been given back before: then it separates nothing.
    pub(crate) fn was_put_off(&self) -> bool {
        self.put_off > 0 || self.faults > 0
    }

    /// Repository and subject, for items of a repository.
    pub(crate) fn about(&self) -> Option<(RepoKey, Subject)> {
        let repo = self.item.event.scope.repo()?;
        Some((repo.clone(), self.item.event.subject.clone()))
    }

    fn place(&self) -> Place {
        Place {
            class: self.item.class,
            installation: self.item.installation,
            due: self.item.due,
            seq: self.seq,
            id: self.item.event.id.clone(),
        }
    }

    fn is_open(&self) -> bool {
        match self.stands {
            Stands::Waiting | Stands::InFlight { .. } => true,
            Stands::Closed | Stands::Buried(_) => false,
        }
    }
}

/// Why an item cannot be settled.
pub(crate) enum Unsettled {
    /// There is no such item.
    Unknown,
    /// It is not in flight under this fence.
    NotOurs,
}

impl Queue {
    pub(crate) fn row(&self, id: &EventId) -> Option<&Row> {
        self.rows.get(id).map(|row| &**row)
    }

    /// Puts an item on the queue, unless it is known or there is no room.
    pub(crate) fn enqueue(&mut self, item: QueueItem) -> Wrote {
        let coalesced = item
            .coalesce
            .as_ref()
            .is_some_and(|key| self.coalescing.contains_key(key));
        if coalesced || self.rows.contains_key(&item.event.id) {
            return Wrote::Known;
        }
        if item.class == Class::Sweep {
            let repo = item.event.scope.repo();
            let of_repo = |repo: &RepoKey| self.sweeps.get(&Some(repo.clone())).copied();
            let in_all: u64 = self.sweeps.values().sum();
            let for_repo = repo.and_then(of_repo).unwrap_or(0);
            if for_repo >= SWEEPS_PER_REPO || in_all >= SWEEPS_IN_ALL {
                return Wrote::Full;
            }
        }
        self.insert(item);
        Wrote::Queued
    }

    /// Puts an item on the queue; a known id stays as it is.
    pub(crate) fn insert(&mut self, item: QueueItem) {
        let id = item.event.id.clone();
        if self.rows.contains_key(&id) {
            return;
        }
        self.inserted += 1;
        if let Some(parent) = &item.parent {
            self.children
                .entry(parent.clone())
                .or_default()
                .push(id.clone());
        }
        if let Some(delivery) = &item.delivery {
            self.of_delivery
                .entry(delivery.clone())
                .or_default()
                .push(id.clone());
        }
        let row = Row {
            seq: self.inserted,
            stands: Stands::Waiting,
            put_off: 0,
            faults: 0,
            setbacks: Vec::new(),
            enqueued_at: item.due,
            item,
        };
        self.index(&row);
        self.rows.insert(id, Arc::new(row));
    }

    /// Changes a row and keeps the indexes true; says whether there is one.
    pub(crate) fn change(&mut self, id: &EventId, change: impl FnOnce(&mut Row)) -> bool {
        let Some(mut row) = self.rows.remove(id) else {
            return false;
        };
        self.unindex(&row);
        change(Arc::make_mut(&mut row));
        self.index(&row);
        self.rows.insert(id.clone(), row);
        true
    }

    /// Ends the handling of an item in flight under the fence.
    pub(crate) fn settle(
        &mut self,
        id: &EventId,
        how: Settle,
        fence: Fence,
    ) -> Result<(), Unsettled> {
        let row = self.row(id).ok_or(Unsettled::Unknown)?;
        match &row.stands {
            Stands::InFlight { fence: held, .. } if *held == fence => {}
            Stands::InFlight { .. } | Stands::Waiting | Stands::Closed | Stands::Buried(_) => {
                return Err(Unsettled::NotOurs);
            }
        }
        self.change(id, |row| match how {
            Settle::Done | Settle::Superseded(_) => row.stands = Stands::Closed,
            Settle::Buried(why) => row.stands = Stands::Buried(why),
            Settle::Later { at, error, fault } => {
                row.set_back(error, fault, at);
                row.stands = Stands::Waiting;
                row.item.due = at;
                if fault {
                    row.faults += 1;
                } else {
                    row.put_off += 1;
                }
            }
        });
        Ok(())
    }

    /// Lets joined items wait again whose bringer is not in flight any more.
    pub(crate) fn release_left_behind(&mut self) {
        let left: Vec<_> = self
            .in_flight()
            .filter(|row| self.is_left_behind(row))
            .collect();
        let left: Vec<_> = left
            .into_iter()
            .map(|row| row.item.event.id.clone())
            .collect();
        for id in left {
            self.change(&id, |row| row.stands = Stands::Waiting);
        }
    }

    fn is_left_behind(&self, row: &Row) -> bool {
        match &row.stands {
            Stands::InFlight {
                with: Some(bringer),
                ..
            } => !self.in_flight.contains(bringer),
            Stands::InFlight { with: None, .. }
            | Stands::Waiting
            | Stands::Closed
            | Stands::Buried(_) => false,
        }
    }

    /// Lets items in flight under a lower fence wait again.
    pub(crate) fn reclaim(&mut self, fence: Fence) {
        let lower = |row: &&Row| match row.stands {
            Stands::InFlight { fence: held, .. } => held < fence,
            Stands::Waiting | Stands::Closed | Stands::Buried(_) => false,
        };
        let lost = self.in_flight().filter(lower);
        let lost: Vec<_> = lost.map(|row| row.item.event.id.clone()).collect();
        for id in lost {
            self.change(&id, |row| row.stands = Stands::Waiting);
        }
    }

    /// Brings the buried items of a delivery back; says whether there were any.
    pub(crate) fn revive(&mut self, key: &DedupKey, generation: u32, at: Timestamp) -> bool {
        let buried = self
            .items_of(key)
            .filter(|row| matches!(row.stands, Stands::Buried(_)));
        let buried: Vec<_> = buried.map(|row| row.item.event.id.clone()).collect();
        for id in &buried {
            self.change(id, |row| {
                row.stands = Stands::Waiting;
                row.item.generation = generation;
                row.item.due = at;
                row.enqueued_at = at;
                row.put_off = 0;
                row.faults = 0;
            });
        }
        !buried.is_empty()
    }

    /// Counts a delivery's buried items as closed.
    pub(crate) fn drop_buried(&mut self, key: &DedupKey) {
        let buried = self.items_of(key);
        let buried = buried.filter(|row| matches!(row.stands, Stands::Buried(_)));
        let buried: Vec<_> = buried.map(|row| row.item.event.id.clone()).collect();
        for id in &buried {
            self.change(id, |row| row.stands = Stands::Closed);
        }
    }

    pub(crate) fn has_buried(&self, key: &DedupKey) -> bool {
        self.items_of(key)
            .any(|row| matches!(row.stands, Stands::Buried(_)))
    }

    pub(crate) fn has_open(&self, key: &DedupKey) -> bool {
        self.items_of(key).any(Row::is_open)
    }

    fn items_of(&self, key: &DedupKey) -> impl Iterator<Item = &Row> {
        let ids = self.of_delivery.get(key).into_iter().flatten();
        ids.filter_map(|id| self.row(id))
    }

    /// A delivery's items, by id.
    pub(crate) fn standing(&self, key: &DedupKey) -> Vec<StandingItem> {
        let items = self.items_of(key).map(|row| StandingItem {
            id: row.item.event.id.clone(),
            state: self.state(&row.item.event.id).unwrap_or(ItemState::Closed),
            generation: row.item.generation,
            put_off: row.put_off,
            faults: row.faults,
            setbacks: row.setbacks.clone(),
        });
        let mut items: Vec<_> = items.collect();
        items.sort_by(|a, b| a.id.cmp(&b.id));
        items
    }

    /// Open items below a parent, at any depth.
    pub(crate) fn open_below(&self, parent: &EventId) -> u64 {
        let mut seen = BTreeSet::new();
        let mut next = vec![parent];
        while let Some(id) = next.pop() {
            for child in self.children.get(id).into_iter().flatten() {
                if seen.insert(child) {
                    next.push(child);
                }
            }
        }
        let open = seen
            .iter()
            .filter(|id| self.row(id).is_some_and(Row::is_open));
        open.count() as u64
    }

    pub(crate) fn state(&self, id: &EventId) -> Option<ItemState> {
        self.row(id).map(|row| match &row.stands {
            Stands::Waiting => ItemState::Waiting(row.item.due),
            Stands::InFlight { .. } => ItemState::InFlight,
            Stands::Closed => ItemState::Closed,
            Stands::Buried(why) => ItemState::Buried(why.clone()),
        })
    }

    /// Leaves the items of an installation alone; a longer cool-down stands.
    pub(crate) fn cool_down(&mut self, installation: Option<InstallationId>, until: Timestamp) {
        let stands = self.cooling.entry(installation).or_insert(until);
        *stands = until.max(*stands);
    }

    /// Until when the items of an installation are left alone.
    pub(crate) fn cooling(&self, installation: Option<InstallationId>) -> Option<Timestamp> {
        self.cooling.get(&installation).copied()
    }

    /// The earliest time at which a waiting item may be taken, cool-downs counted in.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        let due = |place: &Place| match self.cooling(place.installation) {
            Some(until) => place.due.max(until),
            None => place.due,
        };
        self.waiting.iter().map(due).min()
    }

    pub(crate) fn waiting(&self) -> &BTreeSet<Place> {
        &self.waiting
    }

    /// Waiting items of a subject, in the order they came.
    pub(crate) fn waiting_about(
        &self,
        about: &(RepoKey, Subject),
    ) -> impl Iterator<Item = &Row> + use<'_> {
        let ids = self
            .subjects
            .get(about)
            .into_iter()
            .flat_map(BTreeMap::values);
        ids.filter_map(|id| self.row(id))
    }

    pub(crate) fn in_flight(&self) -> impl Iterator<Item = &Row> {
        self.in_flight.iter().filter_map(|id| self.row(id))
    }

    pub(crate) fn buried(&self) -> u64 {
        let rows = self.rows.values();
        rows.filter(|row| matches!(row.stands, Stands::Buried(_)))
            .count() as u64
    }

    pub(crate) fn oldest_open(&self) -> Option<Timestamp> {
        let waiting = self.waiting.iter().filter_map(|place| self.row(&place.id));
        waiting
            .chain(self.in_flight())
            .map(|row| row.enqueued_at)
            .min()
    }

    fn index(&mut self, row: &Row) {
        match &row.stands {
            Stands::Waiting => {
                self.waiting.insert(row.place());
                if let Some(about) = row.about() {
                    let of_subject = self.subjects.entry(about).or_default();
                    of_subject.insert(row.seq, row.item.event.id.clone());
                }
                if let Some(key) = &row.item.coalesce {
                    *self.coalescing.entry(key.clone()).or_default() += 1;
                }
                if row.item.class == Class::Sweep {
                    let repo = row.item.event.scope.repo().cloned();
                    *self.sweeps.entry(repo).or_default() += 1;
                }
            }
            Stands::InFlight { .. } => {
                self.in_flight.insert(row.item.event.id.clone());
            }
            Stands::Closed | Stands::Buried(_) => {}
        }
    }

    fn unindex(&mut self, row: &Row) {
        match &row.stands {
            Stands::Waiting => {
                self.waiting.remove(&row.place());
                if let Some(about) = row.about()
                    && let Some(of_subject) = self.subjects.get_mut(&about)
                {
                    of_subject.remove(&row.seq);
                    if of_subject.is_empty() {
                        self.subjects.remove(&about);
                    }
                }
                if let Some(key) = &row.item.coalesce {
                    one_less(&mut self.coalescing, key);
                }
                if row.item.class == Class::Sweep {
                    one_less(&mut self.sweeps, &row.item.event.scope.repo().cloned());
                }
            }
            Stands::InFlight { .. } => {
                self.in_flight.remove(&row.item.event.id);
            }
            Stands::Closed | Stands::Buried(_) => {}
        }
    }
}

/// Takes one off a count, and the count away when nothing is left.
fn one_less<K: Ord>(counts: &mut BTreeMap<K, u64>, key: &K) {
    if let Some(count) = counts.get_mut(key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(key);
        }
    }
}
