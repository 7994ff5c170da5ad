//! The ports that write, as calls of the writer; the read sides are in [`crate::read`].

use async_trait::async_trait;

use caretaker_core::model::{Retention, Span, Timestamp};
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

    async fn retain(&self, now: Timestamp, keep: &Retention) -> Result<Retained, PortError> {
        match self.writer.call(Task::Retain { now, keep: *keep }).await? {
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
        let (signed, lock) = self.tenures.ask(name);
        let task = Task::Acquire {
            name: name.to_owned(),
            worker: worker.to_owned(),
            now,
            ttl,
            signed,
        };
        match self.writer.call(task).await {
            Ok(Reply::Fence(fence)) => {
                self.tenures.took(name, worker, lock);
                Ok(fence)
            }
            Ok(other) => Err(mismatched("leases.acquire", &other)),
            Err(error) => {
                if error.kind == Kind::Conflict {
                    self.tenures.refused(name, worker);
                }
                Err(error)
            }
        }
    }

    async fn renew(
        &self,
        name: &str,
        fence: Fence,
        now: Timestamp,
        ttl: Span,
    ) -> Result<(), PortError> {
        let task = Task::Renew {
            name: name.to_owned(),
            fence,
            now,
            ttl,
        };
        match self.writer.call(task).await {
            Ok(_done) => {
                self.tenures.renewed(name);
                Ok(())
            }
            Err(error) => {
                if error.kind == Kind::Fenced {
                    self.tenures.gave_up(name);
                }
                Err(error)
            }
        }
    }

    async fn release(&self, name: &str, fence: Fence) -> Result<(), PortError> {
        let task = Task::Release {
            name: name.to_owned(),
            fence,
        };
        self.writer.call(task).await?;
        // After the lease: a free lock with our name beside a lease in force means that we died.
        self.tenures.gave_up(name);
        Ok(())
    }

    async fn holder(&self, name: &str, now: Timestamp) -> Result<Option<Holder>, PortError> {
        let row: Option<(String, i64, i64)> = self
            .read("leases.holder", async |conn| {
                let sql = "SELECT worker, fence, until FROM leases WHERE name = ?";
                Ok(sqlx::query_as(sql).bind(name).fetch_optional(conn).await?)
            })
            .await?;
        let holder = row.map(|(worker, fence, until)| Holder {
            worker,
            fence: Fence(fence.cast_unsigned()),
            until: Timestamp::from_millis(until),
        });
        Ok(holder.filter(|holder| {
            holder.until > now || self.tenures.look(name).is_alive(&holder.worker)
        }))
    }
}
