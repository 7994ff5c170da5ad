//! What is in force, and where it comes from: every key that something reads, with its value after
//! defaults, the server's ceiling and the switch for a dry run.

use std::collections::BTreeMap;

use serde_json::Value;

use super::table::{Key, Status, keys};
use super::{Config, effective_mode, mode};
use crate::model::{Json, Mode};

const MODE: &str = "safety.mode";
const DRY_RUN: &str = "orchestrator.dry_run";
const AGENTS: &str = "safety.agents.";

/// A key with what is in force for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effective {
    /// Dotted path; names of the file's choice are filled in.
    pub path: String,
    /// What is in force; `None` where absence has a meaning of its own.
    pub value: Option<Json>,
    /// Where that comes from.
    pub source: Source,
}

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The table of keys.
    Default,
    /// This line of the file, from 1.
    Line(u32),
    /// The server's own limit is lower than what the file says.
    Ceiling,
    /// The file asks for a dry run, on this line.
    DryRun(u32),
}

/// Everything that is read, in the order of the table. `lines` are those of the file that the
/// configuration was read from ([`super::Parsed::lines`]); for modes the value is what the guard
/// goes by, not what the file says.
pub fn effective(config: &Config, lines: &BTreeMap<String, u32>, ceiling: Mode) -> Vec<Effective> {
    let mut rows = Vec::new();
    for key in keys().iter().filter(|key| key.status == Status::Active) {
        for path in paths(config, key) {
            let plain = lines
                .get(&path)
                .map_or(Source::Default, |at| Source::Line(*at));
            let (value, source) = if let Some(agent) = path.strip_prefix(AGENTS) {
                let in_force = effective_mode(ceiling, config, agent);
                let own = config.at(&path, key).map(mode);
                let from = if own == Some(in_force) {
                    plain
                } else {
                    of_mode(lines)
                };
                limited(
                    config,
                    lines,
                    in_force,
                    from,
                    own.unwrap_or(Mode::Act),
                    ceiling,
                )
            } else if path == MODE {
                let said = config.safety().mode;
                let in_force = said.min(ceiling);
                limited(config, lines, in_force, plain, Mode::Act, ceiling)
            } else {
                (config.at(&path, key).cloned(), plain)
            };
            let value = value.map(|value| Json::from_value(&value));
            rows.push(Effective {
                path,
                value,
                source,
            });
        }
    }
    rows
}

/// A mode in force and what makes it so: a dry run, the ceiling, or what the file says.
fn limited(
    config: &Config,
    lines: &BTreeMap<String, u32>,
    in_force: Mode,
    from: Source,
    own: Mode,
    ceiling: Mode,
) -> (Option<Value>, Source) {
    let safety = config.safety();
    if safety.dry_run {
        let line = lines.get(DRY_RUN).copied().unwrap_or(1);
        return (Some(Mode::Observe.name().into()), Source::DryRun(line));
    }
    let source = if ceiling < safety.mode.min(own) {
        Source::Ceiling
    } else {
        from
    };
    (Some(in_force.name().into()), source)
}

/// Where the mode for all agents stands.
fn of_mode(lines: &BTreeMap<String, u32>) -> Source {
    lines
        .get(MODE)
        .map_or(Source::Default, |at| Source::Line(*at))
}

/// The key itself, or one path for each name that the file has chosen.
fn paths(config: &Config, key: &'static Key) -> Vec<String> {
    let Some((above, below)) = key.path.split_once(".*.") else {
        return vec![key.path.to_owned()];
    };
    let named = config.named.iter().filter(|path| {
        let own = path.strip_prefix(above);
        own.is_some_and(|own| own.starts_with('.'))
    });
    named.map(|path| format!("{path}.{below}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(text: &str, ceiling: Mode, path: &str) -> (String, Source) {
        let parsed = Config::parse(text);
        let config = parsed
            .config
            .unwrap_or_else(|| panic!("{:?}", parsed.problems));
        let rows = effective(&config, &parsed.lines, ceiling);
        let row = rows.into_iter().find(|row| row.path == path);
        let row = row.unwrap_or_else(|| panic!("{path} is not there"));
        let value = row
            .value
            .map_or("-".to_owned(), |json| json.text().to_owned());
        (value, row.source)
    }

    fn said(word: &str, source: Source) -> (String, Source) {
        (format!("\"{word}\""), source)
    }

    #[test]
    fn a_value_comes_from_its_line_or_from_the_table() {
        let text = "version: v1\nstale_agent:\n  stale_days: 30\n";
        let days = row(text, Mode::Act, "stale_agent.stale_days");
        assert_eq!(days, ("30".to_owned(), Source::Line(3)));
        let after = row(text, Mode::Act, "stale_agent.close_after");
        assert_eq!(after, ("14".to_owned(), Source::Default));
    }

    #[test]
    fn modes_are_those_in_force_with_what_limits_them() {
        let text = "safety:\n  mode: act\n  agents:\n    stale: propose\n";
        let (mode, pr, stale) = ("safety.mode", "safety.agents.pr", "safety.agents.stale");
        assert_eq!(row(text, Mode::Act, mode), said("act", Source::Line(2)));
        assert_eq!(row(text, Mode::Act, pr), said("act", Source::Line(2)));
        assert_eq!(
            row(text, Mode::Act, stale),
            said("propose", Source::Line(4))
        );
        assert_eq!(
            row(text, Mode::Propose, mode),
            said("propose", Source::Ceiling)
        );
        assert_eq!(
            row(text, Mode::Propose, pr),
            said("propose", Source::Ceiling)
        );
        assert_eq!(
            row(text, Mode::Propose, stale),
            said("propose", Source::Line(4))
        );
        assert_eq!(
            row(text, Mode::Observe, stale),
            said("observe", Source::Ceiling)
        );
        let low = "safety: {mode: observe}\n";
        assert_eq!(
            row(low, Mode::Propose, pr),
            said("observe", Source::Line(1)),
            "a ceiling above what the file says limits nothing"
        );
        assert_eq!(row("", Mode::Act, pr), said("observe", Source::Default));
        let dry = format!("{text}orchestrator:\n  dry_run: true\n");
        assert_eq!(
            row(&dry, Mode::Act, mode),
            said("observe", Source::DryRun(6))
        );
        assert_eq!(
            row(&dry, Mode::Act, stale),
            said("observe", Source::DryRun(6))
        );
    }

    #[test]
    fn what_is_shown_for_an_agent_is_what_the_guard_goes_by() {
        for safety in ["observe", "propose", "act"] {
            for own in ["observe", "propose", "act"] {
                for ceiling in [Mode::Observe, Mode::Propose, Mode::Act] {
                    let text = format!("safety: {{mode: {safety}, agents: {{pr: {own}}}}}\n");
                    let config = Config::parse(&text).config.unwrap();
                    let goes_by = effective_mode(ceiling, &config, "pr");
                    let (shown, _) = row(&text, ceiling, "safety.agents.pr");
                    assert_eq!(shown, format!("\"{}\"", goes_by.name()), "{text}");
                }
            }
        }
    }

    #[test]
    fn names_of_the_files_choice_are_filled_in() {
        let text = "executor:\n  agents:\n    mine:\n      enabled: true\n";
        let found = row(text, Mode::Act, "executor.agents.mine.enabled");
        assert_eq!(found, ("true".to_owned(), Source::Line(4)));
    }
}
