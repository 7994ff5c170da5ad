//! What if another configuration had been in force: recorded runs decided again under it.
//!
//! Event, evidence, time, the server's ceiling and an operator's pause are the recorded ones; parameters, mode, budget
//! and who is switched on come from the given configuration, through the functions the driver
//! uses. What the last look saw is left aside: it told of the world, not of the configuration.

use super::change::{Change, any_outside, halted};
use super::unheard::SWITCHED_OFF;
use super::{opening, replay};
use crate::agents::{self, Agent};
use crate::config::Config;
use crate::model::{
    AgentName, Answer, ConfigState, ConfigUsed, Decision, Evidence, Halt, Outcome, Query, Reason,
    Reviewed, Run, Task,
};
use crate::{guard, route};

/// How a run would have come out, against how it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// Same verdict, same actions; reasons and texts may differ.
    Same,
    /// Something on the forge is allowed that was not.
    NewlyAllowed,
    /// Something on the forge was allowed that is not, and nothing else is instead.
    NewlyBlocked,
    /// The agent asks what was not recorded.
    NeedsEvidence,
    /// Another verdict or other plans, and what is allowed on the forge stays.
    ChangedOtherwise,
}

/// One run under the other configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forecast {
    /// Who decides.
    pub agent: AgentName,
    /// How it would have come out.
    pub effect: Effect,
    /// What differs.
    pub change: Change,
    /// What would have been asked and was not recorded, or was not answered then.
    pub questions: Vec<Query>,
    /// Whether parameters, mode and budget are the recorded ones.
    pub same_settings: bool,
    /// Whether agent or guard mean something else by now; then both sides are today's.
    pub other_revision: bool,
}

/// Why a record says nothing about another configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Silent {
    /// It holds no decision.
    NoDecision,
    /// Recorded evidence has been removed by retention.
    EvidenceGone,
    /// No agent of this name exists.
    UnknownAgent(String),
}

/// Decides a recorded run again under a configuration.
///
/// One forecast, except for an event that nobody heard because its listeners were switched off:
/// there each listener that is on now has its own. An hour's count of acts that was not recorded
/// counts as none, as in an hour in which nothing was done.
pub fn what_if(run: &Run, config: &Config) -> Result<Vec<Forecast>, Silent> {
    let switched_off = Outcome::Unheard(SWITCHED_OFF.to_owned());
    if run.agent.as_str() == opening::INTAKE && run.outcome.as_ref() == Some(&switched_off) {
        return awoken(run, config);
    }
    let (Some(decision), Some(reviewed)) = (&run.decision, &run.reviewed) else {
        return Err(Silent::NoDecision);
    };
    let Some(agent) = agents::by_name(run.agent.as_str()) else {
        return Err(Silent::UnknownAgent(run.agent.to_string()));
    };
    if replay::gone(&run.evidence) {
        return Err(Silent::EvidenceGone);
    }
    let other_revision =
        run.agent_revision != agent.manifest().revision || run.guard_revision != guard::REVISION;
    // Only the configuration shall make a difference, so both sides are decided by one code.
    let today = if other_revision {
        run.task.take(agent, &run.evidence).ok()
    } else {
        None
    };
    let before = match &today {
        Some((decision, reviewed)) => (decision, reviewed),
        None => (decision, reviewed),
    };
    let task = under(run, agent, config);
    let same_settings = task.params == run.task.params
        && task.settings.mode == run.task.settings.mode
        && task.settings.writes_per_hour == run.task.settings.writes_per_hour;
    let (effect, change, questions) = if route::enabled(agent, config) {
        compared(before, take(&task, agent, &run.evidence))
    } else {
        let change = Change::to_nothing(before, SWITCHED_OFF);
        (crossing(&change), change, Vec::new())
    };
    Ok(vec![Forecast {
        agent: run.agent.clone(),
        effect,
        change,
        questions,
        same_settings,
        other_revision,
    }])
}

/// What listeners would do that were switched off and are not under this configuration.
fn awoken(run: &Run, config: &Config) -> Result<Vec<Forecast>, Silent> {
    let nothing = (
        Decision::because(SWITCHED_OFF, Reason::leaf("listener_is_switched_on", false)),
        Reviewed::default(),
    );
    let awake = agents::all()
        .filter(|agent| route::hears(*agent, &run.task.event) && route::enabled(*agent, config));
    let forecasts: Vec<Forecast> = awake
        .map(|agent| {
            let taken = take(&under(run, agent, config), agent, &run.evidence);
            let (effect, change, questions) = compared((&nothing.0, &nothing.1), taken);
            Forecast {
                agent: AgentName::new(agent.manifest().name),
                effect,
                change,
                questions,
                same_settings: false,
                other_revision: false,
            }
        })
        .collect();
    if forecasts.is_empty() {
        return Err(Silent::NoDecision);
    }
    Ok(forecasts)
}

/// The recorded task as the driver would have put it under the configuration.
fn under(run: &Run, agent: &dyn Agent, config: &Config) -> Task {
    let recorded = &run.task;
    let used = ConfigUsed {
        state: ConfigState::Valid,
        commit: recorded.settings.config.commit.clone(),
    };
    let under = opening::Under {
        config,
        used: &used,
        ceiling: recorded.settings.ceiling,
        paused: recorded.settings.paused.clone(),
    };
    opening::task(agent, &recorded.event, &under, recorded.now)
}

/// Decides; where the guard asks only for the hour's count of acts, it is told of none.
fn take(task: &Task, agent: &dyn Agent, evidence: &Evidence) -> Result<(Decision, Reviewed), Halt> {
    let taken = task.take(agent, evidence);
    let count = Query::State(guard::acts_key(task.now));
    match &taken {
        Err(Halt::Need(queries)) if queries.iter().all(|query| *query == count) => {
            let mut evidence = evidence.clone();
            evidence.add(count, Answer::State(None));
            task.take(agent, &evidence)
        }
        Err(_) | Ok(_) => taken,
    }
}

fn compared(
    before: (&Decision, &Reviewed),
    taken: Result<(Decision, Reviewed), Halt>,
) -> (Effect, Change, Vec<Query>) {
    match taken {
        Ok((decision, reviewed)) => {
            let change = Change::between(before, (&decision, &reviewed));
            (crossing(&change), change, Vec::new())
        }
        Err(halt) => {
            let change = Change::to_nothing(before, halted(&halt));
            match halt {
                Halt::Need(queries) => (Effect::NeedsEvidence, change, queries),
                Halt::Blocked(query, _) => (Effect::NeedsEvidence, change, vec![query]),
                Halt::Gone(_) | Halt::Misconfigured(_) => (crossing(&change), change, Vec::new()),
            }
        }
    }
}

/// On which side of the line between allowed and not a change ends. What is newly allowed weighs
/// more than what is not any more: it is what nobody has agreed to yet.
fn crossing(change: &Change) -> Effect {
    if any_outside(&change.allowed.gained) {
        Effect::NewlyAllowed
    } else if any_outside(&change.allowed.lost) {
        Effect::NewlyBlocked
    } else if change.is_none() {
        Effect::Same
    } else {
        Effect::ChangedOtherwise
    }
}
