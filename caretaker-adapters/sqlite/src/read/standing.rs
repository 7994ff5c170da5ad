//! Where deliveries stand, for those who look; bodies are left out.

use sqlx::SqliteConnection;

use caretaker_core::model::{DedupKey, EventId, Timestamp};
use caretaker_core::ports::{Setback, Standing, StandingItem};

use crate::error::Fault;
use crate::row;

/// Place, state, generation, head, block.
type Row = (i64, i64, i64, String, Vec<u8>);
/// Id, state, due, reason, generation, put off, faults.
type ItemRow = (String, i64, i64, Option<String>, i64, i64, i64);

pub(super) async fn of(
    conn: &mut SqliteConnection,
    key: &DedupKey,
) -> Result<Option<Standing>, Fault> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT seq, state, generation, head, body FROM deliveries JOIN arrivals USING (seq)
         WHERE key = ?",
    )
    .bind(key.as_str())
    .fetch_optional(&mut *conn)
    .await?;
    match row {
        Some(row) => Ok(Some(with_items(conn, row).await?)),
        None => Ok(None),
    }
}

pub(super) async fn page(
    conn: &mut SqliteConnection,
    before: Option<u64>,
    limit: u32,
) -> Result<Vec<Standing>, Fault> {
    let before = before.map_or(i64::MAX, |before| i64::try_from(before).unwrap_or(i64::MAX));
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT seq, state, generation, head, body FROM deliveries JOIN arrivals USING (seq)
         WHERE seq < ? ORDER BY seq DESC LIMIT ?",
    )
    .bind(before)
    .bind(limit)
    .fetch_all(&mut *conn)
    .await?;
    let mut standings = Vec::with_capacity(rows.len());
    for row in rows {
        standings.push(with_items(conn, row).await?);
    }
    Ok(standings)
}

async fn with_items(
    conn: &mut SqliteConnection,
    (place, state, generation, head, block): Row,
) -> Result<Standing, Fault> {
    let mut delivery = row::delivery(&head, &block)?;
    delivery.body = Vec::new();
    let rows: Vec<ItemRow> = sqlx::query_as(
        "SELECT id, state, due, reason, generation, put_off, faults FROM items
         WHERE delivery = ? ORDER BY id",
    )
    .bind(delivery.key.as_str())
    .fetch_all(&mut *conn)
    .await?;
    let mut items = Vec::with_capacity(rows.len());
    for (id, state, due, reason, generation, put_off, faults) in rows {
        let failed = setbacks(conn, &id).await?;
        items.push(StandingItem {
            id: EventId::new(id),
            state: row::item_state(state, due, reason),
            generation: row::small(generation),
            put_off: row::small(put_off),
            faults: row::small(faults),
            setbacks: failed,
        });
    }
    Ok(Standing {
        place: place.cast_unsigned(),
        delivery,
        generation: row::small(generation),
        state: row::delivery_state(state),
        items,
    })
}

async fn setbacks(conn: &mut SqliteConnection, item: &str) -> Result<Vec<Setback>, Fault> {
    let rows: Vec<(String, bool, i64, i64, i64)> = sqlx::query_as(
        "SELECT error, own, generation, times, until FROM setbacks WHERE item = ? ORDER BY place",
    )
    .bind(item)
    .fetch_all(conn)
    .await?;
    let setback = |(error, own, generation, times, until)| Setback {
        error,
        own,
        generation: row::small(generation),
        times: row::small(times),
        until: Timestamp::from_millis(until),
    };
    Ok(rows.into_iter().map(setback).collect())
}
