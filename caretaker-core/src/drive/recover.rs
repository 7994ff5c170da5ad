//! Settles and closes what a crashed process left. Never sends an effect from an old decision.

use super::apply::effect::Effect;
use super::{Worker, apply, journal};
use crate::model::{ActionKey, EffectRecord, EffectResult, Outcome, Receipt, Run, Timestamp};
use crate::ports::{Kind, PortError, Ports, Settled, Write};

/// Open runs looked at in one go at start.
const PAGE: u32 = 1_000;

/// Settles and closes every open run whose effects a crash may have cut short; their events are
/// decided afresh when they are taken. Returns what was closed.
///
/// # Errors
/// When our memory fails, or the forge cannot be asked what became of an effect; what was closed
/// stays closed, and the rest is settled when its event is taken.
pub async fn recover(ports: &Ports, worker: &Worker) -> Result<Vec<Run>, PortError> {
    let mut closed = Vec::new();
    for run in ports.storage.open_runs(PAGE).await? {
        if run.looked.is_some() {
            let now = ports.clock.now();
            closed.push(close(ports, worker, run, now).await?);
        }
    }
    Ok(closed)
}

/// Settles an open run's effects and closes it as interrupted.
pub(super) async fn close(
    ports: &Ports,
    worker: &Worker,
    run: Run,
    now: Timestamp,
) -> Result<Run, PortError> {
    let mut run = settle(ports, worker, run, now).await?;
    run.outcome = Some(Outcome::Interrupted);
    let mut writes = journal::fold(&mut run);
    writes.push(Write::Close(Box::new(run.clone())));
    ports
        .storage
        .commit(Some(worker.lease.fence()), writes)
        .await?;
    Ok(run)
}

/// Notes what became of each claimed effect. Effects that were never claimed were never sent.
pub(super) async fn settle(
    ports: &Ports,
    worker: &Worker,
    mut run: Run,
    now: Timestamp,
) -> Result<Run, PortError> {
    run.effects.clear();
    for claim in ports.storage.claims(&run.id).await? {
        let result = if let Some(result) = claim.result {
            result
        } else {
            let result = ask(ports, &run, claim.index, &claim.key).await?;
            let finish = Write::Finish {
                key: claim.key.clone(),
                result: result.clone(),
            };
            ports
                .storage
                .commit(Some(worker.lease.fence()), vec![finish])
                .await?;
            result
        };
        run.effects.push(EffectRecord {
            index: claim.index,
            key: claim.key,
            result,
        });
    }
    run.closed_at = Some(now);
    Ok(run)
}

/// What became of an effect that was begun, as the forge shows it.
async fn ask(
    ports: &Ports,
    run: &Run,
    index: u32,
    key: &ActionKey,
) -> Result<EffectResult, PortError> {
    let (Some(effect), Some(repo)) = (effect(run, index), &run.repo) else {
        return Ok(EffectResult::Unknown);
    };
    match apply::settle(ports, repo, &effect, key).await {
        Ok(Settled::Performed) => Ok(EffectResult::Performed(Receipt {
            changed: true,
            via: None,
        })),
        Ok(Settled::NotPerformed) => Ok(EffectResult::NotPerformed),
        Ok(Settled::Unknown) => Ok(EffectResult::Unknown),
        Err(error) => match error.kind {
            Kind::Unavailable | Kind::RateLimited(_) | Kind::Fenced | Kind::Full => Err(error),
            // Asking again would not tell either: out of reach, gone, or not to be understood.
            Kind::NotFound
            | Kind::Denied
            | Kind::Conflict
            | Kind::Refused(_)
            | Kind::Invalid
            | Kind::Corrupt => Ok(EffectResult::Unknown),
        },
    }
}

fn effect(run: &Run, index: u32) -> Option<Effect> {
    let allowed = &run.reviewed.as_ref()?.allowed;
    Effect::of(allowed.get(usize::try_from(index).ok()?)?)
}
