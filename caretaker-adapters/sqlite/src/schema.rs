//! The schema's version: numbered migrations, applied in order, kept in `PRAGMA user_version`.
//!
//! A migration that was released is never edited; a change is the next file.

use sqlx::{Connection, SqliteConnection};

use crate::open::OpenError;

/// Every migration, oldest first; the schema's version is how many were applied.
const MIGRATIONS: &[&str] = &[
    include_str!("../migrations/0001_first.sql"),
    include_str!("../migrations/0002_pauses.sql"),
    include_str!("../migrations/0003_places.sql"),
    include_str!("../migrations/0004_fewer_pages.sql"),
    include_str!("../migrations/0005_backlog_bytes.sql"),
    include_str!("../migrations/0006_setbacks.sql"),
];

/// Marks the file as ours: "Care" in ASCII.
const APPLICATION: i64 = 0x4361_7265;

/// The version this build reads and writes.
pub(crate) const KNOWN: usize = MIGRATIONS.len();

/// Brings the database to [`KNOWN`], in one transaction.
pub(crate) async fn migrate(conn: &mut SqliteConnection) -> Result<(), OpenError> {
    let found = version(conn).await?;
    let Some(missing) = MIGRATIONS.get(found..).filter(|rest| !rest.is_empty()) else {
        return check(conn).await;
    };
    let mut change = conn.begin_with("BEGIN IMMEDIATE").await?;
    for migration in missing {
        sqlx::raw_sql(*migration).execute(&mut *change).await?;
    }
    let mark = format!("PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {KNOWN}");
    sqlx::raw_sql(sqlx::AssertSqlSafe(mark))
        .execute(&mut *change)
        .await?;
    change.commit().await?;
    Ok(())
}

/// Refuses a database that this build does not read.
pub(crate) async fn check(conn: &mut SqliteConnection) -> Result<(), OpenError> {
    let found = version(conn).await?;
    match found.cmp(&KNOWN) {
        std::cmp::Ordering::Equal => Ok(()),
        std::cmp::Ordering::Greater => Err(OpenError::Newer {
            found,
            known: KNOWN,
        }),
        std::cmp::Ordering::Less => Err(OpenError::Older {
            found,
            known: KNOWN,
        }),
    }
}

/// The version found; refuses a database of something else.
pub(crate) async fn version(conn: &mut SqliteConnection) -> Result<usize, OpenError> {
    let application: i64 = sqlx::query_scalar("PRAGMA application_id")
        .fetch_one(&mut *conn)
        .await?;
    let version: i64 = sqlx::query_scalar("PRAGMA user_version")
        .fetch_one(&mut *conn)
        .await?;
    let tables: i64 = sqlx::query_scalar("SELECT count(*) FROM sqlite_schema")
        .fetch_one(&mut *conn)
        .await?;
    match (application, usize::try_from(version)) {
        (APPLICATION, Ok(version)) => Ok(version),
        (0, Ok(0)) if tables == 0 => Ok(0),
        (_, _) => Err(OpenError::Foreign),
    }
}
