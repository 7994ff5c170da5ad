//! The agents: pure functions from evidence to a decision.
//!
//! [`AGENTS`] is the one list. Adding an agent is one file and one line here; routing, enabling,
//! modes, budgets, docs and replay follow from its manifest. A program that embeds this crate adds
//! its own without touching it ([`registry`]); who means every agent there is asks [`all`]. `decide` runs again from the top
//! each time more evidence has arrived, so it must be cheap, must not branch on whether evidence
//! is there, and asks for independent facts together ([`crate::model::ask::both`]).

pub mod commands;
pub mod config_file;
pub mod fan_out;
pub mod manifest;
pub mod pr;
pub mod registry;
pub mod stale;

use serde::de::DeserializeOwned;

use crate::model::ask::Ask;
use crate::model::{Decision, Event, Evidence, Halt, Item, Json, Settings, Timestamp};
pub use manifest::{Manifest, Only, ParamsFrom, Reacts, SubjectKind, Trigger, View};
pub use registry::{Own, RegisterError, all, by_name, register};

/// Every built-in agent, in the order in which they run.
pub static AGENTS: &[&dyn Agent] = &[
    &commands::Commands,
    &fan_out::FanOut,
    &config_file::ConfigFileListener,
    &pr::Pr,
    &stale::Stale,
];

/// Everything an agent may know.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// What happened.
    pub event: &'a Event,
    /// What was fetched so far.
    pub evidence: &'a Evidence,
    /// Its parameters, defaults filled in.
    pub params: &'a Json,
    /// What the guard goes by; agents read it only to say what they would do.
    pub settings: &'a Settings,
    /// The time of the run.
    pub now: Timestamp,
}

impl<'a> Input<'a> {
    /// The answer, or the reason why there is none yet. A thing that does not exist halts the run.
    pub fn ask<A: Ask>(&self, ask: &A) -> Result<&'a A::Out, Halt>
    where
        A::Out: 'a,
    {
        self.evidence.ask(ask)
    }

    /// The same, for rules where absence is a fact.
    pub fn ask_opt<A: Ask>(&self, ask: &A) -> Result<Option<&'a A::Out>, Halt>
    where
        A::Out: 'a,
    {
        self.evidence.ask_opt(ask)
    }
}

/// What authors of agents implement. Pure: same input, same output.
pub trait AgentDef: Send + Sync {
    /// Its parameters; must decode from a section with all defaults filled in.
    type Params: DeserializeOwned;
    /// Its description.
    const MANIFEST: Manifest;

    /// Decides, or says what is missing.
    fn decide(&self, input: &Input<'_>, params: &Self::Params) -> Result<Decision, Halt>;

    /// Whether a row of the open items is worth a look on a tick. Must never say no where
    /// `decide` would act.
    fn wants(&self, _row: &Item, _params: &Self::Params, _now: Timestamp) -> bool {
        false
    }
}

/// What the driver sees of an agent.
pub trait Agent: Send + Sync {
    /// Its description.
    fn manifest(&self) -> &'static Manifest;

    /// Decides, or says what is missing.
    fn decide(&self, input: &Input<'_>) -> Result<Decision, Halt>;

    /// Whether a row of the open items is worth a look on a tick.
    fn wants(&self, row: &Item, params: &Json, now: Timestamp) -> Result<bool, Halt>;
}

impl<T: AgentDef> Agent for T {
    fn manifest(&self) -> &'static Manifest {
        const { &T::MANIFEST }
    }

    fn decide(&self, input: &Input<'_>) -> Result<Decision, Halt> {
        let params = input
            .params
            .decode::<T::Params>()
            .map_err(Halt::Misconfigured)?;
        AgentDef::decide(self, input, &params)
    }

    fn wants(&self, row: &Item, params: &Json, now: Timestamp) -> Result<bool, Halt> {
        let params = params.decode::<T::Params>().map_err(Halt::Misconfigured)?;
        Ok(AgentDef::wants(self, row, &params, now))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique_and_everybody_has_a_trigger_and_a_subject() {
        let names: BTreeSet<_> = AGENTS.iter().map(|a| a.manifest().name).collect();
        assert_eq!(names.len(), AGENTS.len());
        for agent in AGENTS {
            let manifest = agent.manifest();
            assert!(
                !manifest.hears.is_empty(),
                "{} hears nothing",
                manifest.name
            );
            assert!(
                !manifest.subjects.is_empty(),
                "{} looks at nothing",
                manifest.name
            );
            assert!(
                !manifest.verdicts.is_empty(),
                "{} has no verdict",
                manifest.name
            );
        }
    }
}
