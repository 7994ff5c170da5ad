//! Agents that a program brings along, and the list of all there are.
//!
//! [`AGENTS`] is what this crate is built with. A program that embeds it may add its own with
//! [`register`], first thing in `main`; [`all`] then goes through the built-in ones and those, in
//! that order, and so does everything that routes, schedules, decides, replays or lists. The
//! generated pages and recordings of this repository tell of [`AGENTS`] only.
//!
//! # Why one cell for the whole process does no harm
//!
//! Decisions are functions of what was recorded, and a cell that everybody can see is how such a
//! rule is usually broken. This one is written at most once, and never after it was read: the
//! first look seals it, and [`register`] answers [`RegisterError::Late`] from then on. So nothing
//! can see two values of it, which makes it as constant as [`AGENTS`] is: part of what the program
//! *is*, not of what it has gone through. What it holds are agents, which are pure by their trait,
//! and rows of the key table; no decision can write to it. Replay needs the agent of the record
//! just as it needs the right version of a built-in one: a program without it answers
//! `UnknownAgent` and does not guess. No other cell of this kind may stand in this crate
//! (`caretaker-testkit/tests/tidy/boundary.rs`).

use std::sync::OnceLock;

use super::{AGENTS, Agent, ParamsFrom};
use crate::config::{self, Key};
use crate::drive::opening::INTAKE;

/// Longest name of an agent or section.
const LONGEST: usize = 40;

/// An agent that a program brings along.
#[derive(Clone, Copy)]
pub struct Own {
    /// The agent. Its parameters come from sections of its own, or from nothing.
    pub agent: &'static dyn Agent,
    /// The keys of its sections, in the form of `config/keys.tsv`: a line each of path, kind,
    /// default as JSON or `-`, bounds or choices or `-`, `active`, and meaning, with tabs between.
    /// Its mode, `safety.agents.<name>`, is added.
    pub keys: &'static str,
}

/// Why agents were not registered. None of the call's agents is, then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegisterError {
    /// The list was looked at before, or registered before.
    #[error(
        "agents are registered once, before anything is decided and any configuration is read: \
         call `register` first in `main`, with all of them"
    )]
    Late,
    /// The name cannot be an agent's.
    #[error("`{name}` cannot be the name of an agent of your own: {why}")]
    Name {
        /// The name.
        name: &'static str,
        /// What is wrong, and what to do.
        why: String,
    },
    /// The manifest says what an own agent cannot be, or leaves out what it needs.
    #[error("the manifest of `{name}` cannot be used: {why}")]
    Manifest {
        /// The agent.
        name: &'static str,
        /// What is wrong, and what to do.
        why: String,
    },
    /// The keys do not describe its sections.
    #[error("the keys of `{name}` cannot be used: {why}")]
    Keys {
        /// The agent.
        name: &'static str,
        /// What is wrong, and what to do.
        why: String,
    },
}

/// What was registered.
#[derive(Default)]
struct Registered {
    agents: Vec<&'static dyn Agent>,
    keys: Vec<Key>,
}

static REGISTERED: OnceLock<Registered> = OnceLock::new();

/// Adds agents to the built-in ones; they run after them, in this order. Once for each process,
/// before anything is decided and any configuration is read.
///
/// # Errors
/// Says what to do instead; then nothing is registered.
pub fn register(own: &[Own]) -> Result<(), RegisterError> {
    let registered = Registered::of(own)?;
    // What is given back is the value that came too late.
    REGISTERED
        .set(registered)
        .map_err(|_late| RegisterError::Late)
}

/// Every agent there is, in the order in which they run. The first look seals the list.
pub fn all() -> impl Iterator<Item = &'static dyn Agent> + Clone {
    AGENTS
        .iter()
        .copied()
        .chain(sealed().agents.iter().copied())
}

/// The agent of this name.
pub fn by_name(name: &str) -> Option<&'static dyn Agent> {
    all().find(|agent| agent.manifest().name == name)
}

/// Keys of the configuration that registered agents have brought. Seals the list.
pub(crate) fn keys() -> &'static [Key] {
    &sealed().keys
}

fn sealed() -> &'static Registered {
    REGISTERED.get_or_init(Registered::default)
}

impl Registered {
    fn of(own: &[Own]) -> Result<Self, RegisterError> {
        let mut all = Self::default();
        for Own { agent, keys } in own {
            let manifest = agent.manifest();
            let name = manifest.name;
            all.name(name)
                .map_err(|why| RegisterError::Name { name, why })?;
            let wrong = |why: String| RegisterError::Manifest { name, why };
            all.manifest(*agent).map_err(wrong)?;
            let sections = manifest.params.sections();
            let rows = config::own::rows(name, &sections, keys);
            all.keys
                .extend(rows.map_err(|why| RegisterError::Keys { name, why })?);
            all.agents.push(*agent);
        }
        Ok(all)
    }

    fn name(&self, name: &'static str) -> Result<(), String> {
        is_name(name)?;
        let mut built_in = AGENTS.iter().chain(&self.agents);
        if name == INTAKE || built_in.any(|agent| agent.manifest().name == name) {
            return Err("another agent has it: choose another".to_owned());
        }
        if config::own::is_taken(name) {
            return Err("the configuration uses this word: choose another".to_owned());
        }
        Ok(())
    }

    fn manifest(&self, agent: &dyn Agent) -> Result<(), String> {
        let manifest = agent.manifest();
        for (empty, what) in [
            (manifest.hears.is_empty(), "hears nothing: list triggers"),
            (
                manifest.subjects.is_empty(),
                "looks at nothing: list subjects",
            ),
            (manifest.verdicts.is_empty(), "has no verdict: list them"),
        ] {
            if empty {
                return Err(format!("it {what}"));
            }
        }
        if matches!(manifest.params, ParamsFrom::AllSections | ParamsFrom::Of(_)) {
            let why = "`AllSections` and `Of` are for what hands work on to other agents: take \
                       sections of your own, or `Nothing`";
            return Err(why.to_owned());
        }
        let others = self.agents.iter();
        let mut theirs = others.flat_map(|agent| agent.manifest().params.sections());
        for section in manifest.params.sections() {
            is_name(section).map_err(|why| format!("section `{section}`: {why}"))?;
            if config::own::is_taken(section) || theirs.any(|other| other == section) {
                return Err(format!("section `{section}` is somebody else's: rename it"));
            }
        }
        Ok(())
    }
}

fn is_name(name: &str) -> Result<(), String> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let begins = name.starts_with(|c: char| c.is_ascii_lowercase());
    if begins && name.len() <= LONGEST && name.chars().all(fits) {
        return Ok(());
    }
    Err(format!(
        "write a small letter, then small letters, digits and `_`, {LONGEST} at most"
    ))
}

#[cfg(test)]
mod tests;
