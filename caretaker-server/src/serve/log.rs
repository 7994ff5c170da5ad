//! One line for each closed run, and its numbers.

use std::time::Duration;

use caretaker_core::model::{EffectResult, RepoRef, Run, Timestamp};
use caretaker_wiring::telemetry::record;

/// Says how a run ended.
pub fn closed(run: &Run) {
    let verdict = run
        .decision
        .as_ref()
        .map_or("-", |decision| decision.verdict.as_str());
    let held = run
        .reviewed
        .as_ref()
        .map_or(0, |reviewed| reviewed.held.len());
    let changed = run
        .effects
        .iter()
        .filter(|effect| matches!(&effect.result, EffectResult::Performed(r) if r.changed))
        .count();
    let repo = run
        .repo
        .as_ref()
        .map_or_else(|| "-".to_owned(), RepoRef::full_name);
    tracing::info!(
        run.id = %run.id,
        agent = %run.agent,
        repo.name = %repo,
        subject = %run.task.event.subject,
        event = %run.task.event.kind.name(),
        verdict,
        outcome = run.outcome.as_ref().map_or("open", |outcome| outcome.word()),
        held,
        written = changed,
        why = %caretaker_core::drive::attempt::headline(run),
        "run closed"
    );
    count(run);
}

fn count(run: &Run) {
    let job = run.agent.to_string();
    let outcome = run
        .outcome
        .as_ref()
        .map_or("open", |outcome| outcome.word());
    let until = run.closed_at.unwrap_or(run.opened_at);
    let since = |from: Timestamp| {
        let millis = until.since(from).as_millis();
        Duration::from_millis(u64::try_from(millis).unwrap_or(0))
    };
    record::run(
        job.clone(),
        outcome,
        since(run.opened_at),
        since(run.task.event.at),
    );
    for effect in &run.effects {
        let came = match &effect.result {
            EffectResult::Performed(receipt) if receipt.changed => "changed",
            EffectResult::Performed(_) => "unchanged",
            EffectResult::Refused(_) => "refused",
            EffectResult::NotPerformed => "not_performed",
            EffectResult::Unknown => "unknown",
        };
        record::effect(job.clone(), came);
    }
}
