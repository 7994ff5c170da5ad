//! Rounds: decide, fetch what is missing, decide again.

use super::fetch;
use crate::agents::{Agent, Input};
use crate::guard;
use crate::model::{Class, Decision, Evidence, Halt, RepoRef, Reviewed, Span, Task};
use crate::ports::{Freshness, Ports};

/// Rounds after which a decision that still asks has gone astray.
const MOST_ROUNDS: usize = 8;

impl Task {
    /// Decides and reviews, or says what is missing. Pure: driver and replay both call this and
    /// nothing else.
    pub fn take(
        &self,
        agent: &dyn Agent,
        evidence: &Evidence,
    ) -> Result<(Decision, Reviewed), Halt> {
        let input = Input {
            event: &self.event,
            evidence,
            params: &self.params,
            settings: &self.settings,
            now: self.now,
        };
        let decision = agent.decide(&input)?;
        let reviewed = guard::review(&input, agent.manifest().view, &decision)?;
        Ok((decision, reviewed))
    }
}

/// How far deciding came.
#[derive(Debug)]
pub enum Taken {
    /// To a decision.
    Decided(Decision, Reviewed),
    /// To a halt that fetching cannot lift.
    Halted(Halt),
    /// It asked without end, or the code panicked; the text says which.
    Faulty(String),
}

/// What deciding saw, and how far it came.
#[derive(Debug)]
pub struct Deciding {
    /// Everything that was asked.
    pub evidence: Evidence,
    /// How far it came.
    pub taken: Taken,
    /// The longest wait a source asked for.
    pub wait: Option<Span>,
    /// The last failure of a source, in words for operators.
    pub failure: Option<String>,
}

/// Decides once, asking ports only for what the agent and the guard ask for. Changes nothing.
/// The class says how urgent it is to those who ration answers.
pub async fn decide(
    ports: &Ports,
    repo: &RepoRef,
    class: Class,
    agent: &dyn Agent,
    task: &Task,
) -> Deciding {
    let mut evidence = Evidence::default();
    let (mut wait, mut failure) = (None, None);
    for _ in 0..MOST_ROUNDS {
        let taken = match fenced(|| task.take(agent, &evidence)) {
            Err(panic) => Taken::Faulty(panic),
            Ok(Ok((decision, reviewed))) => Taken::Decided(decision, reviewed),
            Ok(Err(Halt::Need(queries))) => {
                let round = fetch::round(
                    ports,
                    repo,
                    queries,
                    Freshness::Shared,
                    class,
                    &mut evidence,
                )
                .await;
                wait = wait.max(round.wait);
                failure = round.failure.or(failure);
                if round.news {
                    continue;
                }
                Taken::Faulty("it asked again for what it was given".to_owned())
            }
            Ok(Err(halt)) => Taken::Halted(halt),
        };
        return Deciding {
            evidence,
            taken,
            wait,
            failure,
        };
    }
    let taken = Taken::Faulty(format!("it still asked after {MOST_ROUNDS} rounds"));
    Deciding {
        evidence,
        taken,
        wait,
        failure,
    }
}

/// Keeps a panic of pure code to the run it happened in.
pub(super) fn fenced<T>(code: impl FnOnce() -> T) -> Result<T, String> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(code)).map_err(|payload| {
        let text = payload
            .downcast_ref::<&str>()
            .map(ToString::to_string)
            .or_else(|| payload.downcast_ref::<String>().cloned());
        format!(
            "panicked: {}",
            text.unwrap_or_else(|| "without a message".to_owned())
        )
    })
}
