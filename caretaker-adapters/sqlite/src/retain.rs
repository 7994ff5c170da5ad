//! What is forgotten, and when (decisions §4), in steps short enough for the writer.
//!
//! Commits carry no time, so a delivery or item that has ended is first stamped by a step that
//! sees it, and removed when the stamp is old enough. Its time to live thus never starts early.

use sqlx::SqliteConnection;

use caretaker_core::model::{Retention, Span, Timestamp};
use caretaker_core::ports::Retained;

use crate::error::Fault;

/// Rows of one kind that a step touches at most.
const STEP: i64 = 500;
/// Free pages given back to the file system in a step.
const VACUUM: &str = "PRAGMA incremental_vacuum(256)";

/// An answer that no run speaks of; longer than any run is between writing it and its record.
const UNUSED: Span = Span::days(1);
/// What was written and said in an hour; only the running hour is ever asked for.
const COUNTERS: Span = Span::hours(48);

/// One step of forgetting.
pub(crate) async fn step(
    conn: &mut SqliteConnection,
    now: Timestamp,
    keep: &Retention,
) -> Result<Retained, Fault> {
    let mut sweep = Sweep {
        conn,
        now,
        keep: Retention {
            // What was given up never goes before what went well.
            buried: keep.buried.max(keep.deliveries),
            ..*keep
        },
    };
    sweep.stamp().await?;
    sweep.counters().await?;
    let retained = Retained {
        deliveries: sweep.deliveries().await?,
        items: sweep.items().await?,
        runs: sweep.runs().await?,
        blobs: sweep.blobs().await?,
    };
    // Steps through all pages it frees only when its rows are read to the end.
    sqlx::query(VACUUM).fetch_all(&mut *sweep.conn).await?;
    Ok(retained)
}

struct Sweep<'a> {
    conn: &'a mut SqliteConnection,
    now: Timestamp,
    keep: Retention,
}

impl Sweep<'_> {
    /// Runs a statement that takes a time as `?1` and [`STEP`] as `?2`.
    async fn run(&mut self, sql: &'static str, at: Timestamp) -> Result<u64, Fault> {
        let query = sqlx::query(sql).bind(at.as_millis()).bind(STEP);
        Ok(query.execute(&mut *self.conn).await?.rows_affected())
    }

    async fn stamp(&mut self) -> Result<(), Fault> {
        self.run(
            "UPDATE deliveries SET ended_at = ?1 WHERE seq IN (
                 SELECT seq FROM deliveries WHERE state >= 2 AND ended_at IS NULL LIMIT ?2)",
            self.now,
        )
        .await?;
        self.run(
            "UPDATE items SET ended_at = ?1 WHERE seq IN (
                 SELECT seq FROM items WHERE state >= 2 AND ended_at IS NULL LIMIT ?2)",
            self.now,
        )
        .await?;
        self.run(
            "UPDATE unused_blobs SET since = ?1 WHERE sha256 IN (
                 SELECT sha256 FROM unused_blobs WHERE since IS NULL LIMIT ?2)",
            self.now,
        )
        .await?;
        Ok(())
    }

    /// Looks up each repository's oldest counters only: most of our memory is none of them.
    async fn counters(&mut self) -> Result<u64, Fault> {
        // Hours since the epoch have six digits until 2084, so that text sorts as numbers do.
        self.run(
            "DELETE FROM state WHERE (repo, key) IN (
                 WITH RECURSIVE of (repo) AS (
                     SELECT min(repo) FROM state
                     UNION ALL
                     SELECT (SELECT min(repo) FROM state WHERE repo > of.repo) FROM of
                     WHERE of.repo IS NOT NULL)
                 SELECT state.repo, state.key FROM of
                 CROSS JOIN (SELECT 'voice/' AS kind UNION ALL SELECT 'writes/')
                 CROSS JOIN state
                 WHERE state.repo = of.repo AND state.key > kind
                     AND state.key < kind || (?1 / 3600000)
                 LIMIT ?2)",
            self.now - COUNTERS,
        )
        .await
    }

    async fn deliveries(&mut self) -> Result<u64, Fault> {
        // One with buried items stays as long as they do: its repeat brings them back.
        let closed = self
            .run(
                "DELETE FROM deliveries WHERE seq IN (
                     SELECT seq FROM deliveries
                     WHERE state >= 2 AND ended_at <= ?1 AND state = 2 AND NOT EXISTS (
                         SELECT 1 FROM items WHERE items.delivery = deliveries.key
                             AND items.state = 3)
                     LIMIT ?2)",
                self.now - self.keep.deliveries,
            )
            .await?;
        let buried = self
            .run(
                "DELETE FROM deliveries WHERE seq IN (
                     SELECT seq FROM deliveries WHERE state >= 2 AND ended_at <= ?1 LIMIT ?2)",
                self.now - self.keep.buried,
            )
            .await?;
        Ok(closed + buried)
    }

    async fn items(&mut self) -> Result<u64, Fault> {
        let closed = self
            .run(
                "DELETE FROM items WHERE seq IN (
                     SELECT seq FROM items WHERE state >= 2 AND ended_at <= ?1 AND state = 2
                     LIMIT ?2)",
                self.now - self.keep.deliveries,
            )
            .await?;
        let buried = self
            .run(
                "DELETE FROM items WHERE seq IN (
                     SELECT seq FROM items WHERE state >= 2 AND ended_at <= ?1 LIMIT ?2)",
                self.now - self.keep.buried,
            )
            .await?;
        Ok(closed + buried)
    }

    async fn runs(&mut self) -> Result<u64, Fault> {
        let skips = self
            .run(
                "DELETE FROM runs WHERE seq IN (
                     SELECT seq FROM runs WHERE acted = 0 AND closed_at <= ?1 LIMIT ?2)",
                self.now - self.keep.skips,
            )
            .await?;
        let acting = self
            .run(
                "DELETE FROM runs WHERE seq IN (
                     SELECT seq FROM runs WHERE acted = 1 AND closed_at <= ?1 LIMIT ?2)",
                self.now - self.keep.acting,
            )
            .await?;
        Ok(skips + acting)
    }

    async fn blobs(&mut self) -> Result<u64, Fault> {
        self.run(
            "DELETE FROM blobs WHERE sha256 IN (
                 SELECT sha256 FROM unused_blobs WHERE since <= ?1 LIMIT ?2)",
            self.now - UNUSED,
        )
        .await
    }
}
