//! What was recorded: runs, claims, large answers.

use async_trait::async_trait;
use sqlx::{QueryBuilder, Sqlite};

use caretaker_core::model::{ActionKey, AgentName, EventId, RepoKey, Run, RunId};
use caretaker_core::ports::{Attempt, ClaimRow, Filter, Journal, Ledger, PortError, Recorded};

use crate::SqliteStorage;
use crate::error::Fault;
use crate::row;

/// `SELECT … WHERE` with the filter's conditions.
fn matching(filter: &Filter) -> QueryBuilder<Sqlite> {
    let mut sql = QueryBuilder::new("SELECT seq, line FROM runs WHERE true");
    if let Some(repo) = &filter.repo {
        sql.push(" AND repo = ").push_bind(repo.to_string());
    }
    if let Some(subject) = &filter.subject {
        sql.push(" AND subject = ").push_bind(subject.to_string());
    }
    if let Some(agent) = &filter.agent {
        sql.push(" AND agent = ")
            .push_bind(agent.as_str().to_owned());
    }
    if let Some(outcome) = &filter.outcome {
        sql.push(" AND outcome = ").push_bind(outcome.clone());
    }
    if let Some(since) = filter.since {
        // The place bounds the walk through the journal, which is ordered by it.
        sql.push(" AND closed_at >= ").push_bind(since.as_millis());
        sql.push(" AND seq >= (SELECT min(seq) FROM runs WHERE closed_at >= ");
        sql.push_bind(since.as_millis()).push(")");
    }
    sql
}

impl SqliteStorage {
    async fn lines(
        &self,
        op: &'static str,
        mut sql: QueryBuilder<Sqlite>,
    ) -> Result<Vec<Recorded>, PortError> {
        let rows: Vec<(i64, String)> = self
            .read(op, async |conn| {
                Ok(sql.build_query_as().fetch_all(conn).await?)
            })
            .await?;
        let recorded = |(seq, line): (i64, String)| Recorded {
            seq: seq.cast_unsigned(),
            line,
        };
        Ok(rows.into_iter().map(recorded).collect())
    }
}

#[async_trait]
impl Journal for SqliteStorage {
    async fn closed(
        &self,
        filter: &Filter,
        after: u64,
        limit: u32,
    ) -> Result<Vec<Recorded>, PortError> {
        let after = i64::try_from(after).unwrap_or(i64::MAX);
        let mut sql = matching(filter);
        sql.push(" AND seq > ").push_bind(after);
        sql.push(" ORDER BY seq LIMIT ").push_bind(limit);
        self.lines("journal.closed", sql).await
    }

    async fn latest(&self, filter: &Filter, limit: u32) -> Result<Vec<Recorded>, PortError> {
        let mut sql = matching(filter);
        sql.push(" ORDER BY seq DESC LIMIT ").push_bind(limit);
        self.lines("journal.latest", sql).await
    }

    async fn open_runs(&self, limit: u32) -> Result<Vec<Run>, PortError> {
        self.read("journal.open_runs", async |conn| {
            let lines: Vec<String> =
                sqlx::query_scalar("SELECT line FROM open_runs ORDER BY opened_at, id LIMIT ?")
                    .bind(limit)
                    .fetch_all(conn)
                    .await?;
            lines.iter().map(|line| row::run(line)).collect()
        })
        .await
    }

    async fn run(&self, id: &RunId) -> Result<Option<Run>, PortError> {
        self.read("journal.run", async |conn| {
            // Sorted by id, an exact match stands first.
            let found: Vec<(String, String)> = sqlx::query_as(
                "SELECT id, line FROM (
                     SELECT id, line FROM runs WHERE id >= ?1 AND id < ?1 || char(1114111)
                     UNION ALL
                     SELECT id, line FROM open_runs WHERE id >= ?1 AND id < ?1 || char(1114111))
                 ORDER BY id LIMIT 2",
            )
            .bind(id.as_str())
            .fetch_all(conn)
            .await?;
            match found.as_slice() {
                [(_, line)] => row::run(line).map(Some),
                [(exact, line), _] if exact == id.as_str() => row::run(line).map(Some),
                _none_or_ambiguous => Ok(None),
            }
        })
        .await
    }

    async fn attempts(&self, event: &EventId, generation: u32) -> Result<Vec<Attempt>, PortError> {
        type Row = (String, String, i64, Option<String>, bool);
        let rows: Vec<Row> = self
            .read("journal.attempts", async |conn| {
                let query = sqlx::query_as(
                    "SELECT id, agent, attempt, outcome, is_final FROM runs
                     WHERE event = ?1 AND generation = ?2
                     UNION ALL
                     SELECT id, agent, attempt, NULL, 0 FROM open_runs
                     WHERE event = ?1 AND generation = ?2
                     ORDER BY agent, attempt",
                );
                let query = query.bind(event.as_str()).bind(generation);
                Ok(query.fetch_all(conn).await?)
            })
            .await?;
        let attempt = |(run, agent, attempt, outcome, is_final): Row| Attempt {
            run: RunId::new(run),
            agent: AgentName::new(agent),
            attempt: row::small(attempt),
            outcome,
            is_final,
        };
        Ok(rows.into_iter().map(attempt).collect())
    }

    async fn edge_decided(
        &self,
        repo: &RepoKey,
        agent: &AgentName,
        identity: &str,
        but: &EventId,
    ) -> Result<Option<EventId>, PortError> {
        self.read("journal.edge_decided", async |conn| {
            let query = sqlx::query_scalar(
                "SELECT event FROM runs WHERE is_final = 1
                     AND edge_identity IS NOT NULL AND edge_identity = ?
                     AND agent = ? AND repo = ?
                     AND event <> ? AND outcome <> 'superseded'
                 ORDER BY seq LIMIT 1",
            );
            let query = query
                .bind(identity)
                .bind(agent.as_str())
                .bind(repo.to_string())
                .bind(but.as_str());
            let event: Option<String> = query.fetch_optional(conn).await?;
            Ok(event.map(EventId::new))
        })
        .await
    }

    async fn blob(&self, sha256: &str) -> Result<Option<String>, PortError> {
        self.read("journal.blob", async |conn| {
            let packed: Option<Vec<u8>> =
                sqlx::query_scalar("SELECT text FROM blobs WHERE sha256 = ?")
                    .bind(sha256)
                    .fetch_optional(conn)
                    .await?;
            let text = |packed: Vec<u8>| {
                String::from_utf8(row::unpack("answer", &packed)?)
                    .map_err(|error| Fault::Unreadable("answer", error.to_string()))
            };
            packed.map(text).transpose()
        })
        .await
    }
}

#[async_trait]
impl Ledger for SqliteStorage {
    async fn claims(&self, run: &RunId) -> Result<Vec<ClaimRow>, PortError> {
        self.read("ledger.claims", async |conn| {
            let rows: Vec<(i64, String, Option<String>)> = sqlx::query_as(
                "SELECT place, key, result FROM claims WHERE run = ? ORDER BY place",
            )
            .bind(run.as_str())
            .fetch_all(conn)
            .await?;
            let claim = |(place, key, result): (i64, String, Option<String>)| {
                Ok(ClaimRow {
                    index: row::small(place),
                    key: ActionKey::new(key),
                    result: result.as_deref().map(row::effect).transpose()?,
                })
            };
            rows.into_iter().map(claim).collect()
        })
        .await
    }
}
