//! With the server's own driver.

use std::path::Path;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, SqliteConnection};
use tokio::sync::mpsc;

use super::{INSERT, Job, PRAGMAS, TABLE, answer, batch};

pub(super) async fn open(file: &Path) -> anyhow::Result<SqliteConnection> {
    let mut options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .disable_statement_logging();
    for (name, value) in PRAGMAS {
        options = options.pragma(*name, *value);
    }
    let mut conn = options.connect().await?;
    sqlx::query(TABLE).execute(&mut conn).await?;
    Ok(conn)
}

pub(super) async fn write(
    mut conn: SqliteConnection,
    mut jobs: mpsc::Receiver<Job>,
) -> anyhow::Result<()> {
    while let Some(first) = jobs.recv().await {
        let batch = batch(first, &mut jobs);
        sqlx::query("BEGIN IMMEDIATE").execute(&mut conn).await?;
        for job in &batch {
            sqlx::query(INSERT)
                .bind(&job.key)
                .bind(&job.event)
                .bind(&job.body)
                .execute(&mut conn)
                .await?;
        }
        sqlx::query("COMMIT").execute(&mut conn).await?;
        answer(batch);
    }
    Ok(())
}
