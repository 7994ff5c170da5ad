//! What waits.

use async_trait::async_trait;

use caretaker_core::model::{
    AgentName, Backlog, DedupKey, Delivery, Depth, EventId, ItemState, RepoKey, Taken, Timestamp,
};
use caretaker_core::ports::{Bus, DueRecheck, Fence, PortError, Standing};

use super::standing;
use crate::SqliteStorage;
use crate::error::Fault;
use crate::ports::mismatched;
use crate::row;
use crate::writer::{Reply, Task};

/// Deliveries not read, those read, their bytes, when the oldest unread one came; items waiting, in
/// hands, what is buried, and since when the oldest waits.
type DepthRow = (i64, i64, i64, Option<i64>, i64, i64, i64, Option<i64>);

#[async_trait]
impl Bus for SqliteStorage {
    async fn unexpanded(&self, limit: u32) -> Result<Vec<Delivery>, PortError> {
        self.read("bus.unexpanded", async |conn| {
            let rows: Vec<(String, Vec<u8>)> = sqlx::query_as(
                "SELECT head, body FROM deliveries JOIN arrivals USING (seq)
                 WHERE state < 2 AND state = 0 ORDER BY seq LIMIT ?",
            )
            .bind(limit)
            .fetch_all(conn)
            .await?;
            rows.iter()
                .map(|(head, block)| row::delivery(head, block))
                .collect()
        })
        .await
    }

    async fn take(
        &self,
        fence: Fence,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Taken>, PortError> {
        let task = Task::Take {
            fence,
            now,
            limit,
            few: None,
        };
        match self.writer.call(task).await? {
            Reply::Taken(taken) => Ok(taken),
            other => Err(mismatched("bus.take", &other)),
        }
    }

    async fn take_spare(
        &self,
        fence: Fence,
        now: Timestamp,
        limit: u32,
        few: u32,
    ) -> Result<Vec<Taken>, PortError> {
        let task = Task::Take {
            fence,
            now,
            limit,
            few: Some(few),
        };
        match self.writer.call(task).await? {
            Reply::Taken(taken) => Ok(taken),
            other => Err(mismatched("bus.take_spare", &other)),
        }
    }

    async fn next_due(&self) -> Result<Option<Timestamp>, PortError> {
        let due: Option<i64> = self
            .read("bus.next_due", async |conn| {
                // From installation to installation through the index: each one's earliest item,
                // not before its cool-down ends.
                let query = sqlx::query_scalar(
                    "WITH RECURSIVE classes (class) AS (VALUES (0), (1), (2)),
                     has (class, installation) AS (
                         SELECT class, (SELECT min(installation) FROM items
                             WHERE state = 0 AND items.class = classes.class) FROM classes
                         UNION ALL
                         SELECT class, (SELECT min(installation) FROM items
                             WHERE state = 0 AND items.class = has.class
                                 AND items.installation > has.installation)
                         FROM has WHERE has.installation IS NOT NULL
                     )
                     SELECT min(max(
                         (SELECT min(due) FROM items WHERE state = 0 AND items.class = has.class
                             AND items.installation = has.installation),
                         coalesce((SELECT until FROM cooldowns
                             WHERE cooldowns.installation = has.installation), 0)))
                     FROM has WHERE installation IS NOT NULL",
                );
                Ok(query.fetch_one(conn).await?)
            })
            .await?;
        Ok(due.map(Timestamp::from_millis))
    }

    async fn depth(&self) -> Result<Depth, PortError> {
        let (deliveries, expanded, bytes, unread, waiting, in_flight, buried, oldest): DepthRow =
            self.read("bus.depth", async |conn| {
                let query = sqlx::query_as(
                    "SELECT
                         (SELECT n FROM tally WHERE what = 'delivery/0'),
                         (SELECT n FROM tally WHERE what = 'delivery/1'),
                         (SELECT n FROM tally WHERE what = 'bytes'),
                         (SELECT received_at FROM deliveries
                             WHERE state < 2 AND state = 0 ORDER BY seq LIMIT 1),
                         (SELECT n FROM tally WHERE what = 'item/0'),
                         (SELECT n FROM tally WHERE what = 'item/1'),
                         (SELECT sum(n) FROM tally WHERE what IN ('delivery/3', 'item/3')),
                         (SELECT min(at) FROM (
                             SELECT (SELECT received_at FROM deliveries
                                 WHERE state < 2 AND state = 0 ORDER BY seq LIMIT 1) AS at
                             UNION ALL
                             SELECT (SELECT received_at FROM deliveries
                                 WHERE state < 2 AND state = 1 ORDER BY seq LIMIT 1)
                             UNION ALL
                             SELECT min(enqueued_at) FROM items WHERE state < 2))",
                );
                Ok(query.fetch_one(conn).await?)
            })
            .await?;
        Ok(Depth {
            deliveries: deliveries.cast_unsigned(),
            waiting: waiting.cast_unsigned(),
            in_flight: in_flight.cast_unsigned(),
            buried: buried.cast_unsigned(),
            oldest: oldest.map(Timestamp::from_millis),
            backlog: Backlog {
                deliveries: (deliveries + expanded).cast_unsigned(),
                bytes: bytes.cast_unsigned(),
                unread: unread.map(Timestamp::from_millis),
            },
        })
    }

    async fn item(&self, id: &EventId) -> Result<Option<ItemState>, PortError> {
        let row: Option<(i64, i64, Option<String>)> = self
            .read("bus.item", async |conn| {
                let sql = "SELECT state, due, reason FROM items WHERE id = ?";
                Ok(sqlx::query_as(sql)
                    .bind(id.as_str())
                    .fetch_optional(conn)
                    .await?)
            })
            .await?;
        Ok(row.map(|(state, due, reason)| row::item_state(state, due, reason)))
    }

    async fn open_children(&self, parent: &EventId) -> Result<u64, PortError> {
        let open: i64 = self
            .read("bus.open_children", async |conn| {
                let query = sqlx::query_scalar(
                    "WITH RECURSIVE below (id, state) AS (
                         SELECT id, state FROM items WHERE parent = ?
                         UNION
                         SELECT items.id, items.state FROM items JOIN below ON items.parent = below.id
                     )
                     SELECT count(*) FROM below WHERE state < 2",
                );
                Ok(query.bind(parent.as_str()).fetch_one(conn).await?)
            })
            .await?;
        Ok(open.cast_unsigned())
    }

