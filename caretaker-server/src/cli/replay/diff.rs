//! `replay --diff`: what decisions come to by now, whatever revision made them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use caretaker_core::drive::replay::{self, Replayed};
use caretaker_core::model::Run;
use serde::Serialize;

use super::changed::{Actions, run_line};
use super::{Counts, Listed, Named, Sink};
use crate::cli::Exit;
use crate::cli::store::repo_name;

const INFALLIBLE: &str = "writing to a string cannot fail";

/// Lists what came out otherwise, and counts the changes of verdict.
#[derive(Debug, Default)]
pub(super) struct Diff {
    counts: Counts,
    /// Of another revision: only reasons and texts differ.
    other_words: u64,
    /// How often a verdict of an agent became another.
    verdicts: BTreeMap<(String, String, String), u64>,
}

/// One run that came out otherwise.
#[derive(Serialize)]
struct Entry<'a> {
    place: &'a str,
    what: &'static str,
    run: &'a str,
    agent: &'a str,
    repository: String,
    subject: String,
    revision: u32,
    recorded: &'a str,
    retaken: &'a str,
    #[serde(skip_serializing_if = "Actions::is_empty")]
    actions: Actions,
    /// Parts of the record that are other bytes.
    fields: Vec<&'static str>,
}

#[derive(Serialize)]
struct VerdictChange<'a> {
    agent: &'a str,
    recorded: &'a str,
    retaken: &'a str,
    runs: u64,
}

impl Diff {
    fn listed(
        &mut self,
        place: &str,
        run: &Run,
        what: &'static str,
        fields: Vec<&'static str>,
    ) -> Option<Listed> {
        let change = replay::change(run)?;
        let other = what == "other_revision";
        if change.before != change.after {
            let key = (
                run.agent.to_string(),
                change.before.clone(),
                change.after.clone(),
            );
            *self.verdicts.entry(key).or_default() += 1;
        } else if other && change.is_none() && !fields.contains(&"looked") {
            self.other_words += 1;
            return None;
        }
        let actions = Actions::of(&change);
        let agent = run.agent.as_str();
        let mut text = format!(
            "{place}: {}: {}",
            what.replace('_', " "),
            run_line(run, agent, &change.before, &change.after)
        );
        text.push_str(&actions.text());
        if change.is_none() {
            write!(text, "\n  other bytes: {}", fields.join(", ")).expect(INFALLIBLE);
        }
        let entry = Entry {
            place,
            what,
            run: run.id.as_str(),
            agent,
            repository: repo_name(run),
            subject: run.task.event.subject.to_string(),
            revision: run.agent_revision,
            recorded: &change.before,
            retaken: &change.after,
            actions,
            fields,
        };
        Some(Listed::new(text, &entry))
    }
}

impl Sink for Diff {
    fn add(&mut self, place: &str, line: &str) -> Vec<Listed> {
        let replayed = replay::replay(line);
        let named = self.counts.count(place, line, &replayed);
        let (what, differences) = match &replayed {
            Replayed::Differs(differences) => ("differs", differences),
            Replayed::OtherRevision(differences) if !differences.is_empty() => {
                ("other_revision", differences)
            }
            Replayed::Same
            | Replayed::OtherRevision(_)
            | Replayed::NoDecision
            | Replayed::EvidenceGone
            | Replayed::UnknownAgent(_)
            | Replayed::Unreadable(_) => {
                return named.iter().map(Named::listed).collect();
            }
        };
        let fields = differences
            .iter()
            .map(|difference| difference.field)
            .collect();
        let Ok(run) = replay::read(line) else {
            return Vec::new();
        };
        self.listed(place, &run, what, fields).into_iter().collect()
    }

    fn summary(&self) -> Listed {
        #[derive(Serialize)]
        struct Last<'a> {
            #[serde(flatten)]
            counts: &'a Counts,
            other_words: u64,
            verdict_changes: Vec<VerdictChange<'a>>,
        }
        let changes: Vec<VerdictChange<'_>> = self
            .verdicts
            .iter()
            .map(|((agent, recorded, retaken), runs)| VerdictChange {
                agent,
                recorded,
                retaken,
                runs: *runs,
            })
            .collect();
        let mut text = match changes.len() {
            0 => "no verdict changed\n".to_owned(),
            1 => "1 change of verdict:\n".to_owned(),
            n => format!("{n} changes of verdict:\n"),
        };
        for change in &changes {
            writeln!(
                text,
                "  {} → {} of {}: {} runs",
                change.recorded, change.retaken, change.agent, change.runs
            )
            .expect(INFALLIBLE);
        }
        if self.other_words > 0 {
            writeln!(
                text,
                "{} of another revision say the same in other words",
                self.other_words
            )
            .expect(INFALLIBLE);
        }
        text.push_str(&self.counts.text());
        let last = Last {
            counts: &self.counts,
            other_words: self.other_words,
            verdict_changes: changes,
        };
        Listed::new(text, &last)
    }

    fn exit(&self) -> Exit {
        self.counts.exit()
    }
}
