//! New deliveries, many in one statement: each statement is a way to the database's thread and
//! back, which costs as much as a row does.

use std::sync::{Arc, LazyLock};

use sqlx::{AssertSqlSafe, SqliteConnection};

use super::Arrival;
use crate::error::Fault;

/// Rows of one statement at most; statements exist for each power of two up to it, so that few are
/// kept prepared.
const ROWS: usize = 32;

/// Places, then bytes, then the count of what was new: one way for all three. Rows left over are
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
             UPDATE tally SET n = n + changes() WHERE what = 'delivery/0'",
            places.join(", "),
            bytes.join(", "),
        )
    };
    sizes.map(|size| text(size).into()).collect()
});

/// The last place of a delivery, and how many are open.
const STAND: &str = "SELECT
        (SELECT coalesce(max(seq), 0) FROM deliveries),
        (SELECT sum(n) FROM tally WHERE what IN ('delivery/0', 'delivery/1'))";

/// Keeps deliveries if all are new and there is room for all; says whether they are kept.
///
/// Nothing is written where there is no room, nor where one delivery alone is not new. Of several
/// some may be written although the answer is no: the caller has to take them back.
pub(super) async fn insert(
    conn: &mut SqliteConnection,
    arrivals: &[&Arrival],
) -> Result<bool, Fault> {
    let (mut last, open): (i64, i64) = sqlx::query_as(STAND).fetch_one(&mut *conn).await?;
    let count = i64::try_from(arrivals.len()).unwrap_or(i64::MAX);
    let has_room = |arrival: &&Arrival| open.saturating_add(count) <= arrival.limit;
    if !arrivals.iter().all(has_room) {
        return Ok(false);
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
    let changed = inserts.execute(&mut *conn).await?.rows_affected();
    // A place and its bytes for each, and the count.
    Ok(changed == 2 * together.len() as u64 + 1)
}
