//! `caretaker run`: one pass now, through the same code as every other event.
//!
//! | Module | What |
//! |---|---|
//! | `target` | which repository, subject and agents; makes a repository known |
//! | `dry` | decides and prints, writes nothing |
//! | `wait` | a live server takes the item; we wait for it |
//! | `here` | nobody serves; we take it ourselves |
//! | `result` | the runs that came of an item |

mod dry;
mod here;
mod result;
mod target;
mod wait;

use anyhow::Context as _;
use caretaker_core::model::{EventId, Subject, digest};
use caretaker_core::ports::{Write, Wrote};
use caretaker_wiring::storage::{self, Access, OpenError};
use clap::Args;

use super::Exit;
use super::out::{self, Out};
use super::store::{self, Store};
use crate::settings::{Settings, StorageKind};
use target::Target;

/// Make one pass over a repository or one of its items, now
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  caretaker run --repo my-org/my-repo --dry-run
  caretaker run --repo my-org/my-repo --subject issue/7 --agent stale
  caretaker run --repo my-org/my-repo --agent stale

Without --subject it is a tick: the agents look at the open items they want to
see. While a server runs it takes the item and its result is awaited; else this
process takes it. --dry-run needs no server and no store, asks GitHub and
writes nothing.

Exit codes: 0 closed; 1 put off or buried, the reason is printed; 2 wrong
usage, or something that is needed is missing; 4 the server is paused, or
silent for 60 s: the item waits.")]
pub(super) struct Run {
    /// The repository
    #[arg(long, value_name = "OWNER/REPO", value_parser = store::named)]
    repo: String,
    /// What to look at: issue/7, pull/7, branch/NAME, commit/SHA
    #[arg(long, value_name = "SUBJECT")]
    subject: Option<Subject>,
    /// Who shall look; repeat for several [default: all]
    #[arg(long, value_name = "NAME")]
    agent: Vec<String>,
    /// Decide and print, and write nothing
    #[arg(long = "dry-run")]
    dry: bool,
}

/// How a pass ended.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Pass {
    /// The item and all that came of it are closed.
    Closed,
    /// Something waits to be tried again, or was given up; says what.
    Unfinished(String),
    /// Nobody takes it; says why.
    Silent(String),
}

impl Run {
    pub(super) async fn run(&self, settings: &Settings, out: Out) -> anyhow::Result<Exit> {
        target::check(self.subject.as_ref(), &self.agent)?;
        let (mut store, kept) = self.store(settings).await?;
        if !self.dry && store.serving.is_none() {
            here::check(settings)?;
        }
        let target = Target::find(&store, settings, self).await?;
        if self.dry {
            return dry::run(&store, settings, &target, out).await;
        }
        if !kept {
            let made = settings.open_storage(Access::Serve).await;
            drop(made.context("there is no store yet, and none can be made")?);
            store = Store::open(settings).await?;
        }
        target.learn(&store).await?;
        let now = store.ports.clock.now();
        let (process, at) = (std::process::id().to_string(), now.as_millis().to_string());
        let id = digest(&["run", &target.repo.key.to_string(), &process, &at]);
        let item = target.item(EventId::new(&id[..32]), now);
        let enqueue = Write::Enqueue(Box::new(item.clone()));
        let wrote = store.ports.storage.commit(None, vec![enqueue]).await?;
        if wrote != [Wrote::Queued] {
            anyhow::bail!("the queue takes no more; `caretaker status` tells what waits");
        }
        let waited = match store.serving {
            Some(pid) => wait::run(&store, settings, &item, pid).await?,
            None => None,
        };
        let pass = match waited {
            Some(pass) => pass,
            None => Box::pin(here::run(&store, settings, &item)).await?,
        };
        let closed = result::of(&store, &item).await?;
        out.show(&closed, result::Closed::text)?;
        Ok(match pass {
            Pass::Closed => Exit::Good,
            Pass::Unfinished(why) => {
                out::complain(why);
                Exit::No
            }
            Pass::Silent(why) => {
                out::complain(why);
                Exit::Silent
            }
        })
    }

    /// The store, and whether it is kept: where there is none yet, an empty memory stands for it.
    async fn store(&self, settings: &Settings) -> anyhow::Result<(Store, bool)> {
        let in_memory = settings.storage == StorageKind::Memory;
        if in_memory && !self.dry {
            anyhow::bail!(
                "a pass in memory would be forgotten; leave `storage` at sqlite, or use --dry-run"
            );
        }
        if !in_memory {
            match Store::open(settings).await {
                Ok(store) => return Ok((store, true)),
                Err(error) => match error.downcast_ref() {
                    Some(OpenError::Missing { .. }) => {}
                    _ => return Err(error),
                },
            }
        }
        let memory = storage::connect(&storage::StorageConfig::Memory, Access::Serve).await?;
        Ok((Store::over(settings, memory)?, false))
    }
}
