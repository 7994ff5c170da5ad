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
//!   enforces, and for the head of what is merged; the run records the gap by its times.
//! - *The operator pauses between look and merge.* Our memory is asked once more right before the
//!   merge goes out.
//!
//! **Merging** needs a [`MergePermit`], and only the gate builds one, out of the answers of the
//! last look; what a record says cannot merge by itself. The forge may refuse (405, 409, 422):
//! then nothing has happened, it is noted, and the pull request is looked at again later. A merge
//! needs no key beside its run's: the forge merges a pull request at most once, and only at the
//! head that we name (ADR-0008).
//!
//! **What leaves no trace** (`Safety::AtMostOnce`) is claimed under what it is instead of under
//! its run, so that no other run sends it again. A refusal frees that key, and so does whatever
//! certainly did not reach the forge; where the reply is lost the effect ends as unknown and the
//! run goes on.
//!
//! [`Forge::settle`]: crate::ports::Forge::settle

pub(super) mod effect;

use effect::Effect;

use super::{Worker, fetch};
use crate::guard::last_look;
use crate::merge_gate::MergePermit;
use crate::model::{
    ActionKey, Class, EffectRecord, EffectResult, Evidence, Halt, LookVerdict, Looked, Receipt,
    RepoRef, Run, Span, Timestamp,
};
use crate::ports::{Claim, Freshness, Kind, PortError, Ports, Settled, Write, Wrote};

/// What has been decided is finished, however urgent it was to begin with.
const FINISHING: Class = Class::Interactive;

/// How far applying came. What was done is in the run's effects.
#[derive(Debug)]
pub enum Applied {
    /// Every allowed effect is settled, refused ones included.
    All {
        /// When to look again at what the forge refused for now.
        again: Option<Timestamp>,
    },
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
        return Ok(Applied::All { again: None });
    }
    let mut permit = match look(ports, repo, run).await {
        Ok((looked, permit)) => {
            run.looked = Some(looked);
            permit
        }
        Err((halt, failure, wait)) => return Ok(Applied::Unlooked(halt, failure, wait)),
    };
    if let Some(Looked {
        verdict: LookVerdict::Changed(_),
        ..
    }) = &run.looked
    {
        return Ok(Applied::Overtaken);
    }
    let mut writes = vec![Write::Step(Box::new(run.clone()))];
    for (index, effect) in effects {
        let mut tries = 0;
        let (key, claimed) = loop {
            let key = effect.key(run, repo, index, tries);
            writes.push(claim(run, repo, index, &key, &effect));
            let wrote = ports
                .storage
                .commit(Some(worker.lease.fence()), std::mem::take(&mut writes))
                .await?;
            let Some(Wrote::Claimed(claimed)) = wrote.into_iter().next_back() else {
                return Err(PortError::new("store.commit.claim", Kind::Corrupt));
            };
            if effect.may_be_tried_again(&claimed) {
                tries += 1;
            } else {
                break (key, claimed);
            }
        };
        let result = match claimed {
            Claim::Fresh => {
                if paused_meanwhile(ports, repo, &effect).await? {
                    Sent::not_performed("the operator has paused meanwhile")
                } else if worker.lease.covers_a_call(ports.clock.monotonic()) {
                    // What is written before the merge leaves it its permit.
                    let permit = match &effect {
                        Effect::Merge(_) => permit.take(),
                        Effect::Forge(_) => None,
                    };
                    send(ports, repo, &effect, permit, &key).await
                } else {
                    // Not lost for certain: a lost lease shows at the next commit.
                    Sent::not_performed("the lease ends before the call would")
                }
            }
            Claim::Done(result) => Sent::Known(result),
            // Ours under an earlier try of this very run, or of another that wants the same:
            // read back, never send again.
            Claim::Started => read_back(ports, repo, &effect, &key).await,
        };
        let (result, mut stop) = result.into_parts(&effect);
        writes.push(Write::Finish {
            key: key.clone(),
            result: result.clone(),
        });
        if let Some((noted, at)) = effect.refused(run, &result, ports.clock.now())? {
            writes.push(noted);
            stop = Some(Applied::All { again: Some(at) });
        }
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
    Ok(Applied::All { again: None })
}

/// The effects on the forge among the allowed actions, with their places.
fn effects(run: &Run) -> Vec<(u32, Effect)> {
    let allowed = run.reviewed.iter().flat_map(|reviewed| &reviewed.allowed);
    (0_u32..)
        .zip(allowed)
        .filter_map(|(index, planned)| Effect::of(planned).map(|effect| (index, effect)))
        .collect()
}

