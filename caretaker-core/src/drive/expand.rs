//! Deliveries into items: projects, learns, routes. Asks the forge nothing.

use super::decide::fenced;
use super::{Worker, opening};
use crate::intake::{self, Projected};
use crate::model::{
    AgentName, Delivery, Detail, Event, EventId, EventKind, Outcome, Run, Subject, Timestamp,
};
use crate::ports::{PortError, Ports, Write};
use crate::route;

/// Deliveries expanded in one commit.
pub const BATCH: u32 = 256;

/// Expands what waits, oldest first, in one commit. Returns how many, and the records of those
/// that nobody hears.
///
/// # Errors
/// When our memory fails; then nothing was expanded, and doing it again is harmless.
pub async fn expand(ports: &Ports, worker: &Worker) -> Result<(usize, Vec<Run>), PortError> {
    let deliveries = ports.storage.unexpanded(BATCH).await?;
    let now = ports.clock.now();
    let (mut writes, mut records) = (Vec::new(), Vec::new());
    for delivery in &deliveries {
        match fenced(|| intake::project(delivery, &worker.us)) {
            Ok(projected) => one(delivery, projected, now, &mut writes, &mut records),
            Err(panic) => {
                let record = closing(delivery, Outcome::Buried(panic), now);
                records.push(record.clone());
                let (delivery, record) = (delivery.key.clone(), Box::new(record));
                writes.push(Write::BuryDelivery { delivery, record });
            }
        }
    }
    if !writes.is_empty() {
        ports
            .storage
            .commit(Some(worker.lease.fence()), writes)
            .await?;
    }
    Ok((deliveries.len(), records))
}

fn one(
    delivery: &Delivery,
    projected: Projected,
    now: Timestamp,
    writes: &mut Vec<Write>,
    records: &mut Vec<Run>,
) {
    writes.extend(projected.learned.into_iter().map(Write::Learn));
    let nobody = if projected.events.is_empty() {
        projected.unheard.unwrap_or("no_event")
    } else {
        "nobody_listens"
    };
    let items: Vec<_> = projected
        .events
        .into_iter()
        .filter(|event| !route::listeners(event).is_empty())
        .map(|event| {
            route::item(
                event,
                Some(delivery.key.clone()),
                delivery.envelope.installation,
                now,
            )
        })
        .collect();
    let unheard = items.is_empty().then(|| {
        let record = closing(delivery, Outcome::Unheard(nobody.to_owned()), now);
        records.push(record.clone());
        Box::new(record)
    });
    writes.push(Write::Expand {
        delivery: delivery.key.clone(),
        items,
        unheard,
    });
}

/// The record of a delivery that became no item.
fn closing(delivery: &Delivery, outcome: Outcome, now: Timestamp) -> Run {
    let kind = EventKind::of_webhook(&delivery.headers.event, delivery.envelope.action.as_deref());
    let event = Event {
        id: EventId::new(delivery.key.as_str()),
        scope: delivery.envelope.scope(),
        subject: Subject::None,
        kind: kind.unwrap_or(EventKind::Unlisted),
        at: delivery.received_at,
        actor: delivery.envelope.sender.clone(),
        edge_identity: None,
        detail: Detail::Nothing,
    };
    let item = route::item(
        event,
        Some(delivery.key.clone()),
        delivery.envelope.installation,
        now,
    );
    let mut run = opening::record(&item, AgentName::new(opening::INTAKE), outcome, now);
    run.repo.clone_from(&delivery.envelope.repository);
    run
}
