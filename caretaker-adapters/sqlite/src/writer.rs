//! The one writer: takes whatever waits into one transaction, so that one fsync serves them all.
//!
//! Needs: durable when answered; a failing commit does not fail its neighbours; leases are renewed
//! however long the queue is. Design: two bounded queues, the leases' one first. Before a batch
//! begins, tasks that are ready run and hand in theirs. A batch is `BEGIN IMMEDIATE`, each job in
//! a savepoint of its own, `COMMIT`, then the answers. A refusal of the contract rolls back its
//! savepoint only. Deliveries that wait side by side share a savepoint and a few statements; where
//! one of them cannot be kept, each has its own after all. A failure of the database (full,
//! unreadable, busy) may have ended the whole transaction, so the batch is rolled back and each
//! job runs once more alone: those that fit are kept, the others are answered with the failure.
//! What would meet every one of them alike (locked, read-only, gone) is answered at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

use caretaker_core::model::{Retention, Span, Taken, Timestamp};
use caretaker_core::ports::{Fence, Kind, PortError, Retained, Wrote};

use crate::error::Fault;
use crate::open::OpenError;
use crate::place::Place;
use crate::take::Shares;
use crate::tenure::Signed;
use crate::write::{Arrival, Op};
use crate::{DEADLINE, retain, schema, take, write};

/// Jobs that may wait; a caller beyond it waits for its place, within its deadline.
const QUEUE: usize = 1_024;
/// Jobs in one transaction at most; bounds how long a reader of the log lags behind.
const BATCH: usize = 256;

/// How often tasks that are ready to run may do so before a batch begins, while each time brings
/// more to write: the job that came first waits a little for them, and all wait for one fsync
/// less. Nobody waits for what is not ready.
const ROUNDS: usize = 8;

/// One thing to write.
#[derive(Debug)]
pub(crate) enum Task {
    Commit {
        fence: Option<Fence>,
        ops: Vec<Op>,
    },
    Take {
        fence: Fence,
        now: Timestamp,
        limit: u32,
        /// Only of installations that have fewer in flight, where that is said.
        few: Option<u32>,
    },
    Acquire {
        name: String,
        worker: String,
        now: Timestamp,
        ttl: Span,
        signed: Signed,
    },
    Renew {
        name: String,
        fence: Fence,
        now: Timestamp,
        ttl: Span,
    },
    Release {
        name: String,
        fence: Fence,
    },
    Retain {
        now: Timestamp,
        keep: Retention,
    },
}

/// What came of it.
#[derive(Debug)]
pub(crate) enum Reply {
    Wrote(Vec<Wrote>),
    Taken(Vec<Taken>),
    Fence(Fence),
    Retained(Retained),
    Done,
}

impl Task {
    fn op(&self) -> &'static str {
        match self {
            Self::Commit { .. } => "store.commit",
            Self::Take { .. } => "bus.take",
            Self::Acquire { .. } => "leases.acquire",
            Self::Renew { .. } => "leases.renew",
            Self::Release { .. } => "leases.release",
            Self::Retain { .. } => "store.retain",
        }
    }

    /// What it keeps, if all it does is to keep a delivery.
    fn arrival(&self) -> Option<&Arrival> {
        if let Self::Commit { fence, ops } = self {
            write::only_arrival(*fence, ops)
        } else {
            None
        }
    }

    fn is_urgent(&self) -> bool {
        match self {
            Self::Acquire { .. } | Self::Renew { .. } | Self::Release { .. } => true,
            Self::Commit { .. } | Self::Take { .. } | Self::Retain { .. } => false,
        }
    }
}

#[derive(Debug)]
struct Job {
    task: Task,
    reply: oneshot::Sender<Result<Reply, PortError>>,
}

/// The way to the writer.
#[derive(Debug)]
pub(crate) struct Writer {
    urgent: mpsc::Sender<Job>,
    jobs: mpsc::Sender<Job>,
    task: JoinSet<()>,
}

impl Writer {
    /// Starts the writer on its connection; `options` open it again after a failure.
    pub(crate) fn start(
        conn: SqliteConnection,
        options: SqliteConnectOptions,
        place: Arc<Place>,
        transactions: Arc<AtomicU64>,
    ) -> Self {
        let (urgent, first) = mpsc::channel(QUEUE);
        let (jobs, rest) = mpsc::channel(QUEUE);
        let mut task = JoinSet::new();
        let bench = Bench {
            conn: Some(conn),
            options,
            place,
            transactions,
            shares: Shares::default(),
        };
        task.spawn(work(bench, first, rest));
        Self { urgent, jobs, task }
    }

