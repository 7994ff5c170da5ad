//! Sends what was allowed, once.
//!
//! # What can go wrong, and what is done about it
//!
//! **Needs.** An effect reaches the forge at most once for each decision, whatever dies when; a
//! decision that the world has overtaken has no effect; a lost reply is not taken for a failure.
//!
//! **Order.** (1) The last look, past every cache. (2) One commit with decision and look: from
//! here on a crash leaves an open run that recovery finds. (3) For each effect: claim in the
//! ledger, check the lease on the monotonic clock, send, note what came of it. The note of one
//! effect and the claim of the next share a commit. (4) The closing record, by the caller.
//!
//! **Races.**
//! - *Crash before the claim.* The effect was never sent. Recovery drops it; the event is decided
//!   afresh.
//! - *Crash between claim and reply.* Nobody knows. Recovery asks the forge ([`Forge::settle`]),
//!   notes the answer and closes the run as interrupted. It never sends: what is still wanted
//!   comes out of deciding afresh.
//! - *Reply lost, process alive.* The same question is asked at once.
//! - *Two workers.* The claim is refused to whoever has the lower fence. The fence cannot reach
//!   the forge, so nothing is sent unless the lease outlasts the call's deadline. What remains is
//!   a process that is stopped between that check and the socket: upserts compare with what is
//!   there, and the next upsert reduces two comments with one marker to the oldest.
//! - *The world changes between look and effect.* Excluded only for what the forge itself
//!   enforces; the run records the gap by its times.
//!
//! [`Forge::settle`]: crate::ports::Forge::settle

use super::{Worker, fetch};
use crate::guard::{self, last_look};
use crate::model::{
    Action, ActionKey, EffectRecord, EffectResult, Evidence, ForgeAction, Halt, LookVerdict,
    Looked, Loudness, Receipt, RepoRef, Run, Span,
};
use crate::ports::{Claim, Freshness, Kind, PortError, Ports, Settled, Write, Wrote};

/// How far applying came. What was done is in the run's effects.
#[derive(Debug)]
pub enum Applied {
    /// Every allowed effect is settled, refused ones included.
    All,
    /// The forge does not let us; names the permission.
    Denied(String),
    /// The last look saw a change.
    Overtaken,
    /// The last look had no answer; nothing was sent.
    Unlooked(Halt, Option<String>, Option<Span>),
    /// An effect failed in a way that says nothing about the subject.
    Failed {
        /// What happened, for operators.
        error: String,
        /// Whether the failure is our own.
        fault: bool,
        /// How long the forge asked us to wait.
        wait: Option<Span>,
    },
}

/// Applies a run's allowed effects on the forge. A run without such needs no barrier.
///
/// # Errors
/// Only when our own memory fails.
pub async fn apply(
    ports: &Ports,
    worker: &Worker,
    repo: &RepoRef,
    run: &mut Run,
) -> Result<Applied, PortError> {
    let effects = effects(run);
    if effects.is_empty() {
        return Ok(Applied::All);
    }
    match look(ports, repo, run).await {
        Ok(looked) => run.looked = Some(looked),
        Err((halt, failure, wait)) => return Ok(Applied::Unlooked(halt, failure, wait)),
    }
    if let Some(Looked {
        verdict: LookVerdict::Changed(_),
        ..
    }) = &run.looked
    {
        return Ok(Applied::Overtaken);
    }
    let mut writes = vec![Write::Step(Box::new(run.clone()))];
    for (index, action) in effects {
        let key = ActionKey::of_run(&run.id, index);
        writes.push(claim(run, repo, index, &key, &action));
        let wrote = ports
            .storage
            .commit(Some(worker.lease.fence()), writes)
            .await?;
        writes = Vec::new();
        let result = match wrote.into_iter().next_back() {
            Some(Wrote::Claimed(Claim::Fresh)) => {
                if worker.lease.covers_a_call(ports.clock.monotonic()) {
                    send(ports, repo, &action, &key).await
                } else {
                    // Not lost for certain: a lost lease shows at the next commit.
                    Sent::Unclear {
                        result: EffectResult::NotPerformed,
                        error: "the lease ends before the call would".to_owned(),
                        fault: false,
                        wait: None,
                    }
                }
            }
            Some(Wrote::Claimed(Claim::Done(result))) => Sent::Known(result),
            // Ours under an earlier try of this very run: read back, never send again.
            Some(Wrote::Claimed(Claim::Started)) => read_back(ports, repo, &action, &key).await,
            _ => return Err(PortError::new("store.commit.claim", Kind::Corrupt)),
        };
        let (result, stop) = result.into_parts(&action);
        writes.push(Write::Finish {
            key: key.clone(),
            result: result.clone(),
        });
        run.effects.push(EffectRecord { index, key, result });
        if let Some(stop) = stop {
            ports
                .storage
                .commit(Some(worker.lease.fence()), writes)
                .await?;
            return Ok(stop);
        }
    }
    ports
        .storage
        .commit(Some(worker.lease.fence()), writes)
        .await?;
    Ok(Applied::All)
}

