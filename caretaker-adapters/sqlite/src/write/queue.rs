//! How the handling of items ends; putting them on the queue is in [`super::enqueue`].

use sqlx::SqliteConnection;

use caretaker_core::model::{EventId, Settle};
use caretaker_core::ports::{Fence, Kind, SETBACKS};

use super::delivery;
use crate::error::Fault;
use crate::row;

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
    set_back(conn, id, at, error, fault).await
}

/// Notes what stood in the way; the same as last time is counted there.
async fn set_back(
    conn: &mut SqliteConnection,
    id: &EventId,
    until: i64,
    error: &str,
    own: bool,
) -> Result<(), Fault> {
    let again = sqlx::query(
        "UPDATE setbacks SET times = times + 1, until = ?2
         WHERE item = ?1 AND place = (SELECT max(place) FROM setbacks WHERE item = ?1)
             AND error = ?3 AND own = ?4
             AND generation = (SELECT generation FROM items WHERE id = ?1)",
    )
    .bind(id.as_str())
    .bind(until)
    .bind(error)
    .bind(own)
    .execute(&mut *conn)
    .await?;
    if again.rows_affected() > 0 {
        return Ok(());
    }
    sqlx::query(
        "INSERT INTO setbacks (item, place, generation, own, error, times, until)
         SELECT id, 1 + coalesce((SELECT max(place) FROM setbacks WHERE item = ?1), 0),
             generation, ?4, ?3, 1, ?2
         FROM items WHERE id = ?1",
    )
    .bind(id.as_str())
    .bind(until)
    .bind(error)
    .bind(own)
    .execute(&mut *conn)
    .await?;
    sqlx::query(
        "DELETE FROM setbacks
         WHERE item = ?1 AND place <= (SELECT max(place) FROM setbacks WHERE item = ?1) - ?2",
    )
    .bind(id.as_str())
    .bind(i64::try_from(SETBACKS).unwrap_or(i64::MAX))
    .execute(&mut *conn)
    .await?;
    Ok(())
}