    /// Hands in a task and waits until it is durable or refused.
    ///
    /// Cancel-safe in that the file stays consistent; the task may still be done.
    pub(crate) async fn call(&self, task: Task) -> Result<Reply, PortError> {
        let op = task.op();
        let queue = if task.is_urgent() {
            &self.urgent
        } else {
            &self.jobs
        };
        let (reply, answer) = oneshot::channel();
        let ended = || PortError::new(op, Kind::Unavailable).detail("the store is closed");
        let all = async {
            queue
                .send(Job { task, reply })
                .await
                .map_err(|_closed| ended())?;
            answer.await.map_err(|_dropped| ended())?
        };
        tokio::time::timeout(DEADLINE, all)
            .await
            .unwrap_or_else(|_elapsed| {
                let why = format!("the writer did not answer within {} s", DEADLINE.as_secs());
                Err(PortError::new(op, Kind::Unavailable).detail(why))
            })
    }

    /// Lets the writer finish what waits.
    pub(crate) async fn close(self) {
        let Self {
            urgent,
            jobs,
            mut task,
        } = self;
        drop((urgent, jobs));
        while task.join_next().await.is_some() {}
    }
}

/// What the writer works with.
struct Bench {
    /// `None` after a failure that left its state unknown.
    conn: Option<SqliteConnection>,
    options: SqliteConnectOptions,
    place: Arc<Place>,
    transactions: Arc<AtomicU64>,
    shares: Shares,
}

async fn work(mut bench: Bench, mut urgent: mpsc::Receiver<Job>, mut jobs: mpsc::Receiver<Job>) {
    loop {
        let first = tokio::select! {
            biased;
            Some(job) = urgent.recv() => job,
            Some(job) = jobs.recv() => job,
            // Both queues are closed and empty.
            else => break,
        };
        let mut waiting = vec![first];
        for _round in 0..ROUNDS {
            tokio::task::yield_now().await;
            let had = waiting.len();
            while waiting.len() < BATCH
                && let Ok(job) = jobs.try_recv()
            {
                waiting.push(job);
            }
            if waiting.len() == had {
                break;
            }
        }
        // Last, so that a lease that came meanwhile goes first too.
        let mut batch = Vec::new();
        while let Ok(job) = urgent.try_recv() {
            batch.push(job);
        }
        batch.append(&mut waiting);
        // Nobody waits for these any more.
        batch.retain(|job| !job.reply.is_closed());
        bench.serve(batch).await;
    }
    if let Some(conn) = bench.conn.take()
        && let Err(error) = conn.close().await
    {
        tracing::warn!(%error, "the database did not close cleanly");
    }
}

impl Bench {
    async fn serve(&mut self, batch: Vec<Job>) {
        if batch.is_empty() {
            return;
        }
        let alone = batch.len() == 1;
        let tasks: Vec<&Task> = batch.iter().map(|job| &job.task).collect();
        match self.attempt(&tasks).await {
            Ok(answers) => {
                for (job, answer) in batch.into_iter().zip(answers) {
                    job.answer(answer);
                }
            }
            Err(fault) if alone || fault.meets_all() => {
                for job in batch {
                    let error = fault.at(job.task.op());
                    job.answer(Err(error));
                }
            }
            Err(_of_the_batch) => {
                for job in batch.into_iter().filter(|job| !job.reply.is_closed()) {
                    let answer = match self.attempt(&[&job.task]).await {
                        Ok(mut answers) => answers.pop(),
                        Err(fault) => Some(Err(fault.at(job.task.op()))),
                    };
                    job.answer(answer.expect("one task has one answer"));
                }
            }
        }
    }

    /// Runs the tasks in one transaction. A failure means that nothing of it was kept.
    async fn attempt(&mut self, tasks: &[&Task]) -> Result<Vec<Result<Reply, PortError>>, Fault> {
        let mut conn = match self.conn.take() {
            Some(conn) => conn,
            None => self.connect().await?,
        };
        let result = transact(&mut conn, &mut self.shares, tasks).await;
        if self.place.has_moved() {
            tracing::error!("the database file was moved or deleted; nothing can be kept");
            return Err(Fault::Moved);
        }
        if result.is_ok() {
            self.transactions.fetch_add(1, Ordering::Relaxed);
            self.conn = Some(conn);
            return result;
        }
        // Outside a transaction this fails, which is fine: SQLite rolled back by itself.
        let ended = sqlx::query("ROLLBACK").execute(&mut conn).await;
        let clean = sqlx::query("BEGIN").execute(&mut conn).await.is_ok()
            && sqlx::query("ROLLBACK").execute(&mut conn).await.is_ok();
        if clean {
            self.conn = Some(conn);
        } else {
            tracing::warn!(?ended, "the writer opens its connection again");
        }
        result
    }
}