/// The effects on the forge among the allowed actions, with their places.
fn effects(run: &Run) -> Vec<(u32, ForgeAction)> {
    let allowed = run.reviewed.iter().flat_map(|reviewed| &reviewed.allowed);
    (0_u32..)
        .zip(allowed)
        .filter_map(|(index, planned)| match &planned.action {
            Action::Forge(action) => Some((index, action.clone())),
            Action::Enqueue(_) => None,
        })
        .collect()
}

async fn look(
    ports: &Ports,
    repo: &RepoRef,
    run: &Run,
) -> Result<Looked, (Halt, Option<String>, Option<Span>)> {
    let mut evidence = Evidence::default();
    let (mut failure, mut wait) = (None, None);
    let reviewed = run.reviewed.clone().unwrap_or_default();
    loop {
        let look = last_look::Look {
            agent: run.agent.as_str(),
            task: &run.task,
            reviewed: &reviewed,
            evidence: &run.evidence,
            looked: &evidence,
        };
        match look.verdict() {
            Ok(verdict) => {
                return Ok(Looked {
                    evidence,
                    verdict,
                    at: ports.clock.now(),
                });
            }
            Err(Halt::Need(queries)) => {
                let asked = queries.clone();
                let round =
                    fetch::round(ports, repo, queries, Freshness::Fresh, &mut evidence).await;
                (failure, wait) = (round.failure.or(failure), wait.max(round.wait));
                if !round.news {
                    return Err((Halt::Need(asked), failure, wait));
                }
            }
            Err(halt) => return Err((halt, failure, wait)),
        }
    }
}

fn claim(run: &Run, repo: &RepoRef, index: u32, key: &ActionKey, action: &ForgeAction) -> Write {
    let count = match Action::Forge(action.clone()).loudness() {
        Loudness::Act => Some(guard::acts_key(run.task.now)),
        Loudness::Voice => Some(guard::voice_key(run.task.now)),
        Loudness::Internal => None,
    };
    Write::Claim {
        run: run.id.clone(),
        index,
        key: key.clone(),
        count,
        repo: repo.key.clone(),
    }
}

/// What sending came to.
enum Sent {
    Known(EffectResult),
    Denied(String),
    Unclear {
        result: EffectResult,
        error: String,
        fault: bool,
        wait: Option<Span>,
    },
}

impl Sent {
    fn into_parts(self, action: &ForgeAction) -> (EffectResult, Option<Applied>) {
        match self {
            Self::Known(EffectResult::Performed(receipt)) => {
                (EffectResult::Performed(receipt), None)
            }
            // The rest of the decision built on it.
            Self::Known(EffectResult::Refused(status)) => {
                (EffectResult::Refused(status), Some(Applied::All))
            }
            Self::Known(result @ (EffectResult::NotPerformed | EffectResult::Unknown)) => {
                let error = format!("could not {}", action.summary());
                (
                    result,
                    Some(Applied::Failed {
                        error,
                        fault: false,
                        wait: None,
                    }),
                )
            }
            Self::Denied(detail) => {
                let text = format!("{} ({detail})", action.permission());
                (EffectResult::NotPerformed, Some(Applied::Denied(text)))
            }
            Self::Unclear {
                result,
                error,
                fault,
                wait,
            } => (result, Some(Applied::Failed { error, fault, wait })),
        }
    }
}

async fn send(ports: &Ports, repo: &RepoRef, action: &ForgeAction, key: &ActionKey) -> Sent {
    let error = match ports.forge.write(repo, action, key).await {
        Ok(receipt) => return Sent::Known(EffectResult::Performed(receipt)),
        Err(error) => error,
    };
    let text = error.to_string();
    let not_performed = |fault, wait| Sent::Unclear {
        result: EffectResult::NotPerformed,
        error: text.clone(),
        fault,
        wait,
    };
    match error.kind {
        Kind::Refused(status) => Sent::Known(EffectResult::Refused(status)),
        Kind::NotFound => Sent::Known(EffectResult::Refused(404)),
        Kind::Denied => Sent::Denied(text),
        // Somebody was faster, or the repository moved: read again and decide again.
        Kind::Conflict => not_performed(false, None),
        Kind::RateLimited(wait) => not_performed(false, wait),
        Kind::Invalid => not_performed(true, None),
        Kind::Unavailable | Kind::Full | Kind::Fenced | Kind::Corrupt => {
            match read_back(ports, repo, action, key).await {
                Sent::Known(result @ EffectResult::Performed(_)) => Sent::Known(result),
                Sent::Known(result) => {
                    let fault = error.kind == Kind::Corrupt;
                    Sent::Unclear {
                        result,
                        error: text,
                        fault,
                        wait: None,
                    }
                }
                other @ (Sent::Denied(_) | Sent::Unclear { .. }) => other,
            }
        }
    }
}

async fn read_back(ports: &Ports, repo: &RepoRef, action: &ForgeAction, key: &ActionKey) -> Sent {
    Sent::Known(match ports.forge.settle(repo, action, key).await {
        Ok(Settled::Performed) => EffectResult::Performed(Receipt {
            changed: true,
            via: None,
        }),
        Ok(Settled::NotPerformed) => EffectResult::NotPerformed,
        Ok(Settled::Unknown) | Err(_) => EffectResult::Unknown,
    })
}
