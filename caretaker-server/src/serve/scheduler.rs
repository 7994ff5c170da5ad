//! Turns due windows into items. Asking twice is harmless: a window has one id.

use std::sync::Arc;

use caretaker_core::agents;
use caretaker_core::drive::{Worker, known_config};
use caretaker_core::model::{ConfigState, RepoKey, Span};
use caretaker_core::ports::{KnownRepo, PortError, Ports, Write};
use caretaker_core::{route, schedule};
use tokio::sync::{Notify, watch};

/// How often due windows are looked for.
const EVERY: Span = Span::seconds(30);
/// Repositories read at once.
const PAGE: u32 = 500;

/// Looks for due windows until told to stop.
pub async fn run(
    ports: Ports,
    worker: watch::Receiver<Option<Worker>>,
    news: Arc<Notify>,
    mut stop: watch::Receiver<bool>,
) {
    while !*stop.borrow() {
        let current = worker.borrow().clone();
        if let Some(worker) = current {
            match pass(&ports, &worker).await {
                Ok(0) => {}
                Ok(_) => news.notify_one(),
                Err(error) => tracing::warn!(error = %error, "could not schedule every tick"),
            }
        }
        tokio::select! {
            () = ports.clock.sleep(EVERY) => {}
            _ = stop.changed() => {}
        }
    }
}

/// One look at every repository; returns how many ticks were put on the queue.
async fn pass(ports: &Ports, worker: &Worker) -> Result<usize, PortError> {
    let mut after: Option<RepoKey> = None;
    let mut queued = 0;
    loop {
        let page = ports.storage.list(after.as_ref(), PAGE).await?;
        let Some(last) = page.last() else {
            return Ok(queued);
        };
        after = Some(last.repo.key.clone());
        for known in page.iter().filter(|known| known.off.is_none()) {
            queued += repository(ports, worker, known).await?;
        }
    }
}

/// Only repositories whose valid configuration enables a scheduled agent are ticked.
async fn repository(ports: &Ports, worker: &Worker, known: &KnownRepo) -> Result<usize, PortError> {
    let now = ports.clock.now();
    let repo = &known.repo;
    let config = match known_config::remembered(ports, &repo.key).await? {
        Some((_, config)) => config,
        None => match known_config::load(ports, worker, repo, false, now).await {
            Ok(config) => config,
            // Out of reach today; the next pass asks again.
            Err(_) => return Ok(0),
        },
    };
    if !matches!(config.state, ConfigState::Valid | ConfigState::LastGood) {
        return Ok(0);
    }
    let settings = config.config();
    let enabled =
        |name: &str| agents::by_name(name).is_some_and(|agent| route::enabled(agent, &settings));
    let mut queued = 0;
    for event in schedule::cadence::ticks(&repo.key, now, enabled) {
        if ports.storage.item(&event.id).await?.is_some() {
            continue;
        }
        let item = route::item(event, None, repo.installation, now);
        let write = Write::Enqueue(Box::new(item));
        ports
            .storage
            .commit(Some(worker.lease.fence()), vec![write])
            .await?;
        queued += 1;
    }
    Ok(queued)
}
