//! New deliveries, many in one statement: each statement is a way to the database's thread and
//! back, which costs as much as a row does.

use std::sync::{Arc, LazyLock};

use sqlx::{AssertSqlSafe, SqliteConnection};

use caretaker_core::model::{Backlog, Timestamp};

use super::Arrival;
use crate::error::Fault;

/// Rows of one statement at most; statements exist for each power of two up to it, so that few are
/// kept prepared.
const ROWS: usize = 32;

/// Places, then bytes, then the counts of what was new: one way for all three. Rows left over are
/// empty and passed over.
static INSERTS: LazyLock<Vec<Arc<str>>> = LazyLock::new(|| {
    let sizes = (0..=ROWS.trailing_zeros()).map(|power| 1_usize << power);
    let text = |size| {
        let (places, bytes) = (vec!["(?, ?, ?)"; size], vec!["(?, ?)"; size]);
        format!(
            "INSERT INTO deliveries (seq, key, received_at)
             SELECT * FROM (VALUES {}) WHERE column1 IS NOT NULL
             ON CONFLICT (key) DO NOTHING;
             INSERT INTO arrivals (seq, head, body)
             SELECT column1, '', column2 FROM (VALUES {})
             WHERE column1 IN (SELECT seq FROM deliveries);
             UPDATE tally SET n = n + iif(what = 'bytes', ? * (changes() > 0), changes())
             WHERE what IN ('delivery/0', 'bytes')",
            places.join(", "),
            bytes.join(", "),
        )
    };
    sizes.map(|size| text(size).into()).collect()
});

const STAND: &str = "SELECT
        (SELECT coalesce(max(seq), 0) FROM deliveries),
        (SELECT sum(n) FROM tally WHERE what IN ('delivery/0', 'delivery/1')),
        (SELECT n FROM tally WHERE what = 'bytes'),
        (SELECT received_at FROM deliveries WHERE state < 2 AND state = 0 ORDER BY seq LIMIT 1)";

/// How the table of deliveries stands.
pub(super) struct Stand {
    /// The last place.
    last: i64,
    /// What waits.
    pub(super) backlog: Backlog,
}

pub(super) async fn stand(conn: &mut SqliteConnection) -> Result<Stand, Fault> {
    let (last, deliveries, bytes, unread): (i64, i64, i64, Option<i64>) =
        sqlx::query_as(STAND).fetch_one(&mut *conn).await?;
    Ok(Stand {
        last,
        backlog: Backlog {
            deliveries: deliveries.cast_unsigned(),
            bytes: bytes.cast_unsigned(),
            unread: unread.map(Timestamp::from_millis),
        },
    })
}

/// Keeps deliveries if all are new and there is room for all; says whether they are kept.
///
/// Nothing is written where there is no room, nor where one delivery alone is not new. Of several
/// some may be written although the answer is no: the caller has to take them back.
pub(super) async fn insert(
    conn: &mut SqliteConnection,
    arrivals: &[&Arrival],
) -> Result<bool, Fault> {
    let Stand { mut last, backlog } = stand(conn).await?;
    let mut with = backlog;
    for arrival in arrivals {
        if arrival.reached(&with).is_some() {
            return Ok(false);
        }
        with.deliveries += 1;
        with.bytes += arrival.block.len() as u64;
    }
    for together in arrivals.chunks(ROWS) {
        if !rows(conn, &mut last, together).await? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// One chunk, at the places after `last`.
async fn rows(
    conn: &mut SqliteConnection,
    last: &mut i64,
    together: &[&Arrival],
) -> Result<bool, Fault> {
    let size = together.len().next_power_of_two();
    let padding = size - together.len();
    let text = Arc::clone(&INSERTS[size.trailing_zeros() as usize]);
    let mut inserts = sqlx::query(AssertSqlSafe(text));
    for (seq, arrival) in (*last + 1..).zip(together) {
        inserts = inserts
            .bind(seq)
            .bind(&arrival.key)
            .bind(arrival.received_at);
    }
    for _empty in 0..padding * 3 {
        inserts = inserts.bind(None::<i64>);
    }
    for arrival in together {
        *last += 1;
        inserts = inserts.bind(*last).bind(&arrival.block);
    }
    for _empty in 0..padding * 2 {
        inserts = inserts.bind(None::<i64>);
    }
    let bytes: usize = together.iter().map(|arrival| arrival.block.len()).sum();
    inserts = inserts.bind(i64::try_from(bytes).unwrap_or(i64::MAX));
    let changed = inserts.execute(&mut *conn).await?.rows_affected();
    // A place and its bytes for each, and both counts.
    Ok(changed == 2 * together.len() as u64 + 2)
}
