//! The bare limit: receivers that do nothing but what any durable one has to. The same HTTP stack,
//! the signature while the body streams in, lz4, and one writer that puts whatever waits into one
//! transaction. No envelope, no queue, no limits, no words in the answer.

mod rusqlite;
mod sqlx;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use caretaker_core::intake::{SIGNATURE_HEADER, Verifier};
use futures_util::StreamExt as _;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

/// Jobs that may wait, and jobs in one transaction at most: as the server has them.
const QUEUE: usize = 1_024;
const BATCH: usize = 256;

/// The settings of the server's database, in the form of SQLite itself.
const PRAGMAS: &[(&str, &str)] = &[
    ("auto_vacuum", "INCREMENTAL"),
    ("journal_mode", "WAL"),
    ("synchronous", "FULL"),
    ("journal_size_limit", "67108864"),
    ("wal_autocheckpoint", "1000"),
    ("cache_size", "-8000"),
];
const TABLE: &str = "CREATE TABLE deliveries (key TEXT PRIMARY KEY, event TEXT, body BLOB) STRICT";
const INSERT: &str =
    "INSERT INTO deliveries (key, event, body) VALUES (?1, ?2, ?3) ON CONFLICT (key) DO NOTHING";

/// A delivery to keep.
struct Job {
    key: String,
    event: String,
    body: Vec<u8>,
    /// Told once it is durable.
    kept: oneshot::Sender<()>,
}

/// Serves until it is killed; says on standard output where.
pub(super) fn serve(kind: &str, dir: &Path) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(run(kind.to_owned(), dir.join("bare.db")))
}

async fn run(kind: String, file: PathBuf) -> anyhow::Result<()> {
    let (jobs, waiting) = mpsc::channel(QUEUE);
    let mut tasks: JoinSet<anyhow::Result<()>> = JoinSet::new();
    match kind.as_str() {
        "sqlx" => {
            let conn = sqlx::open(&file).await?;
            tasks.spawn(sqlx::write(conn, waiting));
        }
        "rusqlite" => {
            let conn = rusqlite::open(&file)?;
            tasks.spawn_blocking(move || rusqlite::write(conn, waiting));
        }
        other => bail!("there is no bare receiver `{other}`"),
    }
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    super::say(&format!("listening {}", listener.local_addr()?));
    let router = Router::new()
        .route("/webhooks/github", post(receive))
        .layer(DefaultBodyLimit::disable())
        .with_state(Arc::new(jobs));
    tasks.spawn(async move { axum::serve(listener, router).await.context("serving") });
    let ended = tasks.join_next().await.context("two tasks run")?;
    ended.context("a task of the bare receiver panicked")?
}

async fn receive(
    State(jobs): State<Arc<mpsc::Sender<Job>>>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, StatusCode> {
    let text = |name: &str| {
        let value = headers.get(name).and_then(|value| value.to_str().ok());
        value.map(str::to_owned).ok_or(StatusCode::BAD_REQUEST)
    };
    let (signature, event) = (text(SIGNATURE_HEADER)?, text("x-github-event")?);
    let key = text("x-github-delivery")?;
    let mut verifier = Verifier::new(super::load::SECRET.as_bytes());
    let announced = text("content-length")?.parse().unwrap_or(0);
    let mut bytes = Vec::with_capacity(announced);
    let mut stream = body.into_data_stream();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_cut| StatusCode::BAD_REQUEST)?;
        verifier.update(&chunk);
        bytes.extend_from_slice(&chunk);
    }
    verifier
        .finish(&signature)
        .map_err(|_problem| StatusCode::UNAUTHORIZED)?;
    let (kept, done) = oneshot::channel();
    let job = Job {
        key,
        event,
        body: lz4_flex::compress_prepend_size(&bytes),
        kept,
    };
    let gone = StatusCode::SERVICE_UNAVAILABLE;
    jobs.send(job).await.map_err(|_closed| gone)?;
    done.await.map_err(|_dropped| gone)?;
    Ok(StatusCode::ACCEPTED)
}

/// Whatever waits beside the first, up to a batch.
fn batch(first: Job, jobs: &mut mpsc::Receiver<Job>) -> Vec<Job> {
    let mut batch = vec![first];
    while batch.len() < BATCH
        && let Ok(job) = jobs.try_recv()
    {
        batch.push(job);
    }
    batch
}

/// Tells everybody that theirs is kept.
fn answer(batch: Vec<Job>) {
    for job in batch {
        // Whoever sent it may have gone.
        job.kept.send(()).ok();
    }
}
