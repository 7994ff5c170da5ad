//! Who may work: leases and their fences.

use std::collections::BTreeMap;

use async_trait::async_trait;
use caretaker_core::model::{Span, Timestamp};
use caretaker_core::ports::{Fence, Holder, Kind, Leases, PortError};

use crate::MemoryStorage;

/// Leases in force, and the highest fence handed out.
#[derive(Clone, Default)]
pub(crate) struct Held {
    rows: BTreeMap<String, Holder>,
    highest: u64,
}

impl Held {
    /// Refuses a fence when a higher one was handed out.
    pub(crate) fn check(&self, op: &'static str, fence: Fence) -> Result<(), PortError> {
        if fence.0 >= self.highest {
            return Ok(());
        }
        let detail = format!("fence {} is behind {}", fence.0, self.highest);
        Err(PortError::new(op, Kind::Fenced).detail(detail))
    }
}

#[async_trait]
impl Leases for MemoryStorage {
    async fn acquire(
        &self,
        name: &str,
        worker: &str,
        now: Timestamp,
        ttl: Span,
    ) -> Result<Fence, PortError> {
        let mut data = self.data();
        if let Some(holder) = data.leases.rows.get(name)
            && holder.worker != worker
            && now < holder.until
        {
            let detail = format!("held by {}", holder.worker);
            return Err(PortError::new("leases.acquire", Kind::Conflict).detail(detail));
        }
        data.leases.highest += 1;
        let fence = Fence(data.leases.highest);
        let holder = Holder {
            worker: worker.to_owned(),
            fence,
            until: now + ttl,
        };
        data.leases.rows.insert(name.to_owned(), holder);
        data.queue.reclaim(fence);
        Ok(fence)
    }

    async fn renew(
        &self,
        name: &str,
        fence: Fence,
        now: Timestamp,
        ttl: Span,
    ) -> Result<(), PortError> {
        let mut data = self.data();
        match data.leases.rows.get_mut(name) {
            Some(holder) if holder.fence == fence => {
                holder.until = now + ttl;
                Ok(())
            }
            Some(_) | None => Err(PortError::new("leases.renew", Kind::Fenced)),
        }
    }

    async fn release(&self, name: &str, fence: Fence) -> Result<(), PortError> {
        let rows = &mut self.data().leases.rows;
        if rows.get(name).is_some_and(|holder| holder.fence == fence) {
            rows.remove(name);
        }
        Ok(())
    }

    async fn holder(&self, name: &str, now: Timestamp) -> Result<Option<Holder>, PortError> {
        let data = self.data();
        let holder = data
            .leases
            .rows
            .get(name)
            .filter(|holder| now < holder.until);
        Ok(holder.cloned())
    }
}
