//! The write side: each write in its turn, all of them or none.

use std::sync::Arc;

use async_trait::async_trait;
use caretaker_core::model::{
    BacklogLimits, DedupKey, Delivery, EventId, Json, Pause, QueueItem, RepoKey, Run, Settle,
    Versioned,
};
use caretaker_core::ports::{Claim, Fence, Kind, PortError, Store, Write, Wrote};

use crate::deliveries::Stands;
use crate::queue::Unsettled;
use crate::runs::Unkept;
use crate::{Data, MemoryStorage};

#[async_trait]
impl Store for MemoryStorage {
    async fn commit(
        &self,
        fence: Option<Fence>,
        writes: Vec<Write>,
    ) -> Result<Vec<Wrote>, PortError> {
        let mut data = self.data();
        let mut next = data.clone();
        if let Some(fence) = fence {
            next.leases.check("store.commit", fence)?;
        }
        let mut results = Vec::with_capacity(writes.len());
        for write in writes {
            results.push(match (fence, write) {
                (_, Write::Accept { delivery, limits }) => next.accept(*delivery, limits),
                (_, Write::Drop(delivery)) => next.drop_buried(&delivery),
                (_, Write::Enqueue(item)) => next.queue.enqueue(*item),
                (_, Write::Learn(lesson)) => {
                    next.repos.learn(lesson);
                    Wrote::Done
                }
                (_, Write::Pause { repo, pause }) => next.pause(repo, pause),
                (Some(fence), write) => next.apply(fence, write)?,
                (None, _) => {
                    let detail =
                        "without a fence only accept, drop, enqueue, learn and pause are allowed";
                    return Err(PortError::new("store.commit", Kind::Invalid).detail(detail));
                }
            });
        }
        next.queue.release_left_behind();
        *data = next;
        Ok(results)
    }
}

impl Data {
    /// Makes a change that takes a right to write.
    fn apply(&mut self, fence: Fence, write: Write) -> Result<Wrote, PortError> {
        match write {
            Write::Accept { delivery, limits } => return Ok(self.accept(*delivery, limits)),
            Write::Drop(delivery) => return Ok(self.drop_buried(&delivery)),
            Write::Enqueue(item) => return Ok(self.queue.enqueue(*item)),
            Write::Learn(lesson) => self.repos.learn(lesson),
            Write::Pause { repo, pause } => return Ok(self.pause(repo, pause)),
            Write::Expand {
                delivery,
                items,
                unheard,
            } => self.expand(&delivery, items, unheard)?,
            Write::BuryDelivery { delivery, record } => self.bury(&delivery, *record)?,
            Write::Settle { item, how } => self.settle(&item, how, fence)?,
            Write::Claim {
                run,
                index,
                key,
                count,
                repo,
            } => {
                let claim = self.claims.claim(run, index, key);
                if let (Claim::Fresh, Some(counter)) = (&claim, count) {
                    self.count(repo, counter)?;
                }
                return Ok(Wrote::Claimed(claim));
            }
            Write::Finish { key, result } => {
                if !self.claims.finish(&key, result) {
                    return Err(unknown("store.finish", &key));
                }
            }
            Write::Put {
                repo,
                key,
                expect,
                value,
            } => return self.put(repo, key, expect, value),
            Write::Step(run) => self
                .runs
                .step(*run)
                .map_err(|why| unkept("store.step", why))?,
            Write::Close(run) => self.close(*run)?,
            Write::Recheck {
                repo,
                subject,
                agent,
                at,
            } => {
                let place = (repo, subject, agent);
                match at {
                    Some(at) => self.rechecks.insert(place, at),
                    None => self.rechecks.remove(&place),
                };
            }
            Write::Blob { blob, text } => {
                let kept = self.blobs.entry(blob.sha256);
                kept.or_insert_with(|| Arc::from(text));
            }
            Write::CoolDown {
                installation,
                until,
            } => self.queue.cool_down(installation, until),
        }
        Ok(Wrote::Done)
    }

    fn accept(&mut self, delivery: Delivery, limits: BacklogLimits) -> Wrote {
        let mut generation = 0;
        let mut stands = Stands::Accepted;
        if let Some(row) = self.deliveries.row(&delivery.key) {
            let with_buried_items =
                row.stands == Stands::Closed && self.queue.has_buried(&delivery.key);
            if row.stands != Stands::Buried && !with_buried_items {
                return Wrote::Duplicate;
            }
            generation = row.generation + 1;
            if with_buried_items {
                stands = Stands::Expanded;
            }
        }
        if let Some(bound) = limits.reached(&self.deliveries.backlog(), delivery.received_at) {
            return Wrote::Backlog(bound);
        }
        self.queue
            .revive(&delivery.key, generation, delivery.received_at);
        self.deliveries.keep(delivery, generation, stands);
        Wrote::Accepted
    }

