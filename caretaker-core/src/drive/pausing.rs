//! Pausing and resuming: the operator's words, and what has to be looked at when a pause ends.
//!
//! While a pause holds, events are decided as ever and what is planned on the forge is held. So
//! the journal says what was missed: when it ends, every subject about which something was held
//! since it began is looked at again, by the agents that planned it. They decide afresh, on what
//! is there now.
//!
//! What somebody has told us cannot be seen on its subject: a command that was held is given
//! again, before anybody looks at its subject. It expires as it would have without a pause.

use std::collections::{BTreeMap, BTreeSet};

use crate::agents::{self, Reacts};
use crate::model::{
    AgentName, Class, Detail, Enqueue, Event, EventId, EventKind, Held, InstallationId, Pause,
    QueueItem, Refusal, RemoteId, RepoKey, Run, Subject, Timestamp, digest,
};
use crate::ports::{Filter, Kind, PortError, Ports, Write, Wrote};
use crate::{route, schedule};

/// Records read at once.
const PAGE: u32 = 256;
/// Items put on the queue at once, commands and what goes with them aside.
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
    /// Commands that are carried out now.
    pub commands: usize,
    /// Commands that have expired meanwhile; all that is done is to say so.
    pub expired: usize,
    /// Commands in repositories that we have been sent away from: nothing is done or said.
    pub lost: usize,
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
    let write = set(repo, Some(pause.clone()));
    ports.storage.commit(None, vec![write]).await?;
    Ok(pause)
}

/// Ends the pause of a repository, or the one for everywhere; another one that covers the same
/// repository stays in force, and when it ends the same is looked at once more.
///
/// Whatever dies here, nothing that the journal names is forgotten: what is to be done is on the
/// queue by the commit that ends the pause, and ending it again is harmless.
///
/// # Errors
/// When our memory fails. Either the pause is still there, or it has ended and everything that had
/// been held by then is looked at.
pub async fn resume(ports: &Ports, repo: Option<&RepoKey>) -> Result<Resumed, PortError> {
    let Some(ended) = own(ports, repo).await? else {
        return Ok(Resumed::default());
    };
    let mut resumed = Resumed {
        ended: Some(ended.clone()),
        ..Resumed::default()
    };
    let missed = Missed::read(ports, repo, ended.at, 0).await?;
    let after = missed.after;
    let mut work = missed.work(ports, &ended, &mut resumed).await?;
    while work.looks.len() > TOGETHER {
        let rest = work.looks.split_off(TOGETHER);
        resumed.enqueue(ports, work.looks, None).await?;
        work.looks = rest;
    }
    work.looks.splice(..0, work.commands);
    let end = set(repo, None);
    resumed.enqueue(ports, work.looks, Some(end)).await?;
    // Closed since the journal was read, while it still was paused.
    let late = Missed::read(ports, repo, ended.at, after).await?;
    let mut late = late.work(ports, &ended, &mut resumed).await?;
    late.looks.splice(..0, late.commands);
    for some in late.looks.chunks(TOGETHER) {
        resumed.enqueue(ports, some.to_vec(), None).await?;
    }
    Ok(resumed)
}

impl Resumed {
    /// Puts items on the queue, in one commit with what goes with them, and counts the looks.
    async fn enqueue(
        &mut self,
        ports: &Ports,
        items: Vec<QueueItem>,
        with: Option<Write>,
    ) -> Result<(), PortError> {
        let looks: Vec<bool> = items.iter().map(is_look).collect();
        let writes = items.into_iter().map(Box::new).map(Write::Enqueue);
        let writes: Vec<Write> = writes.chain(with).collect();
        if writes.is_empty() {
            return Ok(());
        }
        let wrote = ports.storage.commit(None, writes).await?;
        for (wrote, _) in wrote.iter().zip(looks).filter(|(_, look)| *look) {
            if *wrote == Wrote::Full {
                self.left_out += 1;
            } else {
                self.looks += 1;
            }
        }
        Ok(())
    }
}

fn is_look(item: &QueueItem) -> bool {
    item.event.kind == EventKind::FannedOut
}

/// The pause of just this place.
async fn own(ports: &Ports, repo: Option<&RepoKey>) -> Result<Option<Pause>, PortError> {
    let pauses = ports.storage.pauses().await?;
    let mut here = pauses.into_iter().filter(|(at, _)| at.as_ref() == repo);
    Ok(here.next().map(|(_, pause)| pause))
}

fn set(repo: Option<&RepoKey>, pause: Option<Pause>) -> Write {
    let repo = repo.cloned();
    Write::Pause { repo, pause }
}

/// What a pause has held of one repository.
#[derive(Default)]
struct Here {
    /// Who planned it, about what.
    subjects: BTreeMap<Subject, BTreeSet<AgentName>>,
    /// The commands, by comment, as they came last.
    commands: BTreeMap<RemoteId, Event>,
}

/// What a pause has held, as the journal tells.
#[derive(Default)]
struct Missed {
    by_repo: BTreeMap<RepoKey, Here>,
    /// The place in the journal up to which was read.
    after: u64,
}

