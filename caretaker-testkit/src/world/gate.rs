//! The gate every call of either face goes through: logged, struck by faults, performed once.

use caretaker_core::model::Span;

use super::World;
use super::act::Act;
use super::faults::{Held, Release, Then};
use super::log::{Entry, Face};
use super::spoil::{Passed, Spoil};
use super::state::State;
use super::trouble::Trouble;

/// A call as it arrives.
pub(crate) struct Call {
    pub(crate) face: Face,
    pub(crate) op: String,
    pub(crate) about: String,
    pub(crate) write: bool,
    pub(crate) login: String,
    pub(crate) key: Option<String>,
}

/// Takes a held call off the list, also when its caller goes away first.
struct Waiting<'a> {
    world: &'a World,
    id: u64,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.world
            .with(|state| state.faults.held.retain(|held| held.id != self.id));
    }
}

impl World {
    /// Logs a call, lets a scripted fault strike, and performs it unless that prevents it.
    /// The status noted for a success is the one `status_of` tells; what is to become of the answer
    /// on its way is left to the face.
    pub(crate) async fn pass<T: Send>(
        &self,
        call: Call,
        status_of: fn(&T) -> u16,
        perform: impl FnOnce(&mut State) -> Result<T, Trouble> + Send,
    ) -> Passed<T> {
        let (seq, line, then) = self.with(|state| {
            let entry = Entry {
                seq: state.log.len(),
                at: state.now,
                face: call.face,
                op: call.op,
                about: call.about,
                write: call.write,
                changed: false,
                status: None,
                login: call.login,
                key: call.key,
                points: 0,
            };
            let line = entry.line();
            let then = state.faults.strike(&line, call.write);
            let seq = entry.seq;
            state.log.push(entry);
            (seq, line, then)
        });
        let answer = |result: Result<T, Trouble>| {
            let status = match &result {
                Ok(value) => status_of(value),
                Err(trouble) => trouble.status,
            };
            self.with(|state| {
                state.log[seq].status = Some(status);
                if let Err(trouble) = &result
                    && trouble.violation
                {
                    let report = format!("{line}: {} {}", trouble.status, trouble.message);
                    state.violations.push(report);
                }
            });
            result
        };
        let perform = || {
            self.with(|state| {
                let before = state.changes;
                let result = perform(state);
                state.log[seq].changed = state.changes != before;
                state.log[seq].points = std::mem::take(&mut state.spent);
                result
            })
        };
        let answer = match then {
            None => answer(perform()),
            Some(Then::FailBefore(status)) => answer(Err(scripted(status))),
            Some(Then::FailAfter(status)) => {
                // What it came to does not reach the caller; that is the fault.
                drop(perform());
                answer(Err(scripted(status)))
            }
            Some(Then::Delay(millis)) => {
                self.shared.clock.sleep(Span::millis(millis)).await;
                answer(perform())
            }
            Some(Then::RateLimit(seconds)) => {
                let mut trouble = Trouble::new(429, "You have exceeded a secondary rate limit.");
                trouble.retry_after = seconds.map(Span::seconds);
                answer(Err(trouble))
            }
            Some(Then::Cut) => return Passed::spoiled(answer(perform()), Spoil::Cut),
            Some(Then::Reset) => return Passed::spoiled(answer(perform()), Spoil::Reset),
            Some(Then::Truncate) => return Passed::spoiled(answer(perform()), Spoil::Truncated),
            Some(Then::Page(status)) => {
                return Passed::spoiled(answer(perform()), Spoil::Page(status));
            }
            Some(Then::Withhold) => {
                drop(perform());
                std::future::pending().await
            }
            Some(Then::PushFirst { repo, number }) => {
                let pushed = self.with(|state| {
                    let (owner, name) = repo.split_once('/').unwrap_or_default();
                    let repo = state.repo_named(owner, name);
                    let repo = repo.ok_or_else(Trouble::not_found)?;
                    state.act(repo, Act::Push { number })
                });
                match pushed {
                    Ok(_) => answer(perform()),
                    Err(trouble) => {
                        // A fault that names no pull request is a mistake in the script.
                        answer(Err(trouble.violation()))
                    }
                }
            }
            Some(Then::Hold) => match self.held(&line).await {
                Release::Perform => answer(perform()),
                Release::Refuse => answer(Err(scripted(503))),
                Release::Withhold => {
                    drop(perform());
                    std::future::pending().await
                }
            },
        };
        Passed::whole(answer)
    }

    /// Waits for the release of a call.
    async fn held(&self, line: &str) -> Release {
        let id = self.with(|state| {
            let id = state.id();
            state.faults.held.push(Held {
                id,
                line: line.to_owned(),
                release: None,
            });
            id
        });
        let _waiting = Waiting { world: self, id };
        loop {
            let moved = self.shared.moved.notified();
            tokio::pin!(moved);
            // Registered before looking, so that a release between look and wait is not missed.
            moved.as_mut().enable();
            let release = self.look(|state| {
                let held = state.faults.held.iter().find(|held| held.id == id);
                held.and_then(|held| held.release)
            });
            if let Some(release) = release {
                return release;
            }
            moved.await;
        }
    }
}

fn scripted(status: u16) -> Trouble {
    Trouble::new(status, "scripted fault")
}
