//! Pausing and resuming: the operator's words, and what has to be looked at when a pause ends.
//!
//! While a pause holds, events are decided as ever and what is planned on the forge is held. So
//! the journal says what was missed: when it ends, every subject about which something was held
//! since it began is looked at again, by the agents that planned it. They decide afresh, on what
//! is there now.

use std::collections::{BTreeMap, BTreeSet};

use crate::agents;
use crate::model::{
    AgentName, Enqueue, EventId, EventKind, Held, Pause, QueueItem, Refusal, RepoKey, Run, Subject,
    Timestamp, digest,
};
use crate::ports::{Filter, Kind, PortError, Ports, Write, Wrote};
use crate::{route, schedule};

/// Records read at once.
const PAGE: u32 = 256;
/// Items put on the queue at once.
const TOGETHER: usize = 500;

/// What ending a pause came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resumed {
    /// The pause that ended; `None` when there was none, and nothing was done.
    pub ended: Option<Pause>,
    /// Subjects that are looked at again.
    pub looks: usize,
    /// Subjects for which the queue had no room: they wait for their next event or tick.
    pub left_out: usize,
}

/// Pauses a repository, or everything; returns the pause as it stands now. One that holds already
/// keeps its beginning, so that nothing held since then is forgotten.
///
/// # Errors
/// When our memory fails; then nothing has changed.
pub async fn pause(
    ports: &Ports,
    repo: Option<&RepoKey>,
    by: String,
    why: Option<String>,
) -> Result<Pause, PortError> {
    let before = own(ports, repo).await?;
    let at = before.map_or_else(|| ports.clock.now(), |before| before.at);
    let pause = Pause { at, by, why };
    set(ports, repo, Some(pause.clone())).await?;
    Ok(pause)
}

/// Ends the pause of a repository, or the one for everywhere; another one that covers the same
/// repository stays in force, and when it ends the same is looked at once more.
///
/// # Errors
/// When our memory fails. The pause may have ended by then without everything being looked at.
pub async fn resume(ports: &Ports, repo: Option<&RepoKey>) -> Result<Resumed, PortError> {
    let Some(ended) = own(ports, repo).await? else {
        return Ok(Resumed::default());
    };
    // First, so that what is decided from here on is not held any more.
    set(ports, repo, None).await?;
    let items = looks(ports, repo, ended.at).await?;
    let mut resumed = Resumed {
        ended: Some(ended),
        ..Resumed::default()
    };
    for some in items.chunks(TOGETHER) {
        let writes = some.iter().cloned().map(Box::new).map(Write::Enqueue);
        let wrote = ports.storage.commit(None, writes.collect()).await?;
        let full = wrote.iter().filter(|wrote| **wrote == Wrote::Full).count();
        resumed.left_out += full;
        resumed.looks += some.len() - full;
    }
    Ok(resumed)
}

/// The pause of just this place.
async fn own(ports: &Ports, repo: Option<&RepoKey>) -> Result<Option<Pause>, PortError> {
    let pauses = ports.storage.pauses().await?;
    let mut here = pauses.into_iter().filter(|(at, _)| at.as_ref() == repo);
    Ok(here.next().map(|(_, pause)| pause))
}

async fn set(ports: &Ports, repo: Option<&RepoKey>, pause: Option<Pause>) -> Result<(), PortError> {
    let repo = repo.cloned();
    let write = Write::Pause { repo, pause };
    ports.storage.commit(None, vec![write]).await.map(drop)
}

/// A look at each subject about which a pause has held something since a time.
async fn looks(
    ports: &Ports,
    repo: Option<&RepoKey>,
    since: Timestamp,
) -> Result<Vec<QueueItem>, PortError> {
    let filter = Filter {
        repo: repo.cloned(),
        since: Some(since),
        ..Filter::default()
    };
    let mut held: BTreeMap<RepoKey, BTreeMap<Subject, BTreeSet<AgentName>>> = BTreeMap::new();
    let mut after = 0;
    loop {
        let page = ports.storage.closed(&filter, after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = last.seq;
        for recorded in &page {
            let unreadable = PortError::wrap("journal.closed", Kind::Corrupt);
            let run: Run = serde_json::from_str(&recorded.line).map_err(unreadable)?;
            if let Some(repo) = missed(&run) {
                let subject = run.task.event.subject.clone();
                let place = held.entry(repo).or_default();
                place.entry(subject).or_default().insert(run.agent);
            }
        }
    }
    let now = ports.clock.now();
    let mut items = Vec::new();
    for (repo, subjects) in held {
        let known = ports.storage.by_key(&repo).await?;
        let Some(known) = known.filter(|known| known.off.is_none()) else {
            continue;
        };
        let times = [since, now].map(|at| at.as_millis().to_string());
        let id = digest(&["resume", &repo.to_string(), &times[0], &times[1]]);
        let tick = schedule::cadence::tick(EventId::new(&id[..32]), &repo, now, None, Vec::new());
        let root = route::item(tick, None, known.repo.installation, now);
        items.extend(subjects.into_iter().map(|(subject, agents)| {
            let agents = agents.into_iter().collect();
            let look = Enqueue::Look { subject, agents };
            route::handed_on(&root, &root.event, &look, now)
        }));
    }
    Ok(items)
}

/// Where a run had something held by a pause, if its agent can be called to look again.
fn missed(run: &Run) -> Option<RepoKey> {
    let stopped = |held: &Held| held.refusal == Refusal::Paused;
    let held = run.reviewed.as_ref();
    let held = held.is_some_and(|reviewed| reviewed.held.iter().any(stopped));
    let called = agents::by_name(run.agent.as_str())
        .is_some_and(|agent| agent.manifest().reacts_to(EventKind::FannedOut).is_some());
    let repo = run.repo.as_ref().filter(|_| held && called)?;
    Some(repo.key.clone())
}