impl Bench {
    /// Opens the file that is at its place now, if it is one of ours.
    async fn connect(&self) -> Result<SqliteConnection, Fault> {
        let mut conn = self.options.connect().await?;
        match schema::check(&mut conn).await {
            Ok(()) => {
                self.place.opened();
                Ok(conn)
            }
            Err(OpenError::Database(error)) => Err(Fault::Sql(error)),
            Err(other) => Err(Fault::refused(Kind::Corrupt, other.to_string())),
        }
    }
}

impl Job {
    fn answer(self, answer: Result<Reply, PortError>) {
        // A caller whose deadline has passed is gone; what was written stays.
        drop(self.reply.send(answer));
    }
}

async fn transact(
    conn: &mut SqliteConnection,
    shares: &mut Shares,
    tasks: &[&Task],
) -> Result<Vec<Result<Reply, PortError>>, Fault> {
    sqlx::query("BEGIN IMMEDIATE").execute(&mut *conn).await?;
    let mut answers = Vec::with_capacity(tasks.len());
    for alike in tasks.chunk_by(|a, b| a.arrival().is_some() && b.arrival().is_some()) {
        let arrivals: Vec<&Arrival> = alike.iter().filter_map(|task| task.arrival()).collect();
        if arrivals.len() > 1 && together(conn, &arrivals).await? {
            let accepted = || Ok(Reply::Wrote(vec![Wrote::Accepted]));
            answers.extend(arrivals.iter().map(|_kept| accepted()));
            continue;
        }
        for task in alike {
            answers.push(alone(conn, shares, task).await?);
        }
    }
    sqlx::query("COMMIT").execute(&mut *conn).await?;
    Ok(answers)
}

/// Keeps deliveries in few statements; says whether they are kept. One that is not new, has no
/// room or is refused by the database spoils this for all, and nothing is written.
async fn together(conn: &mut SqliteConnection, arrivals: &[&Arrival]) -> Result<bool, Fault> {
    sqlx::query("SAVEPOINT job").execute(&mut *conn).await?;
    let kept = match write::accept_all(conn, arrivals).await {
        Ok(kept) => kept,
        Err(fault) if fault.breaks_transaction() => return Err(fault),
        Err(_refused) => false,
    };
    if !kept {
        sqlx::query("ROLLBACK TO job").execute(&mut *conn).await?;
    }
    sqlx::query("RELEASE job").execute(&mut *conn).await?;
    Ok(kept)
}

/// One task in a savepoint of its own; a failure means that the transaction is lost.
async fn alone(
    conn: &mut SqliteConnection,
    shares: &mut Shares,
    task: &Task,
) -> Result<Result<Reply, PortError>, Fault> {
    sqlx::query("SAVEPOINT job").execute(&mut *conn).await?;
    let answer = match perform(conn, shares, task).await {
        Ok(reply) => Ok(reply),
        Err(fault) if fault.breaks_transaction() => return Err(fault),
        Err(fault) => {
            sqlx::query("ROLLBACK TO job").execute(&mut *conn).await?;
            Err(fault.at(task.op()))
        }
    };
    sqlx::query("RELEASE job").execute(&mut *conn).await?;
    Ok(answer)
}

async fn perform(
    conn: &mut SqliteConnection,
    shares: &mut Shares,
    task: &Task,
) -> Result<Reply, Fault> {
    match task {
        Task::Commit { fence, ops } => write::commit(conn, *fence, ops).await.map(Reply::Wrote),
        Task::Take {
            fence,
            now,
            limit,
            few,
        } => take::take(conn, shares, *fence, *now, *limit, *few)
            .await
            .map(Reply::Taken),
        Task::Acquire {
            name,
            worker,
            now,
            ttl,
            signed,
        } => write::lease::acquire(conn, name, worker, *now, *ttl, signed)
            .await
            .map(Reply::Fence),
        Task::Renew {
            name,
            fence,
            now,
            ttl,
        } => {
            write::lease::renew(conn, name, *fence, *now, *ttl).await?;
            Ok(Reply::Done)
        }
        Task::Release { name, fence } => {
            write::lease::release(conn, name, *fence).await?;
            Ok(Reply::Done)
        }
        Task::Retain { now, keep } => retain::step(conn, *now, keep).await.map(Reply::Retained),
    }
}
