//! Deliveries: kept, expanded, closed, buried.

use sqlx::SqliteConnection;

use caretaker_core::model::{
    Backlog, BacklogLimits, Bound, DedupKey, Delivery, QueueItem, Timestamp,
};
use caretaker_core::ports::{Kind, Wrote};

use super::{RunRow, arrive, enqueue, record};
use crate::error::Fault;
use crate::row;

/// States of a delivery.
const PENDING: i64 = 0;
const EXPANDED: i64 = 1;
const CLOSED: i64 = 2;
const BURIED: i64 = 3;

/// A delivery as it is kept.
#[derive(Debug)]
pub(crate) struct Arrival {
    pub(super) key: String,
    pub(super) received_at: i64,
    /// The whole of it, compressed.
    pub(super) block: Vec<u8>,
    /// The backlog from which on it is not kept.
    pub(super) limits: BacklogLimits,
}

impl Arrival {
    pub(super) fn of(delivery: &Delivery, limits: BacklogLimits) -> Self {
        Self {
            key: delivery.key.as_str().to_owned(),
            received_at: delivery.received_at.as_millis(),
            block: row::block(delivery),
            limits,
        }
    }

    /// The bound that keeps it out.
    pub(super) fn reached(&self, backlog: &Backlog) -> Option<Bound> {
        let now = Timestamp::from_millis(self.received_at);
        self.limits.reached(backlog, now)
    }
}

pub(super) async fn accept(conn: &mut SqliteConnection, new: &Arrival) -> Result<Wrote, Fault> {
    // The common case: what is new and has room.
    if arrive::insert(conn, &[new]).await? {
        return Ok(Wrote::Accepted);
    }
    let state: Option<i64> = sqlx::query_scalar("SELECT state FROM deliveries WHERE key = ?")
        .bind(&new.key)
        .fetch_optional(&mut *conn)
        .await?;
    let full = new.reached(&arrive::stand(conn).await?.backlog);
    match state {
        // What is new was refused for nothing else.
        None => return Ok(Wrote::Backlog(full.unwrap_or(Bound::Count))),
        Some(BURIED) => {}
        Some(CLOSED) if has_buried_items(conn, &new.key).await? => {}
        Some(_open_or_closed) => return Ok(Wrote::Duplicate),
    }
    if let Some(bound) = full {
        return Ok(Wrote::Backlog(bound));
    }
    revive(conn, new).await?;
    Ok(Wrote::Accepted)
}

async fn has_buried_items(conn: &mut SqliteConnection, key: &str) -> Result<bool, Fault> {
    let sql = "SELECT EXISTS (SELECT 1 FROM items WHERE delivery = ? AND state = 3)";
    Ok(sqlx::query_scalar(sql)
        .bind(key)
        .fetch_one(&mut *conn)
        .await?)
}

/// Puts a buried delivery and its buried items back to the queue, with the next generation.
async fn revive(conn: &mut SqliteConnection, again: &Arrival) -> Result<(), Fault> {
    let items = sqlx::query(
        "UPDATE items SET state = 0, due = ?2, enqueued_at = ?2, put_off = 0, faults = 0,
             reason = NULL, joined_to = NULL, ended_at = NULL,
             generation = 1 + (SELECT generation FROM deliveries WHERE key = ?1)
         WHERE delivery = ?1 AND state = 3",
    )
    .bind(&again.key)
    .bind(again.received_at)
    .execute(&mut *conn)
    .await?;
    // Without items it was the projection that failed: it is expanded anew.
    let state = if items.rows_affected() == 0 {
        PENDING
    } else {
        EXPANDED
    };
    // Its bytes move with it to the end of the queue.
    sqlx::query(
        "UPDATE arrivals SET seq = 1 + (SELECT max(seq) FROM deliveries), head = '', body = ?2
         WHERE seq = (SELECT seq FROM deliveries WHERE key = ?1)",
    )
    .bind(&again.key)
    .bind(&again.block)
    .execute(&mut *conn)
    .await?;
    sqlx::query(
        "UPDATE deliveries SET seq = 1 + (SELECT max(seq) FROM deliveries),
             state = ?2, generation = generation + 1, received_at = ?3, ended_at = NULL
         WHERE key = ?1",
    )
    .bind(&again.key)
    .bind(state)
    .bind(again.received_at)
    .execute(&mut *conn)
    .await?;
    Ok(())
}