    fn expand(
        &mut self,
        key: &DedupKey,
        items: Vec<QueueItem>,
        unheard: Option<Box<Run>>,
    ) -> Result<(), PortError> {
        let row = self.deliveries.row_mut(key);
        let row = row.ok_or_else(|| unknown("store.expand", key))?;
        if row.stands != Stands::Accepted {
            return Ok(());
        }
        row.stands = Stands::Expanded;
        let generation = row.generation;
        let record = unheard.filter(|_| items.is_empty());
        for mut item in items {
            item.delivery = Some(key.clone());
            item.generation = generation;
            self.queue.insert(item);
        }
        if let Some(record) = record {
            self.record_once(*record)?;
        }
        self.close_delivery(key);
        Ok(())
    }

    fn bury(&mut self, key: &DedupKey, record: Run) -> Result<(), PortError> {
        let row = self.deliveries.row_mut(key);
        let row = row.ok_or_else(|| unknown("store.bury", key))?;
        if row.stands != Stands::Accepted {
            return Ok(());
        }
        row.stands = Stands::Buried;
        self.record_once(record)
    }

    fn drop_buried(&mut self, key: &DedupKey) -> Wrote {
        let Some(row) = self.deliveries.row_mut(key) else {
            return Wrote::Known;
        };
        let buried = match row.stands {
            Stands::Buried => true,
            Stands::Closed => self.queue.has_buried(key),
            Stands::Accepted | Stands::Expanded => false,
        };
        if !buried {
            return Wrote::Known;
        }
        row.stands = Stands::Closed;
        self.queue.drop_buried(key);
        Wrote::Done
    }

    fn settle(&mut self, id: &EventId, how: Settle, fence: Fence) -> Result<(), PortError> {
        let settled = self.queue.settle(id, how, fence);
        settled.map_err(|why| match why {
            Unsettled::Unknown => unknown("store.settle", id),
            Unsettled::NotOurs => PortError::new("store.settle", Kind::Conflict)
                .detail(format!("{id} is not in flight under fence {}", fence.0)),
        })?;
        let delivery = self.queue.row(id).and_then(|row| row.item.delivery.clone());
        if let Some(delivery) = delivery {
            self.close_delivery(&delivery);
        }
        Ok(())
    }

    /// Closes an expanded delivery that has no open item left.
    fn close_delivery(&mut self, key: &DedupKey) {
        let open = self.queue.has_open(key);
        if let Some(row) = self.deliveries.row_mut(key)
            && row.stands == Stands::Expanded
            && !open
        {
            row.stands = Stands::Closed;
        }
    }

    fn close(&mut self, run: Run) -> Result<(), PortError> {
        self.runs
            .close(run)
            .map_err(|why| unkept("store.close", why))
    }

    /// Keeps a delivery's closing record; one that is there already stays.
    fn record_once(&mut self, run: Run) -> Result<(), PortError> {
        match self.runs.close(run) {
            Ok(()) | Err(Unkept::Recorded) => Ok(()),
            Err(why) => Err(unkept("store.close", why)),
        }
    }

    fn pause(&mut self, repo: Option<RepoKey>, pause: Option<Pause>) -> Wrote {
        match pause {
            Some(pause) => self.pauses.insert(repo, pause),
            None => self.pauses.remove(&repo),
        };
        Wrote::Done
    }

    fn put(
        &mut self,
        repo: RepoKey,
        key: String,
        expect: Option<u64>,
        value: Json,
    ) -> Result<Wrote, PortError> {
        let place = (repo, key);
        let is = self.values.get(&place).map(|value| value.version);
        if is != expect {
            let detail = format!("{} has version {is:?}, expected {expect:?}", place.1);
            return Err(PortError::new("store.put", Kind::Conflict).detail(detail));
        }
        let version = is.unwrap_or(0) + 1;
        self.values.insert(place, Versioned { version, value });
        Ok(Wrote::Version(version))
    }

    /// Adds one to a counter.
    fn count(&mut self, repo: RepoKey, counter: String) -> Result<(), PortError> {
        let place = (repo, counter);
        let (version, spent) = match self.values.get(&place) {
            None => (0, 0),
            Some(value) => {
                let spent = value.value.decode::<u64>().map_err(|why| {
                    let detail = format!("{} is no counter: {why}", place.1);
                    PortError::new("store.claim", Kind::Corrupt).detail(detail)
                })?;
                (value.version, spent)
            }
        };
        let next = Versioned {
            version: version + 1,
            value: Json::from_value(&(spent + 1).into()),
        };
        self.values.insert(place, next);
        Ok(())
    }
}

fn unknown(op: &'static str, what: &impl std::fmt::Display) -> PortError {
    PortError::new(op, Kind::NotFound).detail(format!("{what} is not known"))
}

fn unkept(op: &'static str, why: Unkept) -> PortError {
    match why {
        Unkept::NoOutcome => {
            PortError::new(op, Kind::Invalid).detail("a run is closed with its outcome")
        }
        Unkept::Recorded => {
            PortError::new(op, Kind::Conflict).detail("there is a record of it already")
        }
        Unkept::NoLine(error) => PortError::wrap(op, Kind::Invalid)(error),
    }
}
