//! One attempt of one agent at one event: from task to closing record.

use super::decide::{self, Taken as How};
use super::known_config::KnownConfig;
use super::opening::Opened;
use super::{Worker, apply, journal};
use crate::agents::Agent;
use crate::config::Config;
use crate::model::{
    Action, ConfigState, ConfigUsed, EventKind, Failure, ForgeQuery, Halt, Held, Query, Reason,
    Refusal, RepoRef, Run, Taken, Timestamp,
};
use crate::ports::{Kind, PortError, Ports, Write, Wrote};
use crate::route;

/// Everything an attempt needs.
pub(super) struct Attempt<'a> {
    pub(super) ports: &'a Ports,
    pub(super) worker: &'a Worker,
    pub(super) repo: &'a RepoRef,
    pub(super) config: &'a Config,
    pub(super) agent: &'static dyn Agent,
    pub(super) taken: &'a Taken,
    pub(super) now: Timestamp,
}

/// How an attempt ended.
pub(super) enum Ending {
    /// The agent has a final record already; with what else goes into the commit.
    Nothing(Vec<Write>),
    /// A record, with what goes into its commit. `alone`: do not wait for the other agents.
    Closed {
        run: Box<Run>,
        writes: Vec<Write>,
        alone: bool,
    },
    /// Not yet: come back.
    Again {
        at: Timestamp,
        error: String,
        fault: bool,
        writes: Vec<Write>,
        closed: Option<Box<Run>>,
    },
}

impl Ending {
    /// A record, with what else goes into its commit.
    pub(super) fn closed(mut run: Run, mut also: Vec<Write>) -> Self {
        also.extend(journal::fold(&mut run));
        also.push(Write::Close(Box::new(run.clone())));
        Self::Closed {
            run: Box::new(run),
            writes: also,
            alone: false,
        }
    }
}

impl Attempt<'_> {
    /// Decides, reviews, applies, closes.
    pub(super) async fn make(&self, known: &KnownConfig) -> Result<Ending, PortError> {
        let (mut run, superseded) = match self.open(&known.used()).await? {
            Opened::Run(run, superseded) => (*run, superseded),
            Opened::Answered(ending) => return Ok(ending),
        };
        let deciding = decide::decide(
            self.ports,
            self.repo,
            self.taken.item.class,
            self.agent,
            &run.task,
        )
        .await;
        run.evidence = deciding.evidence;
        let failure = deciding.failure;
        match deciding.taken {
            How::Decided(decision, reviewed) => {
                run.decision = Some(decision);
                run.reviewed = Some(reviewed);
            }
            How::Halted(halt) => {
                return Ok(self.halted(run, halt, failure, deciding.wait, superseded));
            }
            How::Faulty(text) => return Ok(self.faulty(run, text, superseded)),
        }
        if self.was_held_for_nothing(&run).await? {
            return Ok(self.applied(run, apply::Applied::Overtaken, superseded));
        }
        let mut applied = apply::apply(self.ports, self.worker, self.repo, &mut run).await?;
        // Behind the effects: whoever is handed on to shall see them.
        if matches!(applied, apply::Applied::All { .. })
            && let Some(full) = self.enqueue(&run).await?
        {
            if run.effects.is_empty() {
                return Ok(self.again(run, full, superseded));
            }
            applied = apply::Applied::Failed {
                error: full,
                fault: false,
                wait: None,
            };
        }
        Ok(self.applied(run, applied, superseded))
    }

    /// Whether a pause has held something that ended meanwhile. Who resumes finds what is in the
    /// journal by then; who looks again by itself comes back ([`Self::finish`]), but what somebody
    /// has told us would be forgotten.
    async fn was_held_for_nothing(&self, run: &Run) -> Result<bool, PortError> {
        let stopped = |held: &Held| held.refusal == Refusal::Paused;
        let reviewed = run.reviewed.as_ref();
        let held = reviewed.is_some_and(|reviewed| reviewed.held.iter().any(stopped));
        let returns = self.agent.manifest().reacts_to(EventKind::RecheckDue);
        if !held || returns.is_some() {
            return Ok(false);
        }
        let pause = self.ports.storage.paused(&self.repo.key).await?;
        Ok(pause.is_none())
    }

    /// What a configuration that cannot be read means for this agent.
    pub(super) async fn without_configuration(
        &self,
        error: &PortError,
    ) -> Result<Ending, PortError> {
        let used = ConfigUsed {
            state: ConfigState::NeverValid,
            commit: None,
        };
        let (run, superseded) = match self.open(&used).await? {
            Opened::Run(run, superseded) => (*run, superseded),
            Opened::Answered(ending) => return Ok(ending),
        };
        let query = Query::Forge(ForgeQuery::ConfigFile);
        let wait = match error.kind {
            Kind::RateLimited(wait) => wait,
            _ => None,
        };
        match error.kind {
            Kind::Fenced => Err(PortError::new("config.load", Kind::Fenced)),
            kind => {
                let failure = kind.failure().unwrap_or(Failure::Denied);
                Ok(self.halted(
                    run,
                    Halt::Blocked(query, failure),
                    Some(error.to_string()),
                    wait,
                    superseded,
                ))
            }
        }
    }

    /// Puts the decision's own children on the queue; says so when there is no room.
    async fn enqueue(&self, run: &Run) -> Result<Option<String>, PortError> {
        let Some(reviewed) = &run.reviewed else {
            return Ok(None);
        };
        let writes: Vec<Write> = reviewed
            .allowed
            .iter()
            .filter_map(|planned| match &planned.action {
                Action::Enqueue(what) => {
                    let root = &self.taken.item;
                    Some(Write::Enqueue(Box::new(route::handed_on(
                        root,
                        &run.task.event,
                        what,
                        self.now,
                    ))))
                }
                Action::Forge(_) | Action::Merge(_) => None,
            })
            .collect();
        if writes.is_empty() {
            return Ok(None);
        }
        let wrote = self
            .ports
            .storage
            .commit(Some(self.worker.lease.fence()), writes)
            .await?;
        let full = wrote.contains(&Wrote::Full);
        Ok(full.then(|| "the queue has no room for more sweep items; it goes on later".to_owned()))
    }
}

/// What a run decided, in a line, for logs.
pub fn headline(run: &Run) -> String {
    run.decision
        .as_ref()
        .map_or_else(String::new, |d| Reason::line(&d.because))
}
