//! Takes an item ourselves, with the lease that a server would hold.
//!
//! Whatever else is due is taken in its turn, as a server would. Deliveries that wait for expansion
//! stay with the server.

use std::pin::pin;

use anyhow::Context as _;
use caretaker_core::drive::{self, Lease, Worker};
use caretaker_core::intake::Us;
use caretaker_core::model::{ItemState, QueueItem, Settle, Span, Taken};
use caretaker_core::ports::{Kind, PortError};

use super::Pass;
use crate::cli::store::Store;
use crate::serve::consumer::{LEASE, LEASE_TTL};
use crate::serve::log;
use crate::serve::standby::{self, LOOK, Standby};
use crate::settings::{DispatchMode, Settings};

/// How often the lease is renewed while an item is handled.
const RENEW: Span = Span::seconds(5);
/// How long handling one item may take before it is put off.
const RUN_DEADLINE: Span = Span::seconds(30);
/// How long somebody else may hold the lease: one that is stopped leaves it for as long as it lasts.
const PATIENCE: Span = Span::seconds(30);
/// What is due later than this was put off.
const SOON: Span = Span::seconds(2);

/// Refuses to be the worker where these settings forbid it: whatever else is due, a server's items
/// too, would be handled under them.
pub(super) fn check(settings: &Settings) -> anyhow::Result<()> {
    if !settings.has_credentials() {
        anyhow::bail!(
            "no server runs, and there are no credentials to work with; give this command the \
             server's (GITHUB_TOKEN, or `github.app`), or start the server"
        );
    }
    if settings.dispatch_mode == DispatchMode::Off {
        anyhow::bail!(
            "the consumer is paused: CARETAKER_WEBHOOK_DISPATCH_MODE is off; set it to active or \
             shadow, or use --dry-run"
        );
    }
    Ok(())
}

/// Takes items until the given one and all that came of it are closed or put off. An interrupt
/// ends it between two steps; what was begun is settled by whoever works next.
pub(super) async fn run(
    store: &Store,
    settings: &Settings,
    item: &QueueItem,
) -> anyhow::Result<Pass> {
    check(settings).with_context(|| format!("the item waits as event {}", item.event.id))?;
    let worker = acquire(store, settings).await?;
    let fence = worker.lease.fence();
    let pass = tokio::select! {
        pass = work(store, &worker, item) => pass,
        // The lease is not given back: the forge may still be at work on a call that we no longer
        // wait for, and whoever comes next has to settle it.
        _ = tokio::signal::ctrl_c() => return Ok(Pass::Unfinished("interrupted".to_owned())),
    };
    let pass = match pass {
        Err(error) if drive::is_fenced(&error) => {
            let id = &item.event.id;
            let why = format!("a server took over; the item waits as event {id}");
            return Ok(Pass::Silent(why));
        }
        // For the same reason the lease is not given back here.
        pass => pass.context("the store failed; what was begun is settled by the next pass")?,
    };
    let released = store.ports.storage.release(LEASE, fence).await;
    released.context("the lease could not be given back; it ends by itself")?;
    Ok(pass)
}

/// The lease; what its holder before us began may be settled when it returns.
async fn acquire(store: &Store, settings: &Settings) -> anyhow::Result<Worker> {
    let (storage, clock) = (&store.ports.storage, &store.ports.clock);
    let me = standby::worker_name("run");
    let mut standby = Standby::default();
    let until = clock.monotonic() + PATIENCE;
    loop {
        let asked = clock.monotonic();
        match storage.acquire(LEASE, &me, clock.now(), LEASE_TTL).await {
            Ok(fence) => {
                let worker = Worker {
                    lease: Lease::new(fence, asked, LEASE_TTL),
                    ceiling: settings.ceiling(),
                    has_credentials: store.forge.has_credentials(),
                    us: Us::default(),
                };
                let begins = asked + standby.settles_after(asked);
                while clock.monotonic() < begins {
                    clock.sleep(LOOK).await;
                    renew(store, &worker).await?;
                }
                return Ok(worker);
            }
            Err(error) if error.kind == Kind::Conflict && asked < until => {}
            Err(error) if error.kind == Kind::Conflict => {
                anyhow::bail!("another pass is at work; try again when it is done");
            }
            Err(error) => return Err(error).context("the right to write was not given"),
        }
        let holder = storage.holder(LEASE, clock.now()).await?;
        match standby.saw(holder.as_ref(), clock.monotonic()) {
            Some(silent) => storage.release(LEASE, silent).await?,
            None => clock.sleep(LOOK).await,
        }
    }
}

async fn work(store: &Store, worker: &Worker, item: &QueueItem) -> Result<Pass, PortError> {
    let (storage, clock) = (&store.ports.storage, &store.ports.clock);
    let id = &item.event.id;
    match drive::recover::recover(&store.ports, worker).await {
        Ok(runs) => runs.iter().for_each(log::closed),
        Err(error) if drive::is_fenced(&error) => return Err(error),
        Err(error) => tracing::warn!(error = %error, "could not settle every open run yet"),
    }
    loop {
        let state = storage.item(id).await?;
        if let Some(ItemState::Buried(why)) = state {
            return Ok(Pass::Unfinished(format!("given up: {why}")));
        }
        let done = matches!(state, None | Some(ItemState::Closed));
        if done && storage.open_children(id).await? == 0 {
            return Ok(Pass::Closed);
        }
        renew(store, worker).await?;
        let now = clock.now();
        let taken = storage.take(worker.lease.fence(), now, 1).await?;
        if taken.is_empty() {
            match storage.next_due().await? {
                Some(due) if due <= now + SOON => clock.sleep(LOOK).await,
                Some(due) => {
                    return Ok(Pass::Unfinished(format!("put off until {due}")));
                }
                None => return Ok(Pass::Unfinished("another worker has it".to_owned())),
            }
        }
        for taken in taken {
            handle(store, worker, &taken).await?;
        }
    }
}

/// Handles one item within its deadline, and renews the lease meanwhile.
async fn handle(store: &Store, worker: &Worker, taken: &Taken) -> Result<(), PortError> {
    let clock = &store.ports.clock;
    let until = clock.monotonic() + RUN_DEADLINE;
    let mut handling = pin!(drive::handle(&store.ports, worker, taken));
    let failure = loop {
        tokio::select! {
            handled = &mut handling => match handled {
                Ok(handled) => {
                    handled.closed.iter().for_each(log::closed);
                    if let Settle::Later { at, error, .. } = handled.settled {
                        tracing::info!(at = %at, why = %error, "put off");
                    }
                    return Ok(());
                }
                Err(error) if drive::is_fenced(&error) => return Err(error),
                Err(error) => break error.to_string(),
            },
            () = clock.sleep(RENEW) => {
                if clock.monotonic() >= until {
                    break "handling took too long".to_owned();
                }
                renew(store, worker).await?;
            }
        }
    };
    drive::put_off(&store.ports, worker, taken, &failure, false).await?;
    Ok(())
}

async fn renew(store: &Store, worker: &Worker) -> Result<(), PortError> {
    let (storage, clock) = (&store.ports.storage, &store.ports.clock);
    let asked = clock.monotonic();
    let fence = worker.lease.fence();
    storage.renew(LEASE, fence, clock.now(), LEASE_TTL).await?;
    worker.lease.renewed(asked, LEASE_TTL);
    Ok(())
}
