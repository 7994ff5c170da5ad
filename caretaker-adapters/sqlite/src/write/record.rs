//! Runs, their large answers, and effects begun.

use std::collections::BTreeSet;

use sqlx::SqliteConnection;

use caretaker_core::model::{ActionKey, Answer, EffectResult, Evidence, RepoKey, Run, RunId};
use caretaker_core::ports::{Claim, Kind, Wrote};

use super::state;
use crate::error::Fault;
use crate::row;

/// A run as it stands in the tables.
#[derive(Debug)]
pub(crate) struct RunRow {
    id: String,
    event: String,
    agent: String,
    generation: i64,
    attempt: i64,
    repo: Option<String>,
    subject: String,
    /// Word and finality; `None` while open.
    outcome: Option<(&'static str, bool)>,
    acted: bool,
    opened_at: i64,
    closed_at: Option<i64>,
    edge_identity: Option<String>,
    blobs: BTreeSet<String>,
    line: String,
}

impl RunRow {
    pub(crate) fn of(run: &Run) -> Self {
        let named = run.repo.as_ref().map(|repo| &repo.key);
        let repo = named.or_else(|| run.task.event.scope.repo());
        let looked = run.looked.as_ref().map(|looked| &looked.evidence);
        Self {
            id: run.id.as_str().to_owned(),
            event: run.task.event.id.as_str().to_owned(),
            agent: run.agent.as_str().to_owned(),
            generation: i64::from(run.generation),
            attempt: i64::from(run.attempt),
            repo: repo.map(RepoKey::to_string),
            subject: run.task.event.subject.to_string(),
            outcome: run.outcome.as_ref().map(|o| (o.word(), o.is_final())),
            acted: !run.effects.is_empty(),
            opened_at: run.opened_at.as_millis(),
            closed_at: run
                .closed_at
                .map(caretaker_core::model::Timestamp::as_millis),
            edge_identity: run.task.event.edge_identity.clone(),
            blobs: [Some(&run.evidence), looked]
                .into_iter()
                .flatten()
                .flat_map(blobs)
                .collect(),
            line: row::json(run),
        }
    }
}

/// The hashes of the answers that stand elsewhere.
fn blobs(evidence: &Evidence) -> impl Iterator<Item = String> + '_ {
    evidence.iter().filter_map(|(_, answer)| {
        if let Answer::Stored(blob) = answer {
            Some(blob.sha256.clone())
        } else {
            None
        }
    })
}

pub(super) async fn step(conn: &mut SqliteConnection, run: &RunRow) -> Result<(), Fault> {
    refuse_closed(conn, run).await?;
    sqlx::query(
        "INSERT INTO open_runs (id, event, agent, generation, attempt, opened_at, line)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (id) DO UPDATE SET line = ?7, opened_at = ?6",
    )
    .bind(&run.id)
    .bind(&run.event)
    .bind(&run.agent)
    .bind(run.generation)
    .bind(run.attempt)
    .bind(run.opened_at)
    .bind(&run.line)
    .execute(&mut *conn)
    .await?;
    use_blobs(conn, run).await
}

pub(super) async fn close(conn: &mut SqliteConnection, run: &RunRow) -> Result<(), Fault> {
    let Some((outcome, is_final)) = run.outcome else {
        let why = format!("run {} is to be closed and has no outcome", run.id);
        return Err(Fault::refused(Kind::Invalid, why));
    };
    refuse_closed(conn, run).await?;
    let kept = sqlx::query(
        "INSERT INTO runs (id, event, agent, generation, attempt, repo, subject, outcome,
             is_final, acted, closed_at, edge_identity, line)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (event, agent, generation) WHERE is_final = 1 DO NOTHING",
    )
    .bind(&run.id)
    .bind(&run.event)
    .bind(&run.agent)
    .bind(run.generation)
    .bind(run.attempt)
    .bind(run.repo.as_deref())
    .bind(&run.subject)
    .bind(outcome)
    .bind(is_final)
    .bind(run.acted)
    .bind(run.closed_at.unwrap_or(run.opened_at))
    .bind(run.edge_identity.as_deref())
    .bind(&run.line)
    .execute(&mut *conn)
    .await?;
    if kept.rows_affected() == 0 {
        let why = format!(
            "{} has a final record for event {} in generation {}",
            run.agent, run.event, run.generation
        );
        return Err(Fault::refused(Kind::Conflict, why));
    }
    sqlx::query("DELETE FROM open_runs WHERE id = ?")
        .bind(&run.id)
        .execute(&mut *conn)
        .await?;
    use_blobs(conn, run).await
}

async fn refuse_closed(conn: &mut SqliteConnection, run: &RunRow) -> Result<(), Fault> {
    let closed: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM runs WHERE id = ?)")
        .bind(&run.id)
        .fetch_one(&mut *conn)
        .await?;
    if closed {
        let why = format!("run {} is closed already", run.id);
        return Err(Fault::refused(Kind::Conflict, why));
    }
    Ok(())
}

async fn use_blobs(conn: &mut SqliteConnection, run: &RunRow) -> Result<(), Fault> {
    for sha256 in &run.blobs {
        sqlx::query("INSERT INTO blob_uses (run, sha256) VALUES (?, ?) ON CONFLICT DO NOTHING")
            .bind(&run.id)
            .bind(sha256)
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}

pub(super) async fn blob(
    conn: &mut SqliteConnection,
    sha256: &str,
    packed: &[u8],
) -> Result<(), Fault> {
    sqlx::query("INSERT INTO blobs (sha256, text) VALUES (?, ?) ON CONFLICT (sha256) DO NOTHING")
        .bind(sha256)
        .bind(packed)
        .execute(&mut *conn)
        .await?;
    // The run that will speak of it may come in a later commit.
    sqlx::query("UPDATE unused_blobs SET since = NULL WHERE sha256 = ?")
        .bind(sha256)
        .execute(&mut *conn)
        .await?;
    Ok(())
}

pub(super) async fn claim(
    conn: &mut SqliteConnection,
    run: &RunId,
    index: u32,
    key: &ActionKey,
    count: Option<&str>,
    repo: &RepoKey,
) -> Result<Wrote, Fault> {
    let fresh = sqlx::query(
        "INSERT INTO claims (key, run, place) VALUES (?, ?, ?) ON CONFLICT (key) DO NOTHING",
    )
    .bind(key.as_str())
    .bind(run.as_str())
    .bind(i64::from(index))
    .execute(&mut *conn)
    .await?;
    if fresh.rows_affected() == 1 {
        if let Some(counter) = count {
            state::count(conn, repo, counter).await?;
        }
        return Ok(Wrote::Claimed(Claim::Fresh));
    }
    let result: Option<String> = sqlx::query_scalar("SELECT result FROM claims WHERE key = ?")
        .bind(key.as_str())
        .fetch_one(&mut *conn)
        .await?;
    let claim = match result {
        None => Claim::Started,
        Some(text) => Claim::Done(row::effect(&text)?),
    };
    Ok(Wrote::Claimed(claim))
}

pub(super) async fn finish(
    conn: &mut SqliteConnection,
    key: &ActionKey,
    result: &EffectResult,
) -> Result<(), Fault> {
    let noted = sqlx::query("UPDATE claims SET result = ? WHERE key = ?")
        .bind(row::json(result))
        .bind(key.as_str())
        .execute(&mut *conn)
        .await?;
    if noted.rows_affected() == 0 {
        return Err(Fault::refused(
            Kind::NotFound,
            format!("{key} was never claimed"),
        ));
    }
    Ok(())
}
