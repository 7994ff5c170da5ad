//! The queue's read side, and taking.

use async_trait::async_trait;
use caretaker_core::model::{DedupKey, Delivery, Depth, EventId, ItemState, Taken, Timestamp};
use caretaker_core::ports::{Bus, DueRecheck, Fence, PortError, Standing};

use crate::MemoryStorage;
use crate::deliveries::Stands;

#[async_trait]
impl Bus for MemoryStorage {
    async fn unexpanded(&self, limit: u32) -> Result<Vec<Delivery>, PortError> {
        Ok(self.data().deliveries.unexpanded(limit))
    }

    async fn take(
        &self,
        fence: Fence,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Taken>, PortError> {
        let mut data = self.data();
        data.leases.check("bus.take", fence)?;
        Ok(data.queue.take(fence, now, limit, None))
    }

    async fn take_spare(
        &self,
        fence: Fence,
        now: Timestamp,
        limit: u32,
        few: u32,
    ) -> Result<Vec<Taken>, PortError> {
        let mut data = self.data();
        data.leases.check("bus.take_spare", fence)?;
        Ok(data.queue.take(fence, now, limit, Some(few)))
    }

    async fn next_due(&self) -> Result<Option<Timestamp>, PortError> {
        Ok(self.data().queue.next_due())
    }

    async fn depth(&self) -> Result<Depth, PortError> {
        let data = self.data();
        let oldest = [data.deliveries.oldest_open(), data.queue.oldest_open()];
        Ok(Depth {
            deliveries: data.deliveries.count(Stands::Accepted),
            waiting: data.queue.waiting().len() as u64,
            in_flight: data.queue.in_flight().count() as u64,
            buried: data.deliveries.count(Stands::Buried) + data.queue.buried(),
            oldest: oldest.into_iter().flatten().min(),
            backlog: data.deliveries.backlog(),
        })
    }

    async fn item(&self, id: &EventId) -> Result<Option<ItemState>, PortError> {
        Ok(self.data().queue.state(id))
    }

    async fn open_children(&self, parent: &EventId) -> Result<u64, PortError> {
        Ok(self.data().queue.open_below(parent))
    }

    async fn due_rechecks(&self, now: Timestamp, limit: u32) -> Result<Vec<DueRecheck>, PortError> {
        let data = self.data();
        let due = data.rechecks.iter().filter(|(_, at)| **at <= now);
        let mut due: Vec<_> = due
            .map(|((repo, subject, agent), at)| DueRecheck {
                repo: repo.clone(),
                subject: subject.clone(),
                agent: agent.clone(),
                at: *at,
            })
            .collect();
        due.sort_by_key(|recheck| recheck.at);
        due.truncate(limit as usize);
        Ok(due)
    }

    async fn delivery(&self, key: &DedupKey) -> Result<Option<Delivery>, PortError> {
        Ok(self.data().deliveries.delivery(key).cloned())
    }

    async fn standing(&self, key: &DedupKey) -> Result<Option<Standing>, PortError> {
        let data = self.data();
        let row = data.deliveries.row(key);
        Ok(row.map(|row| row.standing(data.queue.standing(key))))
    }

    async fn standings(&self, before: Option<u64>, limit: u32) -> Result<Vec<Standing>, PortError> {
        let data = self.data();
        let rows = data.deliveries.youngest(before).into_iter();
        let first = rows.take(limit as usize);
        Ok(first
            .map(|row| row.standing(data.queue.standing(row.key())))
            .collect())
    }
}
