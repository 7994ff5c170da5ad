//! The ports that write, as calls of the writer; the read sides are in [`crate::read`].

use async_trait::async_trait;

use caretaker_core::model::{Span, Timestamp};
use caretaker_core::ports::{
    Fence, Holder, Kind, Leases, PortError, Retained, Store, Write, Wrote,
};

use crate::SqliteStorage;
use crate::write::Op;
use crate::writer::{Reply, Task};

/// The writer answers each task with its own kind of reply.
pub(crate) fn mismatched(op: &'static str, reply: &Reply) -> PortError {
    PortError::new(op, Kind::Corrupt).detail(format!("the writer answered with {reply:?}"))
}

#[async_trait]
impl Store for SqliteStorage {
    async fn commit(
        &self,
        fence: Option<Fence>,
        writes: Vec<Write>,
    ) -> Result<Vec<Wrote>, PortError> {
        let ops = writes.into_iter().map(Op::prepare).collect();
        match self.writer.call(Task::Commit { fence, ops }).await? {
            Reply::Wrote(wrote) => Ok(wrote),
            other => Err(mismatched("store.commit", &other)),
        }
    }

    async fn retain(&self, now: Timestamp) -> Result<Retained, PortError> {
        match self.writer.call(Task::Retain { now }).await? {
            Reply::Retained(retained) => Ok(retained),
            other => Err(mismatched("store.retain", &other)),
        }
    }
}

#[async_trait]
impl Leases for SqliteStorage {
    async fn acquire(
        &self,
        name: &str,
        worker: &str,
        now: Timestamp,
        ttl: Span,
    ) -> Result<Fence, PortError> {
        let (name, worker) = (name.to_owned(), worker.to_owned());
        match self
            .writer
            .call(Task::Acquire {
                name,
                worker,
                now,
                ttl,
            })
            .await?
        {
            Reply::Fence(fence) => Ok(fence),
            other => Err(mismatched("leases.acquire", &other)),
        }
    }

    async fn renew(
        &self,
        name: &str,
        fence: Fence,
        now: Timestamp,
        ttl: Span,
    ) -> Result<(), PortError> {
        let name = name.to_owned();
        self.writer
            .call(Task::Renew {
                name,
                fence,
                now,
                ttl,
            })
            .await
            .map(|_done| ())
    }

    async fn release(&self, name: &str, fence: Fence) -> Result<(), PortError> {
        let name = name.to_owned();
        self.writer
            .call(Task::Release { name, fence })
            .await
            .map(|_done| ())
    }

    async fn holder(&self, name: &str, now: Timestamp) -> Result<Option<Holder>, PortError> {
        let row: Option<(String, i64, i64)> = self
            .read("leases.holder", async |conn| {
                let sql = "SELECT worker, fence, until FROM leases WHERE name = ? AND until > ?";
                let query = sqlx::query_as(sql).bind(name).bind(now.as_millis());
                Ok(query.fetch_optional(conn).await?)
            })
            .await?;
        Ok(row.map(|(worker, fence, until)| Holder {
            worker,
            fence: Fence(fence.cast_unsigned()),
            until: Timestamp::from_millis(until),
        }))
    }
}
