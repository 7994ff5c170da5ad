//! The settings a repository keeps in `.github/maintainer/config.yml`.
//!
//! Text comes in, a [`Config`] or all its problems come out. The server's own settings, fetching
//! the file and remembering the last good one are not here; nor is what a value means, which is
//! the business of the agent whose section holds it.
//!
//! Order of work: `tree` reads YAML, `validate` walks it against the `table`, `names` looks who is
//! named, [`Config`] answers.

pub mod effective;
mod merge;
mod names;
mod nearest;
pub(crate) mod own;
mod problem;
pub mod reference;
pub mod schema;
pub mod starter;
mod table;
mod tree;
mod validate;
mod value;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

pub(crate) use self::nearest::nearest;
pub(crate) use self::problem::quoted;
pub use self::problem::{Problem, ProblemKind};
pub use self::table::{Bounds, Key, Kind, Status, active_keys, keys};
use self::validate::Findings;
use crate::model::{Json, Mode};

/// Where the file lies in a repository.
pub const PATH: &str = ".github/maintainer/config.yml";

/// The settings of one repository. The default is an empty file: everything observed only.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    /// What the file says, by path; what it leaves out comes from the table.
    values: BTreeMap<String, Value>,
    /// Paths of the mappings whose last part is a name of the file's choice.
    named: BTreeSet<String>,
}

/// What reading a file gave.
#[derive(Clone, Debug, PartialEq)]
pub struct Parsed {
    /// The settings, exactly when there are no problems.
    pub config: Option<Config>,
    /// What makes the file invalid, in order of place; at most about a hundred.
    pub problems: Vec<Problem>,
    /// What is worth knowing about a file, valid or not; at most about a hundred.
    pub notes: Vec<Problem>,
    /// The line, from 1, on which each value that something reads stands, by path.
    pub lines: BTreeMap<String, u32>,
}

/// How far agents may go in this repository, as the file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Safety {
    /// For all agents.
    pub mode: Mode,
    /// For single agents, by name.
    pub agents: BTreeMap<String, Mode>,
    /// Writes in one clock hour.
    pub writes_per_hour: u32,
    /// Whether the file asks for a dry run.
    pub dry_run: bool,
}

impl Config {
    /// Reads a file and reports everything wrong with it at once. Never panics, whatever the
    /// text; time and memory are bounded by its size, and bigger files are refused.
    pub fn parse(text: &str) -> Parsed {
        let mut findings = Findings::default();
        let root = tree::read(text, &mut findings.problems);
        findings.walk(root.as_ref());
        names::check(&mut findings);
        let Findings {
            mut problems,
            mut notes,
            values,
            named,
            places,
        } = findings;
        let lines = places.into_iter().map(|(path, at)| (path, at.line));
        let lines = lines.collect();
        for list in [&mut problems, &mut notes] {
            list.sort_by_key(|p| (p.kind == ProblemKind::TooMany, p.line, p.column));
        }
        let config = problems.is_empty().then_some(Self { values, named });
        Parsed {
            config,
            problems,
            notes,
            lines,
        }
    }

    /// What agents read of a section, defaults filled in. Keys that nothing reads are left out,
    /// so they cannot change what a decision depends on. Mappings with names of the file's choice
    /// are there even when they hold none, and each name has its defaults.
    pub fn section(&self, name: &str) -> Json {
        let mut section = Map::new();
        for (rest, key) in table::active(name) {
            let parts = |path: &'static str| path.split('.').collect::<Vec<_>>();
            let Some((above, below)) = rest.split_once(".*.") else {
                if let Some(value) = self.value(key) {
                    insert(&mut section, &parts(rest), value.clone());
                }
                continue;
            };
            mapping(&mut section, &parts(above));
            let prefix = format!("{name}.{above}.");
            for path in &self.named {
                let Some(own) = path.strip_prefix(&prefix) else {
                    continue;
                };
                let place = [parts(above), vec![own]].concat();
                mapping(&mut section, &place);
                if let Some(value) = self.at(&format!("{path}.{below}"), key) {
                    insert(&mut section, &[place, parts(below)].concat(), value.clone());
                }
            }
        }
        Json::from_value(&Value::Object(section))
    }

    /// Whether the section's own `enabled` is on. A section without such a switch, or whose
    /// switch nothing reads yet, is off.
    pub fn enabled(&self, section: &str) -> bool {
        self.active(&format!("{section}.enabled")) == Some(&Value::Bool(true))
    }

    /// How far agents may go.
    pub fn safety(&self) -> Safety {
        let agents = table::active("safety.agents")
            .filter_map(|(name, key)| Some((name.to_owned(), mode(self.value(key)?))))
            .collect();
        let writes = self.active("safety.writes_per_hour");
        Safety {
            mode: self.active("safety.mode").map_or(Mode::Observe, mode),
            agents,
            writes_per_hour: writes
                .and_then(Value::as_u64)
                .and_then(|n| u32::try_from(n).ok())
                .unwrap_or(0),
            dry_run: self.active("orchestrator.dry_run") == Some(&Value::Bool(true)),
        }
    }

    fn value(&self, key: &'static Key) -> Option<&Value> {
        self.at(key.path, key)
    }

    fn at(&self, path: &str, key: &'static Key) -> Option<&Value> {
        self.values.get(path).or(key.default.as_ref())
    }

    fn active(&self, path: &str) -> Option<&Value> {
        let wanted = |key: &&Key| key.path == path && key.status == Status::Active;
        self.value(keys().iter().find(wanted)?)
    }
}

/// How far this agent may go: the lowest of the server's ceiling, the file's mode and the file's
/// mode for the agent. A dry run means observe.
pub fn effective_mode(ceiling: Mode, config: &Config, agent: &str) -> Mode {
    let safety = config.safety();
    if safety.dry_run {
        return Mode::Observe;
    }
    let own = safety.agents.get(agent).copied().unwrap_or(Mode::Act);
    ceiling.min(safety.mode).min(own)
}

/// A value the walk has checked; anything else permits nothing.
fn mode(value: &Value) -> Mode {
    value
        .as_str()
        .and_then(Mode::from_name)
        .unwrap_or(Mode::Observe)
}

fn insert(section: &mut Map<String, Value>, path: &[&str], value: Value) {
    if let Some((name, above)) = path.split_last()
        && let Some(below) = mapping(section, above)
    {
        below.insert((*name).to_owned(), value);
    }
}

/// The mapping at that place, made where there is none.
fn mapping<'m>(
    section: &'m mut Map<String, Value>,
    path: &[&str],
) -> Option<&'m mut Map<String, Value>> {
    let mut at = section;
    for name in path {
        let below = at.entry(*name).or_insert_with(|| Value::Object(Map::new()));
        at = below.as_object_mut()?;
    }
    Some(at)
}

#[cfg(test)]
mod tests;
