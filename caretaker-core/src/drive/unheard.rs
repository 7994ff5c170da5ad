//! Items, or events among them, that no agent is to hear: each still gets a record that says why.

use super::attempt::Ending;
use super::closing::Closing;
use super::{Handled, Worker, opening};
use crate::agents::{self, Agent};
use crate::model::{AgentName, Detail, Event, EventId, Outcome, QueueItem, Taken, Timestamp};
use crate::ports::{PortError, Ports};
use crate::route;

/// Why nobody hears it: every listener is switched off.
pub(super) const SWITCHED_OFF: &str = "switched_off";

/// Why nobody hears it, in a word.
pub(super) fn why(word: &str) -> Outcome {
    Outcome::Unheard(word.to_owned())
}

/// The earlier event whose open children answer for this one, if there is such.
pub(super) async fn superseded(ports: &Ports, event: &Event) -> Result<Option<EventId>, PortError> {
    let Detail::Tick {
        previous: Some(previous),
        cursor: None,
        ..
    } = &event.detail
    else {
        return Ok(None);
    };
    let open = ports.storage.open_children(previous).await?;
    Ok((open > 0).then(|| previous.clone()))
}

/// Closes an item that no agent is to hear, with a record that says why.
pub(super) async fn unheard(
    ports: &Ports,
    worker: &Worker,
    taken: &Taken,
    outcome: Outcome,
    now: Timestamp,
) -> Result<Handled, PortError> {
    let agent = AgentName::new(opening::INTAKE);
    let attempts = ports
        .storage
        .attempts(&taken.item.event.id, taken.item.generation)
        .await?;
    let mut closing = Closing::default();
    closing.also(opening::let_go(ports, worker, taken, None, &outcome, now).await?);
    for item in &taken.joined {
        closing.also(opening::without_recheck(&item.event));
    }
    let given_up = matches!(outcome, Outcome::Buried(_));
    if given_up || !attempts.iter().any(|attempt| attempt.is_final) {
        let mut run = opening::record(&taken.item, agent, outcome, now);
        run.joined = taken
            .joined
            .iter()
            .map(|item| item.event.id.clone())
            .collect();
        let forgotten = opening::without_recheck(&taken.item.event);
        closing
            .add(ports, worker, Ending::closed(run, forgotten))
            .await?;
    }
    closing.settle(ports, worker, taken).await
}

/// Records the events among joined ones that only agents hear which are switched off, so that
/// every accepted delivery ends in a record.
pub(super) async fn left_over(
    ports: &Ports,
    worker: &Worker,
    items: &[&QueueItem],
    is_off: impl Fn(&dyn Agent) -> bool + Send + Sync,
    now: Timestamp,
    closing: &mut Closing,
) -> Result<(), PortError> {
    for item in items {
        let heard = |agent: &&dyn Agent| route::hears(*agent, &item.event) && !is_off(*agent);
        if agents::all().any(|agent| heard(&agent)) {
            continue;
        }
        let (id, generation) = (&item.event.id, item.generation);
        let attempts = ports.storage.attempts(id, generation).await?;
        if attempts.iter().any(|attempt| attempt.is_final) {
            continue;
        }
        let agent = AgentName::new(opening::INTAKE);
        let run = opening::record(item, agent, why(SWITCHED_OFF), now);
        let forgotten = opening::without_recheck(&item.event);
        closing
            .add(ports, worker, Ending::closed(run, forgotten))
            .await?;
    }
    Ok(())
}