/// What has to go on the queue.
struct Work {
    /// Before anything about the same subjects.
    commands: Vec<QueueItem>,
    looks: Vec<QueueItem>,
}

impl Missed {
    /// Reads what was held since a time, from a place of the journal on.
    async fn read(
        ports: &Ports,
        repo: Option<&RepoKey>,
        since: Timestamp,
        after: u64,
    ) -> Result<Self, PortError> {
        let filter = Filter {
            repo: repo.cloned(),
            since: Some(since),
            ..Filter::default()
        };
        let mut missed = Self {
            after,
            ..Self::default()
        };
        loop {
            let page = ports.storage.closed(&filter, missed.after, PAGE).await?;
            let Some(last) = page.last() else { break };
            missed.after = last.seq;
            for recorded in &page {
                let unreadable = PortError::wrap("journal.closed", Kind::Corrupt);
                let run: Run = serde_json::from_str(&recorded.line).map_err(unreadable)?;
                missed.note(run);
            }
        }
        Ok(missed)
    }

    fn note(&mut self, run: Run) {
        let (Some(repo), Some(reviewed)) = (run.repo, &run.reviewed) else {
            return;
        };
        let Some(agent) = agents::by_name(run.agent.as_str()) else {
            return;
        };
        let (manifest, event) = (agent.manifest(), run.task.event);
        let stopped = |held: &Held| held.refusal == Refusal::Paused;
        let held = reviewed.held.iter().any(stopped);
        if let (Detail::Command { comment, .. }, Some(Reacts::Edge)) =
            (&event.detail, manifest.reacts_to(event.kind))
        {
            let commands = &mut self.by_repo.entry(repo.key).or_default().commands;
            // Given again when another pause ended, it may have been carried out since.
            if held {
                commands.insert(*comment, event);
            } else {
                commands.remove(comment);
            }
        } else if held && manifest.reacts_to(EventKind::FannedOut).is_some() {
            let subjects = &mut self.by_repo.entry(repo.key).or_default().subjects;
            subjects.entry(event.subject).or_default().insert(run.agent);
        }
    }

    /// What has to be done about it, and notes what becomes of the commands.
    async fn work(
        self,
        ports: &Ports,
        ended: &Pause,
        resumed: &mut Resumed,
    ) -> Result<Work, PortError> {
        let now = ports.clock.now();
        let times = [ended.at, now].map(|at| at.as_millis().to_string());
        let (mut commands, mut looks, mut urgent) = (Vec::new(), Vec::new(), Vec::new());
        for (repo, here) in self.by_repo {
            let known = ports.storage.by_key(&repo).await?;
            let Some(known) = known.filter(|known| known.off.is_none()) else {
                resumed.lost += here.commands.len();
                continue;
            };
            let installation = known.repo.installation;
            let mut said: Vec<QueueItem> = Vec::new();
            for event in here.commands.into_values() {
                let item = again(event, ended, installation, now);
                if expires(&item.event, now) {
                    resumed.expired += 1;
                } else {
                    resumed.commands += 1;
                }
                said.push(item);
            }
            said.sort_by_key(|item| item.event.accepted());
            let id = digest(&["resume", &repo.to_string(), &times[0], &times[1]]);
            let tick =
                schedule::cadence::tick(EventId::new(&id[..32]), &repo, now, None, Vec::new());
            let root = route::item(tick, None, installation, now);
            for (subject, agents) in here.subjects {
                let spoken = said.iter().any(|item| item.event.subject == subject);
                let agents = agents.into_iter().collect();
                let look = Enqueue::Look { subject, agents };
                let look = route::handed_on(&root, &root.event, &look, now);
                if spoken {
                    // Of one class the oldest is taken first: so it comes after what was said.
                    let class = Class::Interactive;
                    urgent.push(QueueItem { class, ..look });
                } else {
                    looks.push(look);
                }
            }
            commands.extend(said);
        }
        commands.extend(urgent);
        Ok(Work { commands, looks })
    }
}

/// A command as somebody gave it, to be decided once more: within one pause the same.
fn again(
    event: Event,
    ended: &Pause,
    installation: Option<InstallationId>,
    now: Timestamp,
) -> QueueItem {
    let since = ended.at.as_millis().to_string();
    let id = digest(&["resume", event.id.as_str(), &since]);
    let event = Event {
        id: EventId::new(&id[..32]),
        // By its own it counts as decided already.
        edge_identity: event.edge_identity.map(|known| format!("{known}/{id}")),
        ..event
    };
    // Before what was said later and waits already; what has expired is in no hurry.
    let due = if expires(&event, now) {
        now
    } else {
        event.accepted()
    };
    route::item(event, None, installation, due)
}

/// Whether everybody who hears it at once would find it too late.
fn expires(event: &Event, now: Timestamp) -> bool {
    let listeners = route::listeners(event);
    let mut manifests = listeners.iter().map(|agent| agent.manifest());
    manifests.any(|manifest| manifest.is_expired(event, now))
}
