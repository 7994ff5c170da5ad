//! Our versioned memory, rechecks, cool-downs and pauses.

use sqlx::SqliteConnection;

use caretaker_core::model::{AgentName, InstallationId, Json, RepoKey, Subject, Timestamp};
use caretaker_core::ports::{Kind, Wrote};

use crate::error::Fault;
use crate::row;

pub(super) async fn put(
    conn: &mut SqliteConnection,
    repo: &RepoKey,
    key: &str,
    expect: Option<u64>,
    value: &Json,
) -> Result<Wrote, Fault> {
    let version: Option<i64> = match expect {
        None => sqlx::query_scalar(
            "INSERT INTO state (repo, key, version, value) VALUES (?1, ?2, 1, ?3)
             ON CONFLICT (repo, key) DO NOTHING RETURNING version",
        ),
        Some(_) => sqlx::query_scalar(
            "UPDATE state SET version = version + 1, value = ?3
             WHERE repo = ?1 AND key = ?2 AND version = ?4 RETURNING version",
        ),
    }
    .bind(repo.to_string())
    .bind(key)
    .bind(value.text())
    .bind(expect.map(u64::cast_signed))
    .fetch_optional(&mut *conn)
    .await?;
    version
        .map(|v| Wrote::Version(v.cast_unsigned()))
        .ok_or_else(|| {
            let why = match expect {
                None => format!("{key} of {repo} exists already"),
                Some(version) => format!("{key} of {repo} is not at version {version}"),
            };
            Fault::refused(Kind::Conflict, why)
        })
}

/// Adds one to a counter; a missing one starts at 1.
pub(super) async fn count(
    conn: &mut SqliteConnection,
    repo: &RepoKey,
    key: &str,
) -> Result<(), Fault> {
    let counted = sqlx::query(
        "INSERT INTO state (repo, key, version, value) VALUES (?1, ?2, 1, '1')
         ON CONFLICT (repo, key) DO UPDATE SET
             version = version + 1, value = CAST(CAST(value AS INTEGER) + 1 AS TEXT)
         WHERE json_type(value) = 'integer'",
    )
    .bind(repo.to_string())
    .bind(key)
    .execute(&mut *conn)
    .await?;
    if counted.rows_affected() == 0 {
        return Err(Fault::refused(
            Kind::Corrupt,
            format!("{key} of {repo} is no counter"),
        ));
    }
    Ok(())
}

pub(super) async fn recheck(
    conn: &mut SqliteConnection,
    repo: &RepoKey,
    subject: &Subject,
    agent: &AgentName,
    at: Option<Timestamp>,
) -> Result<(), Fault> {
    match at {
        Some(_) => sqlx::query(
            "INSERT INTO rechecks (repo, subject, agent, at) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (repo, subject, agent) DO UPDATE SET at = ?4",
        ),
        None => sqlx::query(
            "DELETE FROM rechecks WHERE repo = ?1 AND subject = ?2 AND agent = ?3 AND ?4 IS NULL",
        ),
    }
    .bind(repo.to_string())
    .bind(subject.to_string())
    .bind(agent.as_str())
    .bind(at.map(Timestamp::as_millis))
    .execute(&mut *conn)
    .await?;
    Ok(())
}

pub(super) async fn cool_down(
    conn: &mut SqliteConnection,
    installation: Option<InstallationId>,
    until: Timestamp,
) -> Result<(), Fault> {
    sqlx::query(
        "INSERT INTO cooldowns (installation, until) VALUES (?1, ?2)
         ON CONFLICT (installation) DO UPDATE SET until = max(until, ?2)",
    )
    .bind(row::installation(installation))
    .bind(until.as_millis())
    .execute(&mut *conn)
    .await?;
    Ok(())
}

pub(super) async fn pause(
    conn: &mut SqliteConnection,
    repo: &str,
    pause: Option<&str>,
) -> Result<(), Fault> {
    match pause {
        Some(pause) => sqlx::query("INSERT OR REPLACE INTO pauses (repo, pause) VALUES (?, ?)")
            .bind(repo)
            .bind(pause),
        None => sqlx::query("DELETE FROM pauses WHERE repo = ?").bind(repo),
    }
    .execute(&mut *conn)
    .await?;
    Ok(())
}
