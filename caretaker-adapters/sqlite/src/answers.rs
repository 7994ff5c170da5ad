//! Answers of a forge, kept for conditional requests: a file of its own beside the store.
//!
//! Not in the store, because nothing depends on it: it needs no fence and no full sync, is in no
//! backup, and may be removed at any time. A change that cannot be written is left out; a file
//! that cannot be used is made anew once, and then done without.

use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, SqliteConnection, SqlitePool};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::open::{create_private, options};
use crate::row::{pack, unpack};

/// The file's name in the data directory.
pub const ANSWERS: &str = "answers.db";

/// The version of [`TABLE`]; a file with another one starts empty.
const VERSION: i64 = 1;
const TABLE: &str = "
    DROP TABLE IF EXISTS answers;
    CREATE TABLE answers (
        key TEXT PRIMARY KEY, etag TEXT NOT NULL, link TEXT, body BLOB NOT NULL,
        size INTEGER NOT NULL, turn INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX answers_turn ON answers (turn, size);
    PRAGMA user_version = 1;";

/// Changes that wait at most; more are left out.
const WAITING: usize = 256;
/// Nobody waits longer for what can be asked for instead.
const PATIENCE: Duration = Duration::from_millis(500);

/// How much is kept, give or take a hundredth; what is the longest ago kept or found goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnswerBounds {
    /// Bytes of packed bodies, keys and tags.
    pub bytes: u32,
    /// Answers.
    pub entries: u32,
}

impl AnswerBounds {
    /// What a server keeps: 64 MiB, 20 000 answers.
    pub const SERVER: Self = Self {
        bytes: 64 << 20,
        entries: 20_000,
    };
}

/// One answer, as asking again needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its tag.
    pub etag: String,
    /// Its link header.
    pub link: Option<String>,
    /// Its body.
    pub body: Vec<u8>,
}

/// Answers by key, in a file. Dropped, it leaves out what was not flushed.
#[derive(Debug)]
pub struct AnswerFile {
    reader: SqlitePool,
    changes: Sender<Change>,
    /// Ends with us.
    _writer: JoinSet<()>,
}

#[derive(Debug)]
enum Change {
    Keep(String, Kept),
    Found(String),
    Forget(String),
    /// To be answered when everything before it is in the file.
    Flush(oneshot::Sender<()>),
}

impl AnswerFile {
    /// Opens the file in a data directory, which is made where it is missing; `None`, and a
    /// warning, where it cannot be. Needs a runtime.
    pub async fn open(dir: &Path, bounds: AnswerBounds) -> Option<Self> {
        let path = dir.join(ANSWERS);
        let conn = match connect(dir, &path).await {
            Ok(conn) => Ok(conn),
            Err(reason) => {
                tracing::warn!(%reason, "the kept answers cannot be used; starting with none");
                for end in ["", "-wal", "-shm"] {
                    // One that is not there need not go.
                    drop(std::fs::remove_file(dir.join(format!("{ANSWERS}{end}"))));
                }
                connect(dir, &path).await
            }
        };
        let conn = match conn {
            Ok(conn) => conn,
            Err(reason) => {
                tracing::warn!(%reason, "answers are not kept beyond this process");
                return None;
            }
        };
        let reader = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(PATIENCE)
            .connect_lazy_with(options(&path).pragma("query_only", "ON"));
        let (changes, coming) = channel(WAITING);
        let mut writer = JoinSet::new();
        writer.spawn(write(conn, bounds, coming));
        Some(Self {
            reader,
            changes,
            _writer: writer,
        })
    }

    /// The answer kept under a key.
    pub async fn find(&self, key: &str) -> Option<Kept> {
        let found = sqlx::query_as::<_, (String, Option<String>, Vec<u8>)>(
            "SELECT etag, link, body FROM answers WHERE key = ?",
        )
        .bind(key)
        .fetch_optional(&self.reader);
        let found = tokio::time::timeout(PATIENCE, found).await;
        let (etag, link, packed) = found.ok()?.ok()??;
        let body = unpack("kept answer", &packed).ok()?;
        self.hand_in(Change::Found(key.to_owned()));
        Some(Kept { etag, link, body })
    }

    /// Keeps an answer in place of the one before; in the background.
    pub fn keep(&self, key: &str, answer: Kept) {
        self.hand_in(Change::Keep(key.to_owned(), answer));
    }

