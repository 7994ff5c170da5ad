//! Which item is next, and what it brings along (decisions §3).
//!
//! A class is chosen by credit: every class that has something to offer earns its share, the
//! richest is served and pays what was earned. Within the class the installation served longest
//! ago is next, with its oldest due item.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use caretaker_core::model::{Class, EventId, InstallationId, RepoKey, Subject, Taken, Timestamp};
use caretaker_core::ports::Fence;

use crate::queue::{Place, Queue, Row, Stands};

/// Whose turn it is.
#[derive(Clone, Default)]
pub(crate) struct Turns {
    credit: BTreeMap<Class, i64>,
    turn: u64,
    served: BTreeMap<Option<InstallationId>, u64>,
}

/// What is in hands, and therefore closed to others.
#[derive(Default)]
struct Busy {
    subjects: BTreeSet<(RepoKey, Subject)>,
    /// Repositories with an interactive item in hands (`true`), or with another one.
    repos: BTreeSet<(RepoKey, bool)>,
    /// Items in hands of an installation.
    installations: BTreeMap<Option<InstallationId>, u32>,
}

impl Busy {
    fn of(queue: &Queue) -> Self {
        let mut busy = Self::default();
        for row in queue.in_flight() {
            busy.add(row);
        }
        busy
    }

    fn add(&mut self, row: &Row) {
        let joined = matches!(&row.stands, Stands::InFlight { with: Some(_), .. });
        if !joined {
            *self.installations.entry(row.item.installation).or_default() += 1;
        }
        let Some(about) = row.about() else { return };
        if !joined {
            let interactive = row.item.class == Class::Interactive;
            self.repos.insert((about.0.clone(), interactive));
        }
        self.subjects.insert(about);
    }

    /// Whether an installation has fewer in hands, where that is asked.
    fn has_few(&self, installation: Option<InstallationId>, few: Option<u32>) -> bool {
        let held = self.installations.get(&installation).copied();
        few.is_none_or(|few| held.unwrap_or_default() < few)
    }

    fn allows(&self, row: &Row) -> bool {
        row.about().is_none_or(|about| {
            let slot = (about.0.clone(), row.item.class == Class::Interactive);
            !self.repos.contains(&slot) && !self.subjects.contains(&about)
        })
    }
}

impl Queue {
    /// Takes up to `limit` items that are due, where told only of installations that have fewer
    /// than `few` in hands.
    pub(crate) fn take(
        &mut self,
        fence: Fence,
        now: Timestamp,
        limit: u32,
        few: Option<u32>,
    ) -> Vec<Taken> {
        self.reclaim(fence);
        let mut busy = Busy::of(self);
        let mut taken = Vec::new();
        while taken.len() < limit as usize {
            let Some(place) = self.choose(now, &busy, few) else {
                break;
            };
            taken.extend(self.hand_out(&place.id, fence));
            if let Some(row) = self.row(&place.id) {
                busy.add(row);
            }
        }
        taken
    }

    /// The next item, with the turn noted.
    fn choose(&mut self, now: Timestamp, busy: &Busy, few: Option<u32>) -> Option<Place> {
        let offers: Vec<(Place, i64)> = Class::SHARES
            .into_iter()
            .filter_map(|(class, share)| {
                Some((self.offer(class, now, busy, few)?, i64::from(share)))
            })
            .collect();
        let earned: i64 = offers.iter().map(|(_, share)| share).sum();
        for (place, share) in &offers {
            *self.turns.credit.entry(place.class).or_default() += share;
        }
        let credit = |place: &Place| self.turns.credit.get(&place.class).copied();
        // Of equally rich classes the more urgent one is served: it stands first.
        let mut best: Option<Place> = None;
        for (place, _) in offers {
            if best
                .as_ref()
                .is_none_or(|best| credit(&place) > credit(best))
            {
                best = Some(place);
            }
        }
        let place = best?;
        *self.turns.credit.entry(place.class).or_default() -= earned;
        self.turns.turn += 1;
        self.turns
            .served
            .insert(place.installation, self.turns.turn);
        Some(place)
    }

    /// What a class has to offer: of the installation served longest ago its oldest due item.
    fn offer(&self, class: Class, now: Timestamp, busy: &Busy, few: Option<u32>) -> Option<Place> {
        let mut offers = Vec::new();
        let mut next = self.first_of(class, Bound::Included(Place::first(class)));
        while let Some(place) = next {
            let installation = place.installation;
            let cooling = self.cooling(installation).is_some_and(|until| until > now);
            if !cooling && busy.has_few(installation, few) {
                offers.extend(self.first_free(place, now, busy));
            }
            next = self.first_of(class, Bound::Excluded(Place::last(class, installation)));
        }
        let served = |place: &&Place| self.turns.served.get(&place.installation).copied();
        offers
            .into_iter()
            .min_by_key(|place| (served(place), place.due, place.seq))
            .cloned()
    }

    /// The first waiting item of a class, from a place on.
    fn first_of(&self, class: Class, from: Bound<Place>) -> Option<&Place> {
        let first = self.waiting().range((from, Bound::Unbounded)).next();
        first.filter(|place| place.class == class)
    }

    /// The first item of a class and installation, from `first` on, that is due and closed to
    /// nobody.
    fn first_free(&self, first: &Place, now: Timestamp, busy: &Busy) -> Option<&Place> {
        self.waiting()
            .range(first..)
            .take_while(|place| {
                place.class == first.class
                    && place.installation == first.installation
                    && place.due <= now
            })
            .find(|place| self.row(&place.id).is_some_and(|row| busy.allows(row)))
    }

    /// Puts an item in flight, with those that go with it.
    fn hand_out(&mut self, id: &EventId, fence: Fence) -> Option<Taken> {
        let row = self.row(id)?;
        let mut taken = Taken {
            item: row.item.clone(),
            joined: Vec::new(),
            put_off: row.put_off,
            faults: row.faults,
            enqueued_at: row.enqueued_at,
        };
        if let Some(about) = row.about()
            && !row.item.edge
            && joins(&about.1)
        {
            let before_edge = self
                .waiting_about(&about)
                .take_while(|row| !row.item.edge || row.was_put_off());
            let others = before_edge.filter(|row| !row.item.edge && row.item.event.id != *id);
            taken.joined = others.map(|row| row.item.clone()).collect();
        }
        self.change(id, |row| {
            row.stands = Stands::InFlight { fence, with: None }
        });
        for item in &taken.joined {
            self.change(&item.event.id, |row| {
                row.stands = Stands::InFlight {
                    fence,
                    with: Some(id.clone()),
                };
            });
        }
        Some(taken)
    }
}

/// Whether items about it can be answered by one handling.
fn joins(subject: &Subject) -> bool {
    match subject {
        Subject::Pull(_)
        | Subject::Issue(_)
        | Subject::Commit(_)
        | Subject::Branch(_)
        | Subject::Alert(_) => true,
        Subject::Repo | Subject::None => false,
    }
}
