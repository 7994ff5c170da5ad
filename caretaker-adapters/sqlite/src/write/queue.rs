//! Items: put on the queue, and how their handling ends.

use sqlx::SqliteConnection;

use caretaker_core::model::{DedupKey, EventId, QueueItem, Settle};
use caretaker_core::ports::{Fence, Kind, Wrote};

use super::delivery;
use crate::error::Fault;
use crate::row;

/// Sweep items that may wait for one repository, and in all.
const SWEEPS_OF_REPO: i64 = 1_000;
const SWEEPS: i64 = 50_000;

/// The columns of a new item, each bound once by [`bound`].
macro_rules! insert {
    ($condition:literal) => {
        concat!(
            "INSERT INTO items (id, class, edge, installation, repo, subject, coalesce_key,
                 delivery, parent, generation, due, enqueued_at, item)
             SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11, ?12 WHERE ",
            $condition,
            " ON CONFLICT (id) DO NOTHING"
        )
    };
}

/// Adds an item that waits, in one statement: what is new, has room and joins no waiting one.
pub(super) async fn enqueue(conn: &mut SqliteConnection, item: &QueueItem) -> Result<Wrote, Fault> {
    let queued = bound(
        insert!(
            "NOT EXISTS (SELECT 1 FROM items
                 WHERE state = 0 AND coalesce_key IS NOT NULL AND coalesce_key = ?7)
             AND (?2 <> 2 OR (
                 (SELECT n FROM sweeps WHERE repo = 'all') < ?13
                 AND (?5 = '' OR
                     coalesce((SELECT n FROM sweeps WHERE repo = ?5), 0) < ?14)))"
        ),
        item,
    )
    .bind(SWEEPS)
    .bind(SWEEPS_OF_REPO)
    .execute(&mut *conn)
    .await?;
    if queued.rows_affected() == 1 {
        return Ok(Wrote::Queued);
    }
    let known: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM items WHERE id = ?1)
             OR EXISTS (SELECT 1 FROM items
                        WHERE state = 0 AND coalesce_key IS NOT NULL AND coalesce_key = ?2)",
    )
    .bind(item.event.id.as_str())
    .bind(item.coalesce.as_deref())
    .fetch_one(&mut *conn)
    .await?;
    Ok(if known { Wrote::Known } else { Wrote::Full })
}

/// Adds an item that waits, whatever else waits; one with a known id stays as it is.
pub(super) async fn insert(conn: &mut SqliteConnection, item: &QueueItem) -> Result<(), Fault> {
    bound(insert!("true"), item).execute(&mut *conn).await?;
    Ok(())
}

fn bound<'q>(
    sql: &'static str,
    item: &'q QueueItem,
) -> sqlx::query::Query<'q, sqlx::Sqlite, sqlx::sqlite::SqliteArguments> {
    sqlx::query(sql)
        .bind(item.event.id.as_str())
        .bind(row::class(item.class))
        .bind(item.edge)
        .bind(row::installation(item.installation))
        .bind(row::lane(item))
        .bind(item.event.subject.to_string())
        .bind(item.coalesce.as_deref())
        .bind(item.delivery.as_ref().map(DedupKey::as_str))
        .bind(item.parent.as_ref().map(EventId::as_str))
        .bind(i64::from(item.generation))
        .bind(item.due.as_millis())
        .bind(row::json(item))
}

pub(super) async fn settle(
    conn: &mut SqliteConnection,
    id: &EventId,
    how: &Settle,
    fence: Fence,
) -> Result<(), Fault> {
    let found: Option<(bool, Option<String>)> =
        sqlx::query_as("SELECT state = 1 AND fence = ?2, delivery FROM items WHERE id = ?1")
            .bind(id.as_str())
            .bind(fence.0.cast_signed())
            .fetch_optional(&mut *conn)
            .await?;
    let delivery = match found {
        None => return Err(Fault::refused(Kind::NotFound, format!("no item {id}"))),
        Some((false, _)) => {
            let why = format!("item {id} is not in flight under fence {}", fence.0);
            return Err(Fault::refused(Kind::Conflict, why));
        }
        Some((true, delivery)) => delivery,
    };
    let (state, reason) = match how {
        Settle::Later { at, error, fault } => {
            return put_off(conn, id, at.as_millis(), error, *fault).await;
        }
        Settle::Done => (row::CLOSED, None),
        Settle::Superseded(by) => (row::CLOSED, Some(by.as_str())),
        Settle::Buried(reason) => (row::BURIED, Some(reason.as_str())),
    };
    sqlx::query("UPDATE items SET state = ?, reason = ?, joined_to = NULL WHERE id = ?")
        .bind(state)
        .bind(reason)
        .bind(id.as_str())
        .execute(&mut *conn)
        .await?;
    match delivery {
        Some(delivery) => delivery::end_if_last(conn, &delivery).await,
        None => Ok(()),
    }
}

/// Lets joined items wait again whose bringer is not in flight any more.
pub(super) async fn release_left_behind(conn: &mut SqliteConnection) -> Result<(), Fault> {
    sqlx::query(
        "UPDATE items SET state = 0, joined_to = NULL
         WHERE state = 1 AND joined_to IS NOT NULL AND NOT EXISTS (
             SELECT 1 FROM items AS bringer WHERE bringer.id = items.joined_to AND bringer.state = 1)",
    )
    .execute(&mut *conn)
    .await?;
    Ok(())
}

async fn put_off(
    conn: &mut SqliteConnection,
    id: &EventId,
    at: i64,
    error: &str,
    fault: bool,
) -> Result<(), Fault> {
    sqlx::query(
        "UPDATE items SET state = 0, due = ?2, reason = ?3, joined_to = NULL,
             faults = faults + ?4, put_off = put_off + 1 - ?4
         WHERE id = ?1",
    )
    .bind(id.as_str())
    .bind(at)
    .bind(error)
    .bind(i64::from(fault))
    .execute(&mut *conn)
    .await?;
    Ok(())
}