    /// Forgets one; in the background.
    pub fn forget(&self, key: &str) {
        self.hand_in(Change::Forget(key.to_owned()));
    }

    /// Waits until everything handed in before is in the file, or left out.
    pub async fn flush(&self) {
        let (done, written) = oneshot::channel();
        if self.changes.send(Change::Flush(done)).await.is_ok() {
            // An error says that the writer has ended, and with it what waited.
            drop(written.await);
        }
    }

    /// Unless too many wait: then the file tells an older state, which GitHub says is changed.
    fn hand_in(&self, change: Change) {
        drop(self.changes.try_send(change));
    }
}

async fn connect(dir: &Path, path: &Path) -> Result<SqliteConnection, sqlx::Error> {
    create_private(dir)?;
    let options = options(path)
        .create_if_missing(true)
        .synchronous(SqliteSynchronous::Normal);
    let mut conn = options.connect().await?;
    let version: i64 = sqlx::query_scalar("PRAGMA user_version")
        .fetch_one(&mut conn)
        .await?;
    if version != VERSION {
        let mut change = conn.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::raw_sql(TABLE).execute(&mut *change).await?;
        change.commit().await?;
    }
    Ok(conn)
}

/// Carries changes out until nobody can hand any in; those that wait share a transaction.
async fn write(mut conn: SqliteConnection, bounds: AnswerBounds, mut coming: Receiver<Change>) {
    let mut some = Vec::new();
    // Another run may have kept more.
    let mut grown = Grown::whole();
    while coming.recv_many(&mut some, WAITING).await > 0 {
        let mut flushed = Vec::new();
        if let Err(reason) =
            carry_out(&mut conn, bounds, some.drain(..), &mut grown, &mut flushed).await
        {
            tracing::debug!(%reason, "answers were not kept");
        }
        for done in flushed {
            // Whoever waited may have gone.
            done.send(()).ok();
        }
    }
    drop(conn.close().await);
}

async fn carry_out(
    conn: &mut SqliteConnection,
    bounds: AnswerBounds,
    some: impl Iterator<Item = Change>,
    grown: &mut Grown,
    flushed: &mut Vec<oneshot::Sender<()>>,
) -> Result<(), sqlx::Error> {
    let mut writes = Vec::new();
    for change in some {
        match change {
            Change::Flush(done) => flushed.push(done),
            Change::Keep(..) | Change::Found(_) | Change::Forget(_) => writes.push(change),
        }
    }
    let mut change = conn.begin_with("BEGIN IMMEDIATE").await?;
    let newest = "SELECT coalesce(max(turn), 0) FROM answers";
    let mut turn: i64 = sqlx::query_scalar(newest).fetch_one(&mut *change).await?;
    for write in writes {
        turn += 1;
        match write {
            Change::Keep(key, kept) => {
                let body = pack(&kept.body);
                let link = kept.link.as_ref().map_or(0, String::len);
                let size = body.len() + key.len() + kept.etag.len() + link;
                let size = i64::try_from(size).unwrap_or(i64::MAX);
                grown.bytes = grown.bytes.saturating_add(size);
                grown.entries += 1;
                sqlx::query(
                    "INSERT OR REPLACE INTO answers (key, etag, link, body, size, turn)
                     VALUES (?, ?, ?, ?, ?, ?)",
                )
                .bind(key)
                .bind(kept.etag)
                .bind(kept.link)
                .bind(body)
                .bind(size)
                .bind(turn)
                .execute(&mut *change)
                .await?;
            }
            Change::Found(key) => {
                sqlx::query("UPDATE answers SET turn = ? WHERE key = ?")
                    .bind(turn)
                    .bind(key)
                    .execute(&mut *change)
                    .await?;
            }
            Change::Forget(key) => {
                sqlx::query("DELETE FROM answers WHERE key = ?")
                    .bind(key)
                    .execute(&mut *change)
                    .await?;
            }
            Change::Flush(done) => flushed.push(done),
        }
    }
    if grown.is_much(bounds) {
        fit(&mut change, bounds).await?;
        *grown = Grown::default();
    }
    change.commit().await
}