/// Counts what was given up of a delivery as closed.
pub(super) async fn drop_buried(conn: &mut SqliteConnection, key: &str) -> Result<Wrote, Fault> {
    // While an item is open the delivery is, and what is buried of it may still come back whole.
    let delivery = sqlx::query(
        "UPDATE deliveries SET state = 2 WHERE key = ?1 AND (state = 3 OR (state = 2 AND EXISTS (
             SELECT 1 FROM items WHERE delivery = ?1 AND state = 3)))",
    )
    .bind(key)
    .execute(&mut *conn)
    .await?;
    if delivery.rows_affected() == 0 {
        return Ok(Wrote::Known);
    }
    sqlx::query("UPDATE items SET state = 2 WHERE delivery = ? AND state = 3")
        .bind(key)
        .execute(&mut *conn)
        .await?;
    Ok(Wrote::Done)
}

pub(super) async fn expand(
    conn: &mut SqliteConnection,
    key: &DedupKey,
    items: &[QueueItem],
    unheard: Option<&RunRow>,
) -> Result<(), Fault> {
    let Some(generation) = pending(conn, key).await? else {
        return Ok(());
    };
    let state = if items.is_empty() { CLOSED } else { EXPANDED };
    move_to(conn, key.as_str(), state).await?;
    for item in items {
        let mut item = item.clone();
        item.delivery = Some(key.clone());
        item.generation = generation;
        enqueue::insert(conn, &item).await?;
    }
    match unheard {
        Some(run) if items.is_empty() => record_once(conn, run).await,
        Some(_) | None => Ok(()),
    }
}

pub(super) async fn bury(
    conn: &mut SqliteConnection,
    key: &DedupKey,
    run: &RunRow,
) -> Result<(), Fault> {
    if pending(conn, key).await?.is_none() {
        return Ok(());
    }
    move_to(conn, key.as_str(), BURIED).await?;
    record_once(conn, run).await
}

/// Keeps a delivery's closing record; one that is there already stays. The delivery may have been
/// forgotten and come again, and refusing its end would stop whoever consumes deliveries.
async fn record_once(conn: &mut SqliteConnection, run: &RunRow) -> Result<(), Fault> {
    match record::close(conn, run).await {
        // A conflict is found before anything of the record is written.
        Err(Fault::Refused(Kind::Conflict, _)) => Ok(()),
        closed => closed,
    }
}

/// Closes an expanded delivery when its last open item has ended.
pub(super) async fn end_if_last(conn: &mut SqliteConnection, key: &str) -> Result<(), Fault> {
    sqlx::query(
        "UPDATE deliveries SET state = 2 WHERE key = ?1 AND state = 1
             AND NOT EXISTS (SELECT 1 FROM items WHERE delivery = ?1 AND state < 2)",
    )
    .bind(key)
    .execute(&mut *conn)
    .await?;
    Ok(())
}

/// The generation of a delivery if it waits to be expanded.
async fn pending(conn: &mut SqliteConnection, key: &DedupKey) -> Result<Option<u32>, Fault> {
    let found: Option<(i64, i64)> =
        sqlx::query_as("SELECT state, generation FROM deliveries WHERE key = ?")
            .bind(key.as_str())
            .fetch_optional(&mut *conn)
            .await?;
    match found {
        None => Err(Fault::refused(Kind::NotFound, format!("no delivery {key}"))),
        Some((PENDING, generation)) => Ok(Some(row::small(generation))),
        Some(_expanded) => Ok(None),
    }
}

async fn move_to(conn: &mut SqliteConnection, key: &str, state: i64) -> Result<(), Fault> {
    sqlx::query("UPDATE deliveries SET state = ? WHERE key = ?")
        .bind(state)
        .bind(key)
        .execute(&mut *conn)
        .await?;
    Ok(())
}
