//! The write side: what each [`Write`] changes, in the order in which they come.
//!
//! Text and compressed bytes are made by the caller ([`Op::prepare`]), so that the one writer
//! spends its time on the database only.

mod arrive;
mod delivery;
mod enqueue;
pub(crate) mod lease;
mod queue;
mod record;
mod repo;
mod state;

use sqlx::SqliteConnection;

use caretaker_core::model::{
    ActionKey, AgentName, DedupKey, EffectResult, EventId, InstallationId, Json, Learned,
    QueueItem, RepoKey, RunId, Settle, Subject, Timestamp,
};
use caretaker_core::ports::{Fence, Kind, Write, Wrote};

use crate::error::Fault;
use crate::row;

pub(crate) use delivery::Arrival;
pub(crate) use record::RunRow;
pub(crate) use repo::forge;

/// A [`Write`] with its texts made.
#[derive(Debug)]
pub(crate) enum Op {
    Accept(Arrival),
    Expand {
        delivery: DedupKey,
        items: Vec<QueueItem>,
        unheard: Option<Box<RunRow>>,
    },
    BuryDelivery {
        delivery: DedupKey,
        record: Box<RunRow>,
    },
    Drop(DedupKey),
    Enqueue(Box<QueueItem>),
    Settle {
        item: EventId,
        how: Settle,
    },
    Claim {
        run: RunId,
        index: u32,
        key: ActionKey,
        count: Option<String>,
        repo: RepoKey,
    },
    Finish {
        key: ActionKey,
        result: EffectResult,
    },
    Put {
        repo: RepoKey,
        key: String,
        expect: Option<u64>,
        value: Json,
    },
    Step(Box<RunRow>),
    Close(Box<RunRow>),
    Recheck {
        repo: RepoKey,
        subject: Subject,
        agent: AgentName,
        at: Option<Timestamp>,
    },
    Blob {
        sha256: String,
        packed: Vec<u8>,
    },
    Learn(Learned),
    CoolDown {
        installation: Option<InstallationId>,
        until: Timestamp,
    },
    Pause {
        /// Empty: everywhere.
        repo: String,
        pause: Option<String>,
    },
}

impl Op {
    pub(crate) fn prepare(write: Write) -> Self {
        match write {
            Write::Accept { delivery, limits } => Self::Accept(Arrival::of(&delivery, limits)),
            Write::Expand {
                delivery,
                items,
                unheard,
            } => Self::Expand {
                delivery,
                items,
                unheard: unheard.map(|run| Box::new(RunRow::of(&run))),
            },
            Write::BuryDelivery { delivery, record } => Self::BuryDelivery {
                delivery,
                record: Box::new(RunRow::of(&record)),
            },
            Write::Drop(delivery) => Self::Drop(delivery),
            Write::Enqueue(item) => Self::Enqueue(item),
            Write::Settle { item, how } => Self::Settle { item, how },
            Write::Claim {
                run,
                index,
                key,
                count,
                repo,
            } => Self::Claim {
                run,
                index,
                key,
                count,
                repo,
            },
            Write::Finish { key, result } => Self::Finish { key, result },
            Write::Put {
                repo,
                key,
                expect,
                value,
            } => Self::Put {
                repo,
                key,
                expect,
                value,
            },
            Write::Step(run) => Self::Step(Box::new(RunRow::of(&run))),
            Write::Close(run) => Self::Close(Box::new(RunRow::of(&run))),
            Write::Recheck {
                repo,
                subject,
                agent,
                at,
            } => Self::Recheck {
                repo,
                subject,
                agent,
                at,
            },
            Write::Blob { blob, text } => Self::Blob {
                sha256: blob.sha256,
                packed: row::pack(text.as_bytes()),
            },
            Write::Learn(learned) => Self::Learn(learned),
            Write::CoolDown {
                installation,
                until,
            } => Self::CoolDown {
                installation,
                until,
            },
            Write::Pause { repo, pause } => Self::Pause {
                repo: repo.map(String::from).unwrap_or_default(),
                pause: pause.as_ref().map(row::json),
            },
        }
    }

    fn arrival(&self) -> Option<&Arrival> {
        if let Self::Accept(arrival) = self {
            Some(arrival)
        } else {
            None
        }
    }

    fn enqueued(&self) -> Option<&QueueItem> {
        if let Self::Enqueue(item) = self {
            Some(item)
        } else {
            None
        }
    }

