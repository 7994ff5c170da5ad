//! What comes due by itself: rechecks and ticks, put on the queue.
//!
//! Both have ids made of their time, so asking twice is harmless; how often is the shell's affair.

use super::{Worker, known_config};
use crate::agents;
use crate::model::{ConfigState, RepoKey};
use crate::ports::{KnownRepo, PortError, Ports, Write, Wrote};
use crate::{route, schedule};

/// Rechecks brought back at once.
const RECHECKS: u32 = 1_000;
/// Repositories read at once.
const REPOSITORIES: u32 = 500;

/// Puts the rechecks that are due on the queue; returns how many were new. One is taken back or
/// replaced by the final record of the run that it leads to.
///
/// # Errors
/// When our memory fails; asking again is harmless.
pub async fn rechecks(ports: &Ports, worker: &Worker) -> Result<usize, PortError> {
    let now = ports.clock.now();
    let due = ports.storage.due_rechecks(now, RECHECKS).await?;
    let mut writes = Vec::with_capacity(due.len());
    for recheck in &due {
        let known = ports.storage.by_key(&recheck.repo).await?;
        let installation = known.and_then(|known| known.repo.installation);
        let item = route::recheck(recheck, installation, now);
        if ports.storage.item(&item.event.id).await?.is_none() {
            writes.push(Write::Enqueue(Box::new(item)));
        }
    }
    enqueue(ports, worker, writes).await
}

/// Puts the current window of every repository on the queue, where its valid configuration
/// enables a scheduled agent; returns how many were new.
///
/// # Errors
/// When our memory fails; asking again is harmless. A repository whose configuration is out of
/// reach is left out, and comes with the next call.
pub async fn ticks(ports: &Ports, worker: &Worker) -> Result<usize, PortError> {
    let mut after: Option<RepoKey> = None;
    let mut queued = 0;
    loop {
        let page = ports.storage.list(after.as_ref(), REPOSITORIES).await?;
        let Some(last) = page.last() else {
            return Ok(queued);
        };
        after = Some(last.repo.key.clone());
        for known in page.iter().filter(|known| known.off.is_none()) {
            queued += ticks_of(ports, worker, known).await?;
        }
    }
}

async fn ticks_of(ports: &Ports, worker: &Worker, known: &KnownRepo) -> Result<usize, PortError> {
    let (now, repo) = (ports.clock.now(), &known.repo);
    let config = match known_config::remembered(ports, &repo.key).await? {
        Some((_, config)) => config,
        None => match known_config::load(ports, worker, repo, false, now).await {
            Ok(config) => config,
            Err(error) if super::is_fenced(&error) => return Err(error),
            Err(_out_of_reach) => return Ok(0),
        },
    };
    if !matches!(config.state, ConfigState::Valid | ConfigState::LastGood) {
        return Ok(0);
    }
    let settings = config.config();
    let enabled =
        |name: &str| agents::by_name(name).is_some_and(|agent| route::enabled(agent, &settings));
    let mut writes = Vec::new();
    for event in schedule::cadence::ticks(&repo.key, now, enabled) {
        // Known windows are the rule: looking is cheap, a commit is not.
        if ports.storage.item(&event.id).await?.is_none() {
            let item = route::item(event, None, repo.installation, now);
            writes.push(Write::Enqueue(Box::new(item)));
        }
    }
    enqueue(ports, worker, writes).await
}

/// Puts items on the queue; returns how many were new. Nothing to do costs no commit.
async fn enqueue(ports: &Ports, worker: &Worker, writes: Vec<Write>) -> Result<usize, PortError> {
    if writes.is_empty() {
        return Ok(0);
    }
    let fence = Some(worker.lease.fence());
    let wrote = ports.storage.commit(fence, writes).await?;
    Ok(wrote
        .iter()
        .filter(|wrote| **wrote == Wrote::Queued)
        .count())
}
