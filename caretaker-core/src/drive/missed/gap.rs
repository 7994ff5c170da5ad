//! A time of which the log tells nothing any more: every repository is looked at as it is.

use crate::agents::{self, Agent};
use crate::drive::Worker;
use crate::model::{AgentName, EventId, RepoKey, Timestamp, digest};
use crate::ports::{PortError, Ports, Write, Wrote};
use crate::{route, schedule};

/// Repositories put on the queue in one commit.
const AT_ONCE: u32 = 500;

/// Puts one look at every known repository on the queue, once for each gap; false when the queue
/// took not all.
pub(super) async fn look_everywhere(
    ports: &Ports,
    worker: &Worker,
    since: Timestamp,
) -> Result<bool, PortError> {
    let due: Vec<_> = agents::all()
        .map(Agent::manifest)
        .filter(|manifest| manifest.params.switch().is_some())
        .map(|manifest| AgentName::new(manifest.name))
        .collect();
    let now = ports.clock.now();
    let mut after: Option<RepoKey> = None;
    loop {
        let page = ports.storage.list(after.as_ref(), AT_ONCE).await?;
        let Some(last) = page.last() else {
            return Ok(true);
        };
        after = Some(last.repo.key.clone());
        let known = page.iter().filter(|known| known.off.is_none());
        let writes: Vec<_> = known
            .map(|known| {
                let repo = &known.repo;
                let (key, at) = (repo.key.to_string(), since.as_millis().to_string());
                let id = digest(&["gap", &key, &at]);
                let id = EventId::new(&id[..32]);
                let event = schedule::cadence::tick(id, &repo.key, now, None, due.clone());
                Write::Enqueue(Box::new(route::item(event, None, repo.installation, now)))
            })
            .collect();
        if writes.is_empty() {
            continue;
        }
        let fence = Some(worker.lease.fence());
        let wrote = ports.storage.commit(fence, writes).await?;
        if wrote.contains(&Wrote::Full) {
            return Ok(false);
        }
    }
}