/// Drops what is beyond the bounds, the newest staying.
async fn fit(conn: &mut SqliteConnection, bounds: AnswerBounds) -> Result<(), sqlx::Error> {
    sqlx::query(
        "DELETE FROM answers WHERE turn IN (
             SELECT turn FROM (
                 SELECT turn,
                     sum(size) OVER (ORDER BY turn DESC) AS bytes,
                     row_number() OVER (ORDER BY turn DESC) AS place
                 FROM answers
             ) WHERE bytes > ? OR place > ?
         )",
    )
    .bind(i64::from(bounds.bytes))
    .bind(i64::from(bounds.entries))
    .execute(conn)
    .await?;
    Ok(())
}

/// What was kept since the bounds were last seen to.
#[derive(Clone, Copy, Debug, Default)]
struct Grown {
    bytes: i64,
    entries: i64,
}

impl Grown {
    /// As if everything were new.
    fn whole() -> Self {
        Self {
            bytes: i64::MAX,
            entries: 0,
        }
    }

    /// Whether it is more than a hundredth of either bound: seeing to them reads the whole index.
    fn is_much(self, bounds: AnswerBounds) -> bool {
        self.bytes > i64::from(bounds.bytes) / 100 || self.entries > i64::from(bounds.entries) / 100
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(tag: &str, noise: usize) -> Kept {
        // Nothing that packing makes smaller.
        let mut state = noise as u64 + 88_172_645_463_325_252;
        let body = std::iter::repeat_with(|| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()[0]
        });
        Kept {
            etag: tag.to_owned(),
            link: Some("<x>; rel=\"next\"".to_owned()),
            body: body.take(noise).collect(),
        }
    }

    const ROOMY: AnswerBounds = AnswerBounds::SERVER;

    async fn open(dir: &Path, bounds: AnswerBounds) -> AnswerFile {
        AnswerFile::open(dir, bounds).await.unwrap()
    }

    #[tokio::test]
    async fn an_answer_is_found_after_a_restart_as_it_was_last_kept() {
        let dir = tempfile::tempdir().unwrap();
        let file = open(dir.path(), ROOMY).await;
        file.keep("a", kept("v1", 10));
        file.keep("b", kept("v1", 20));
        file.keep("a", kept("v2", 30));
        file.forget("b");
        file.flush().await;
        drop(file);
        let file = open(dir.path(), ROOMY).await;
        assert_eq!(file.find("a").await, Some(kept("v2", 30)));
        assert_eq!(file.find("b").await, None);
    }

    #[tokio::test]
    async fn what_was_neither_kept_nor_found_lately_goes_first() {
        let dir = tempfile::tempdir().unwrap();
        let bounds = AnswerBounds {
            entries: 3,
            ..ROOMY
        };
        let file = open(dir.path(), bounds).await;
        for key in ["a", "b", "c"] {
            file.keep(key, kept(key, 10));
        }
        file.flush().await;
        assert!(file.find("a").await.is_some());
        file.keep("d", kept("d", 10));
        file.flush().await;
        assert!(file.find("b").await.is_none());
        for key in ["a", "c", "d"] {
            assert!(file.find(key).await.is_some(), "{key}");
        }
    }

    #[tokio::test]
    async fn bytes_are_bounded_and_one_that_is_larger_is_not_kept() {
        let dir = tempfile::tempdir().unwrap();
        let bounds = AnswerBounds {
            bytes: 5_000,
            ..ROOMY
        };
        let file = open(dir.path(), bounds).await;
        for key in ["a", "b", "c"] {
            file.keep(key, kept(key, 2_000));
        }
        file.flush().await;
        assert!(file.find("a").await.is_none());
        assert!(file.find("b").await.is_some() && file.find("c").await.is_some());
        file.keep("huge", kept("huge", 6_000));
        file.flush().await;
        assert!(file.find("huge").await.is_none());
    }

    #[tokio::test]
    async fn a_file_that_is_no_database_is_made_anew() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(ANSWERS), "no database, but long enough").unwrap();
        let file = open(dir.path(), ROOMY).await;
        file.keep("a", kept("v1", 10));
        file.flush().await;
        assert!(file.find("a").await.is_some());
    }

    #[tokio::test]
    async fn where_there_is_no_room_for_a_file_there_is_none() {
        let dir = tempfile::tempdir().unwrap();
        let taken = dir.path().join("data");
        std::fs::write(&taken, "a file").unwrap();
        assert!(AnswerFile::open(&taken, ROOMY).await.is_none());
    }
}