/// Asks anew, past every cache, and judges; with the right to merge, where that is planned and
/// still right.
async fn look(
    ports: &Ports,
    repo: &RepoRef,
    run: &Run,
) -> Result<(Looked, Option<MergePermit>), (Halt, Option<String>, Option<Span>)> {
    let mut evidence = Evidence::default();
    let (mut failure, mut wait) = (None, None);
    let reviewed = run.reviewed.clone().unwrap_or_default();
    loop {
        let at = ports.clock.now();
        let look = last_look::Look {
            agent: run.agent.as_str(),
            repo: Some(&repo.key),
            task: &run.task,
            reviewed: &reviewed,
            evidence: &run.evidence,
            looked: &evidence,
            at,
        };
        match look.verdict() {
            Ok((verdict, permit)) => {
                let looked = Looked {
                    evidence,
                    verdict,
                    at,
                };
                return Ok((looked, permit));
            }
            Err(Halt::Need(queries)) => {
                let asked = queries.clone();
                let round = fetch::round(
                    ports,
                    repo,
                    queries,
                    Freshness::Fresh,
                    FINISHING,
                    &mut evidence,
                )
                .await;
                (failure, wait) = (round.failure.or(failure), wait.max(round.wait));
                if !round.news {
                    return Err((Halt::Need(asked), failure, wait));
                }
            }
            Err(halt) => return Err((halt, failure, wait)),
        }
    }
}

/// Whether the operator has stopped us since the last look. Comment and check are written between
/// it and the merge, and no forge stands in for a stop.
async fn paused_meanwhile(
    ports: &Ports,
    repo: &RepoRef,
    effect: &Effect,
) -> Result<bool, PortError> {
    Ok(match effect {
        Effect::Merge(_) => ports.storage.paused(&repo.key).await?.is_some(),
        Effect::Forge(_) => false,
    })
}

fn claim(run: &Run, repo: &RepoRef, index: u32, key: &ActionKey, effect: &Effect) -> Write {
    Write::Claim {
        run: run.id.clone(),
        index,
        key: key.clone(),
        count: effect.counter(run.task.now),
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
    /// For certain not performed, through nobody's fault; decided afresh.
    fn not_performed(error: &str) -> Self {
        Self::Unclear {
            result: EffectResult::NotPerformed,
            error: error.to_owned(),
            fault: false,
            wait: None,
        }
    }

    fn into_parts(self, effect: &Effect) -> (EffectResult, Option<Applied>) {
        match self {
            Self::Known(EffectResult::Performed(receipt)) => {
                (EffectResult::Performed(receipt), None)
            }
            // Nothing will ever tell, so there is nothing to wait for: it is reported.
            Self::Known(EffectResult::Unknown)
            | Self::Unclear {
                result: EffectResult::Unknown,
                ..
            } if effect.is_sent_once() => (EffectResult::Unknown, None),
            // The rest of the decision built on it.
            Self::Known(EffectResult::Refused(status)) => (
                EffectResult::Refused(status),
                Some(Applied::All { again: None }),
            ),
            Self::Known(result @ (EffectResult::NotPerformed | EffectResult::Unknown)) => {
                let error = format!("could not {}", effect.summary());
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
                let text = format!("{} ({detail})", effect.permission());
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

async fn send(
    ports: &Ports,
    repo: &RepoRef,
    effect: &Effect,
    permit: Option<MergePermit>,
    key: &ActionKey,
) -> Sent {
    let sent = match effect {
        Effect::Forge(action) => ports.forge.write(repo, action, key).await,
        Effect::Merge(_) => match permit {
            Some(permit) if ports.clock.now() <= permit.not_after() => {
                ports.forge.merge(repo, &permit, key).await
            }
            Some(_) => {
                return Sent::not_performed("the permit to merge ran out before it was used");
            }
            None => return Sent::not_performed("there is no permit to merge"),
        },
    };
    let error = match sent {
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
            match read_back(ports, repo, effect, key).await {
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

async fn read_back(ports: &Ports, repo: &RepoRef, effect: &Effect, key: &ActionKey) -> Sent {
    Sent::Known(match settle(ports, repo, effect, key).await {
        Ok(Settled::Performed) => EffectResult::Performed(Receipt {
            changed: true,
            via: None,
        }),
        Ok(Settled::NotPerformed) => EffectResult::NotPerformed,
        Ok(Settled::Unknown) | Err(_) => EffectResult::Unknown,
    })
}

/// What became of an effect whose reply nobody saw.
pub(super) async fn settle(
    ports: &Ports,
    repo: &RepoRef,
    effect: &Effect,
    key: &ActionKey,
) -> Result<Settled, PortError> {
    match effect {
        Effect::Forge(action) => ports.forge.settle(repo, action, key).await,
        Effect::Merge(merge) => ports.forge.settle_merge(repo, merge).await,
    }
}