    async fn due_rechecks(&self, now: Timestamp, limit: u32) -> Result<Vec<DueRecheck>, PortError> {
        self.read("bus.due_rechecks", async |conn| {
            let rows: Vec<(String, String, String, i64)> = sqlx::query_as(
                "SELECT repo, subject, agent, at FROM rechecks WHERE at <= ?
                 ORDER BY at, repo, subject, agent LIMIT ?",
            )
            .bind(now.as_millis())
            .bind(limit)
            .fetch_all(conn)
            .await?;
            rows.into_iter().map(due_recheck).collect()
        })
        .await
    }

    async fn delivery(&self, key: &DedupKey) -> Result<Option<Delivery>, PortError> {
        self.read("bus.delivery", async |conn| {
            let row: Option<(String, Vec<u8>)> = sqlx::query_as(
                "SELECT head, body FROM deliveries JOIN arrivals USING (seq) WHERE key = ?",
            )
            .bind(key.as_str())
            .fetch_optional(conn)
            .await?;
            row.map(|(head, block)| row::delivery(&head, &block))
                .transpose()
        })
        .await
    }

    async fn standing(&self, key: &DedupKey) -> Result<Option<Standing>, PortError> {
        self.read("bus.standing", async |conn| standing::of(conn, key).await)
            .await
    }

    async fn standings(&self, before: Option<u64>, limit: u32) -> Result<Vec<Standing>, PortError> {
        self.read("bus.standings", async |conn| {
            standing::page(conn, before, limit).await
        })
        .await
    }
}

fn due_recheck(
    (repo, subject, agent, at): (String, String, String, i64),
) -> Result<DueRecheck, Fault> {
    Ok(DueRecheck {
        repo: RepoKey::try_from(repo).map_err(|why| Fault::Unreadable("recheck", why))?,
        subject: subject
            .parse()
            .map_err(|why| Fault::Unreadable("recheck", why))?,
        agent: AgentName::new(agent),
        at: Timestamp::from_millis(at),
    })
}
