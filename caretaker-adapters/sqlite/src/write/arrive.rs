//! New deliveries, many in one statement: each statement is a way to the database's thread and
//! back, which costs as much as a row does.

use std::sync::{Arc, LazyLock};

use sqlx::{AssertSqlSafe, SqliteConnection};

use super::Arrival;
use crate::error::Fault;

/// Rows of one statement at most; statements exist for each power of two up to it, so that few are
/// kept prepared.
const ROWS: usize = 32;

/// Rows left over are empty and passed over.
static DELIVERIES: LazyLock<Statements> = LazyLock::new(|| {
    Statements::new("(?, ?, ?)", |rows| {
        format!(
            "INSERT INTO deliveries (seq, key, received_at)
             SELECT * FROM (VALUES {rows}) WHERE column1 IS NOT NULL
             ON CONFLICT (key) DO NOTHING"
        )
    })
});
static ARRIVALS: LazyLock<Statements> = LazyLock::new(|| {
    Statements::new("(?, ?)", |rows| {
        format!(
            "INSERT INTO arrivals (seq, head, body)
             SELECT column1, '', column2 FROM (VALUES {rows}) WHERE column1 IS NOT NULL"
        )
    })
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
    sqlx::query("UPDATE tally SET n = n + ? WHERE what = 'delivery/0'")
        .bind(count)
        .execute(&mut *conn)
        .await?;
    Ok(true)
}

/// One chunk, at the places after `last`.
async fn rows(
    conn: &mut SqliteConnection,
    last: &mut i64,
    together: &[&Arrival],
) -> Result<bool, Fault> {
    let (size, deliveries) = DELIVERIES.of(together.len());
    let padding = size - together.len();
    let mut insert = sqlx::query(AssertSqlSafe(deliveries));
    for (seq, arrival) in (*last + 1..).zip(together) {
        insert = insert
            .bind(seq)
            .bind(&arrival.key)
            .bind(arrival.received_at);
    }
    for _empty in 0..padding * 3 {
        insert = insert.bind(None::<i64>);
    }
    let kept = insert.execute(&mut *conn).await?;
    if kept.rows_affected() != together.len() as u64 {
        return Ok(false);
    }
    let (_, arrivals) = ARRIVALS.of(together.len());
    let mut insert = sqlx::query(AssertSqlSafe(arrivals));
    for arrival in together {
        *last += 1;
        insert = insert.bind(*last).bind(&arrival.block);
    }
    for _empty in 0..padding * 2 {
        insert = insert.bind(None::<i64>);
    }
    insert.execute(&mut *conn).await?;
    Ok(true)
}

/// The texts of a statement for 1, 2, 4 … [`ROWS`] rows.
struct Statements(Vec<Arc<str>>);

impl Statements {
    fn new(row: &str, text: impl Fn(&str) -> String) -> Self {
        let sizes = (0..=ROWS.trailing_zeros()).map(|power| 1_usize << power);
        let texts = sizes.map(|size| text(&vec![row; size].join(", ")).into());
        Self(texts.collect())
    }

    /// The smallest that takes so many rows, and how many it takes.
    fn of(&self, rows: usize) -> (usize, Arc<str>) {
        let size = rows.next_power_of_two();
        (size, Arc::clone(&self.0[size.trailing_zeros() as usize]))
    }
}