    /// Whether the door and the command line may do it without a fence.
    fn is_free(&self) -> bool {
        match self {
            Self::Accept(_)
            | Self::Drop(_)
            | Self::Enqueue(_)
            | Self::Learn(_)
            | Self::Pause { .. } => true,
            Self::Expand { .. }
            | Self::BuryDelivery { .. }
            | Self::Settle { .. }
            | Self::Claim { .. }
            | Self::Finish { .. }
            | Self::Put { .. }
            | Self::Step(_)
            | Self::Close(_)
            | Self::Recheck { .. }
            | Self::Blob { .. }
            | Self::CoolDown { .. } => false,
        }
    }
}

/// The delivery that a commit of these would keep, if it does nothing else.
pub(crate) fn only_arrival(fence: Option<Fence>, ops: &[Op]) -> Option<&Arrival> {
    match (fence, ops) {
        (None, [only]) => only.arrival(),
        (_, _) => None,
    }
}

/// Keeps deliveries if all are new and have room; says whether they are kept. Otherwise the
/// caller's savepoint goes back.
pub(crate) async fn accept_all(
    conn: &mut SqliteConnection,
    arrivals: &[&Arrival],
) -> Result<bool, Fault> {
    arrive::insert(conn, arrivals).await
}

/// All changes or none: the caller's savepoint goes back when one is refused.
pub(crate) async fn commit(
    conn: &mut SqliteConnection,
    fence: Option<Fence>,
    ops: &[Op],
) -> Result<Vec<Wrote>, Fault> {
    match fence {
        Some(fence) => lease::guard(conn, fence).await?,
        None if ops.iter().all(Op::is_free) => {}
        None => {
            let why =
                "only accepting, dropping, enqueueing, learning and pausing go without a fence";
            return Err(Fault::refused(Kind::Invalid, why));
        }
    }
    // What goes without a fence does not look at it.
    let under = fence.unwrap_or(Fence(0));
    let mut wrote = Vec::with_capacity(ops.len());
    let mut settled = false;
    for alike in ops.chunk_by(|a, b| matches!((a, b), (Op::Enqueue(_), Op::Enqueue(_)))) {
        let items: Vec<&QueueItem> = alike.iter().filter_map(Op::enqueued).collect();
        if !items.is_empty() {
            wrote.extend(enqueue::all(conn, &items).await?);
            continue;
        }
        for op in alike {
            settled |= matches!(op, Op::Settle { .. });
            wrote.push(Box::pin(apply(conn, op, under)).await?);
        }
    }
    if settled {
        queue::release_left_behind(conn).await?;
    }
    Ok(wrote)
}

async fn apply(conn: &mut SqliteConnection, op: &Op, fence: Fence) -> Result<Wrote, Fault> {
    let done = match op {
        Op::Accept(arrival) => return delivery::accept(conn, arrival).await,
        Op::Drop(key) => return delivery::drop_buried(conn, key.as_str()).await,
        Op::Enqueue(item) => return enqueue::one(conn, item).await,
        Op::Claim {
            run,
            index,
            key,
            count,
            repo,
        } => {
            return record::claim(conn, run, *index, key, count.as_deref(), repo).await;
        }
        Op::Put {
            repo,
            key,
            expect,
            value,
        } => {
            return state::put(conn, repo, key, *expect, value).await;
        }
        Op::Expand {
            delivery,
            items,
            unheard,
        } => delivery::expand(conn, delivery, items, unheard.as_deref()).await,
        Op::BuryDelivery { delivery, record } => delivery::bury(conn, delivery, record).await,
        Op::Settle { item, how } => queue::settle(conn, item, how, fence).await,
        Op::Finish { key, result } => record::finish(conn, key, result).await,
        Op::Step(run) => record::step(conn, run).await,
        Op::Close(run) => record::close(conn, run).await,
        Op::Recheck {
            repo,
            subject,
            agent,
            at,
        } => state::recheck(conn, repo, subject, agent, *at).await,
        Op::Blob { sha256, packed } => record::blob(conn, sha256, packed).await,
        Op::Learn(learned) => repo::learn(conn, learned).await,
        Op::CoolDown {
            installation,
            until,
        } => state::cool_down(conn, *installation, *until).await,
        Op::Pause { repo, pause } => state::pause(conn, repo, pause.as_deref()).await,
    };
    done.map(|()| Wrote::Done)
}
