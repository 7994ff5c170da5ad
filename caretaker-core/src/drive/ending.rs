//! How an attempt ends: with a final record, or to be made again later.

use super::attempt::{Attempt, Ending};
use super::{apply, journal, retry};
use crate::model::{
    Class, EventKind, Evidence, Failure, Halt, HaltKind, Held, LookVerdict, Outcome, Refusal, Run,
    Span, Timestamp,
};
use crate::ports::Write;

impl Attempt<'_> {
    pub(super) fn applied(
        &self,
        mut run: Run,
        applied: apply::Applied,
        mut also: Vec<Write>,
    ) -> Ending {
        run.closed_at = Some(self.ports.clock.now());
        match applied {
            apply::Applied::All { again } => {
                let task = &run.task;
                let expired = self.agent.manifest().is_expired(&task.event, task.now);
                run.outcome = Some(if expired {
                    Outcome::Expired
                } else {
                    Outcome::Decided
                });
                self.finish_until(run, again, also)
            }
            apply::Applied::Denied(permission) => {
                run.outcome = Some(Outcome::Halted(HaltKind::NoAccess(permission)));
                self.finish(run, also)
            }
            apply::Applied::Overtaken => {
                let before = run.attempt.saturating_sub(1);
                run.outcome = Some(Outcome::Overtaken);
                let words = match run.looked.as_ref().map(|looked| &looked.verdict) {
                    Some(LookVerdict::Changed(what)) => what.join(", "),
                    Some(LookVerdict::Unchanged) | None => "the subject".to_owned(),
                };
                let error = format!("changed before the effect: {words}");
                self.close_and_return(run, retry::overtaken(before), error, false, also)
            }
            apply::Applied::Unlooked(halt, failure, wait) => {
                run.closed_at = None;
                self.halted(run, halt, failure, wait, also)
            }
            apply::Applied::Failed { error, fault, wait } => {
                run.last_failure = Some(error.clone());
                if let Some(reason) = self.given_up(fault, &error) {
                    run.outcome = Some(Outcome::Buried(reason));
                    return self.finish(run, also);
                }
                run.outcome = Some(Outcome::Interrupted);
                also.extend(self.cool_down(wait));
                let wait = wait.unwrap_or_else(|| self.backoff());
                self.close_and_return(run, wait, error, fault, also)
            }
        }
    }

    /// Why this event is not tried again, if it is not: five failures of our own, or three days
    /// of others'.
    fn given_up(&self, fault: bool, error: &str) -> Option<String> {
        if fault {
            let last = self.taken.faults + 1 >= retry::MOST_FAULTS;
            return last.then(|| error.to_owned());
        }
        let long = retry::waited_too_long(self.taken.enqueued_at, self.now);
        long.then(|| format!("for three days: {error}"))
    }

    /// Closes with a final record; replaces the recheck.
    pub(super) fn finish(&self, run: Run, also: Vec<Write>) -> Ending {
        self.finish_until(run, None, also)
    }

    /// Closes with a final record, to be looked at again at a time or earlier.
    fn finish_until(&self, run: Run, again: Option<Timestamp>, mut also: Vec<Write>) -> Ending {
        let decided = run
            .decision
            .as_ref()
            .and_then(|decision| decision.recheck_at);
        let reviewed = run
            .reviewed
            .as_ref()
            .and_then(|reviewed| reviewed.recheck_at);
        let paused = self.pause_may_have_ended(&run);
        let at = [decided, reviewed, again, paused]
            .into_iter()
            .flatten()
            .min();
        also.push(Write::Recheck {
            repo: self.repo.key.clone(),
            subject: run.task.event.subject.clone(),
            agent: run.agent.clone(),
            at,
        });
        let sent = !run.effects.is_empty();
        match Ending::closed(run, also) {
            Ending::Closed { run, writes, .. } => Ending::Closed {
                run,
                writes,
                alone: sent,
            },
            other @ (Ending::Nothing(_) | Ending::Again { .. }) => other,
        }
    }

    /// When to look again at what a pause has held. Who resumes has that looked at which is in the
    /// journal by then; a run that closes a moment later, or for which the queue had no room, would
    /// stay held until something else happened to its subject.
    fn pause_may_have_ended(&self, run: &Run) -> Option<Timestamp> {
        self.agent.manifest().reacts_to(EventKind::RecheckDue)?;
        let pause = run.task.settings.paused.as_ref()?;
        let stopped = |held: &Held| held.refusal == Refusal::Paused;
        let held = run.reviewed.as_ref()?.held.iter().any(stopped);
        let lasted = self.now.since(pause.at);
        held.then(|| self.now + retry::paused(lasted, &run.task.event.id))
    }

    /// Closes without a final outcome and comes back.
    pub(super) fn close_and_return(
        &self,
        mut run: Run,
        wait: Span,
        error: String,
        fault: bool,
        mut writes: Vec<Write>,
    ) -> Ending {
        writes.extend(journal::fold(&mut run));
        writes.push(Write::Close(Box::new(run.clone())));
        Ending::Again {
            at: self.now + wait,
            error,
            fault,
            writes,
            closed: Some(Box::new(run)),
        }
    }

    pub(super) fn halted(
        &self,
        mut run: Run,
        halt: Halt,
        failure: Option<String>,
        wait: Option<Span>,
        mut also: Vec<Write>,
    ) -> Ending {
        let halted = |mut run: Run, kind| {
            run.closed_at = Some(self.ports.clock.now());
            run.outcome = Some(Outcome::Halted(kind));
            run
        };
        match halt {
            Halt::Gone(_) => self.finish(halted(run, HaltKind::SubjectGone), also),
            Halt::Misconfigured(text) => {
                self.finish(halted(run, HaltKind::Misconfigured(text)), also)
            }
            Halt::Need(_) => self.faulty(run, "it asked for what cannot be fetched".into(), also),
            Halt::Blocked(_, Failure::Denied) => {
                let text = failure.unwrap_or_else(|| "access denied".to_owned());
                let tries = if self.worker.has_credentials {
                    run.blocked
                } else {
                    u32::MAX
                };
                match retry::no_access(tries) {
                    None => {
                        let text = if self.worker.has_credentials {
                            text
                        } else {
                            "no credentials are configured".to_owned()
                        };
                        self.finish(halted(run, HaltKind::NoAccess(text)), also)
                    }
                    Some(wait) => self.blocked(run, wait, text, false, also),
                }
            }
            Halt::Blocked(query, failed) => {
                let fault = matches!(failed, Failure::Invalid | Failure::Corrupt);
                let text = failure.unwrap_or_else(|| format!("no usable answer to {query:?}"));
                if let Some(reason) = self.given_up(fault, &text) {
                    run.closed_at = Some(self.ports.clock.now());
                    run.outcome = Some(Outcome::Buried(reason));
                    return self.finish(run, also);
                }
                also.extend(self.cool_down(wait));
                let wait = wait.unwrap_or_else(|| self.backoff());
                self.blocked(run, wait, text, fault, also)
            }
        }
    }

    /// The code failed: closed as panicked, and buried when that happens too often.
    pub(super) fn faulty(&self, mut run: Run, text: String, also: Vec<Write>) -> Ending {
        run.closed_at = Some(self.ports.clock.now());
        run.last_failure = Some(text.clone());
        if let Some(reason) = self.given_up(true, &text) {
            run.outcome = Some(Outcome::Buried(reason));
            return self.finish(run, also);
        }
        run.outcome = Some(Outcome::Panicked(text.clone()));
        self.close_and_return(run, self.backoff(), text, true, also)
    }

    pub(super) fn again(&self, run: Run, error: String, also: Vec<Write>) -> Ending {
        self.blocked(run, self.backoff(), error, false, also)
    }

    /// Keeps the run open with what stands in the way.
    pub(super) fn blocked(
        &self,
        mut run: Run,
        wait: Span,
        error: String,
        fault: bool,
        mut writes: Vec<Write>,
    ) -> Ending {
        run.blocked += 1;
        run.last_failure = Some(error.clone());
        run.decision = None;
        run.reviewed = None;
        run.looked = None;
        run.evidence = Evidence::default();
        writes.push(Write::Step(Box::new(run)));
        Ending::Again {
            at: self.now + wait,
            error,
            fault,
            writes,
            closed: None,
        }
    }

    pub(super) fn backoff(&self) -> Span {
        let times = self.taken.put_off.saturating_add(self.taken.faults);
        retry::backoff(times, &self.taken.item.event.id)
    }

    /// Leaves the whole installation alone for as long as the forge asked. Not for a sweep's sake:
    /// what held that back may be what is kept for others.
    pub(super) fn cool_down(&self, wait: Option<Span>) -> Option<Write> {
        if self.taken.item.class == Class::Sweep {
            return None;
        }
        let until = self.now + wait?;
        Some(Write::CoolDown {
            installation: self.repo.installation,
            until,
        })
    }
}
