//! Items put on the queue: one by one, or many in one statement.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::SqliteConnection;

use caretaker_core::model::{Class, DedupKey, EventId, QueueItem};
use caretaker_core::ports::Wrote;

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
pub(super) async fn one(conn: &mut SqliteConnection, item: &QueueItem) -> Result<Wrote, Fault> {
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

/// Items in one statement; every statement is a way to the database's thread and back.
const MANY: usize = 500;

/// Adds items that wait as [`one`] does for each in turn.
pub(super) async fn all(
    conn: &mut SqliteConnection,
    items: &[&QueueItem],
) -> Result<Vec<Wrote>, Fault> {
    let mut wrote = Vec::with_capacity(items.len());
    for items in items.chunks(MANY) {
        if items.len() > 1 && are_apart(items) && fit_in_any_order(conn, items).await? {
            wrote.extend(many(conn, items).await?);
        } else {
            for item in items {
                wrote.push(one(conn, item).await?);
            }
        }
    }
    Ok(wrote)
}

/// Whether none of the items decides about another one's coalescing.
fn are_apart(items: &[&QueueItem]) -> bool {
    let mut keys = BTreeSet::new();
    items
        .iter()
        .filter_map(|item| item.coalesce.as_deref())
        .all(|key| keys.insert(key))
}

/// Whether there is room even if every one is new.
async fn fit_in_any_order(
    conn: &mut SqliteConnection,
    items: &[&QueueItem],
) -> Result<bool, Fault> {
    let mut added: BTreeMap<String, i64> = BTreeMap::new();
    for item in items.iter().filter(|item| item.class == Class::Sweep) {
        *added.entry(row::lane(item)).or_default() += 1;
        *added.entry("all".to_owned()).or_default() += 1;
    }
    let waiting: Vec<(String, i64)> =
        sqlx::query_as("SELECT repo, n FROM sweeps WHERE repo IN (SELECT key FROM json_each(?))")
            .bind(row::json(&added))
            .fetch_all(&mut *conn)
            .await?;
    for (repo, n) in waiting {
        *added.entry(repo).or_default() += n;
    }
    Ok(added.iter().all(|(repo, n)| match repo.as_str() {
        "all" => *n <= SWEEPS,
        "" => true,
        _repo => *n <= SWEEPS_OF_REPO,
    }))
}

/// Adds items that have room and are apart.
async fn many(conn: &mut SqliteConnection, items: &[&QueueItem]) -> Result<Vec<Wrote>, Fault> {
    let rows: Vec<_> = items
        .iter()
        .map(|item| {
            (
                item.event.id.as_str(),
                row::class(item.class),
                item.edge,
                row::installation(item.installation),
                row::lane(item),
                item.event.subject.to_string(),
                item.coalesce.as_deref(),
                item.delivery.as_ref().map(DedupKey::as_str),
                item.parent.as_ref().map(EventId::as_str),
                item.generation,
                item.due.as_millis(),
                row::json(item),
            )
        })
        .collect();
    let queued: Vec<String> = sqlx::query_scalar(
        "INSERT INTO items (id, class, edge, installation, repo, subject, coalesce_key,
             delivery, parent, generation, due, enqueued_at, item)
         SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5,
             value ->> 6, value ->> 7, value ->> 8, value ->> 9, value ->> 10, value ->> 10,
             value ->> 11
         FROM json_each(?)
         WHERE NOT EXISTS (SELECT 1 FROM items
             WHERE state = 0 AND coalesce_key IS NOT NULL AND coalesce_key = value ->> 6)
         ORDER BY key
         ON CONFLICT (id) DO NOTHING RETURNING id",
    )
    .bind(row::json(&rows))
    .fetch_all(&mut *conn)
    .await?;
    let mut queued: BTreeSet<String> = queued.into_iter().collect();
    // A repeated id is queued by its first item and known by the next.
    let came = |item: &&QueueItem| {
        if queued.remove(item.event.id.as_str()) {
            Wrote::Queued
        } else {
            Wrote::Known
        }
    };
    Ok(items.iter().map(came).collect())
}
