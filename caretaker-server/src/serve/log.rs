//! One line for each closed run.

use caretaker_core::model::{EffectResult, RepoRef, Run};

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
}
