//! `replay --config`: recorded runs under another configuration.

use caretaker_core::config::Config;
use caretaker_core::drive::replay;
use caretaker_core::drive::what_if::{Effect, Forecast, Silent, what_if};
use caretaker_core::model::Run;
use serde::Serialize;

use super::changed::{Actions, question, run_line};
use super::{Listed, Sink};
use crate::cli::Exit;
use crate::cli::store::repo_name;

/// How many runs came out how.
#[derive(Debug, Default, Serialize)]
struct Counts {
    records: u64,
    same: u64,
    newly_allowed: u64,
    newly_blocked: u64,
    needs_more_evidence: u64,
    changed_otherwise: u64,
    /// Of the same ones: reasons or texts differ.
    same_in_other_words: u64,
    /// Parameters, mode and budget are the recorded ones.
    same_settings: u64,
    other_revision: u64,
    no_decision: u64,
    evidence_gone: u64,
    unreadable: u64,
    unknown_agent: u64,
}

/// Decides under one configuration and counts.
#[derive(Debug)]
pub(super) struct WhatIf {
    /// The file as it was named.
    pub(super) file: String,
    pub(super) config: Config,
    counts: Counts,
}

/// One run that is not the same, or cannot be compared though it ought to.
#[derive(Serialize)]
struct Entry<'a> {
    place: &'a str,
    effect: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    run: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    repository: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recorded: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retaken: Option<&'a str>,
    #[serde(skip_serializing_if = "Actions::is_empty")]
    actions: Actions,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    questions: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

impl WhatIf {
    pub(super) fn under(file: String, config: Config) -> Self {
        Self {
            file,
            config,
            counts: Counts::default(),
        }
    }

    fn forecast(&mut self, place: &str, run: &Run, forecast: &Forecast) -> Option<Listed> {
        let counts = &mut self.counts;
        counts.same_settings += u64::from(forecast.same_settings);
        counts.other_revision += u64::from(forecast.other_revision);
        let (count, effect) = match forecast.effect {
            Effect::Same => {
                counts.same += 1;
                counts.same_in_other_words += u64::from(forecast.change.words);
                return None;
            }
            Effect::NewlyAllowed => (&mut counts.newly_allowed, "newly_allowed"),
            Effect::NewlyBlocked => (&mut counts.newly_blocked, "newly_blocked"),
            Effect::NeedsEvidence => (&mut counts.needs_more_evidence, "needs_more_evidence"),
            Effect::ChangedOtherwise => (&mut counts.changed_otherwise, "changed_otherwise"),
        };
        *count += 1;
        let (before, after) = (&forecast.change.before, &forecast.change.after);
        // Nothing was decided, so nothing is lost either: what counts is the question.
        let actions = if forecast.effect == Effect::NeedsEvidence {
            Actions::default()
        } else {
            Actions::of(&forecast.change)
        };
        let questions: Vec<String> = forecast.questions.iter().map(question).collect();
        let agent = forecast.agent.as_str();
        let head = run_line(run, agent, before, after);
        let mut text = format!("{place}: {}: {head}", effect.replace('_', " "));
        text.push_str(&actions.text());
        for question in &questions {
            text.push_str("\n  asks: ");
            text.push_str(question);
        }
        let entry = Entry {
            place,
            effect,
            run: Some(run.id.as_str()),
            agent: Some(agent),
            repository: Some(repo_name(run)),
            subject: Some(run.task.event.subject.to_string()),
            recorded: Some(before),
            retaken: Some(after),
            actions,
            questions,
            detail: None,
        };
        Some(Listed::new(text, &entry))
    }
}

/// A record that says nothing although it ought to.
fn odd(place: &str, run: Option<&Run>, effect: &'static str, detail: Option<String>) -> Listed {
    let said = detail.as_ref().map(|why| format!(": {why}"));
    let text = format!(
        "{place}: {}{}",
        effect.replace('_', " "),
        said.unwrap_or_default()
    );
    let entry = Entry {
        place,
        effect,
        run: run.map(|run| run.id.as_str()),
        agent: run.map(|run| run.agent.as_str()),
        repository: run.map(repo_name),
        subject: run.map(|run| run.task.event.subject.to_string()),
        recorded: None,
        retaken: None,
        actions: Actions::default(),
        questions: Vec::new(),
        detail,
    };
    Listed::new(text, &entry)
}

impl Sink for WhatIf {
    fn add(&mut self, place: &str, line: &str) -> Vec<Listed> {
        self.counts.records += 1;
        let run = match replay::read(line) {
            Ok(run) => run,
            Err(why) => {
                self.counts.unreadable += 1;
                return vec![odd(place, None, "unreadable", Some(why))];
            }
        };
        match what_if(&run, &self.config) {
            Ok(forecasts) => forecasts
                .iter()
                .filter_map(|forecast| self.forecast(place, &run, forecast))
                .collect(),
            Err(Silent::NoDecision) => {
                self.counts.no_decision += 1;
                Vec::new()
            }
            Err(Silent::EvidenceGone) => {
                self.counts.evidence_gone += 1;
                vec![odd(place, Some(&run), "evidence_gone", None)]
            }
            Err(Silent::UnknownAgent(name)) => {
                self.counts.unknown_agent += 1;
                vec![odd(place, Some(&run), "unknown_agent", Some(name))]
            }
        }
    }

    fn summary(&self) -> Listed {
        #[derive(Serialize)]
        struct Last<'a> {
            what_if: &'a str,
            #[serde(flatten)]
            counts: &'a Counts,
        }
        let Counts {
            records,
            same,
            newly_allowed,
            newly_blocked,
            needs_more_evidence,
            changed_otherwise,
            same_in_other_words,
            same_settings: _,
            other_revision: _,
            no_decision,
            evidence_gone,
            unreadable,
            unknown_agent,
        } = &self.counts;
        let words = match same_in_other_words {
            0 => String::new(),
            n => format!(" ({n} in other words)"),
        };
        let silent: Vec<String> = [
            (no_decision, "without a decision"),
            (evidence_gone, "with evidence gone"),
            (unreadable, "unreadable"),
            (unknown_agent, "of unknown agents"),
        ]
        .into_iter()
        .filter(|(count, _)| **count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
        let silent = if silent.is_empty() {
            String::new()
        } else {
            format!("; not compared: {}", silent.join(", "))
        };
        let text = format!(
            "what if {}: {records} records: {same} same{words}, {newly_allowed} newly allowed, \
             {newly_blocked} newly blocked, {needs_more_evidence} need more evidence, \
             {changed_otherwise} changed otherwise{silent}",
            self.file
        );
        Listed::new(
            text,
            &Last {
                what_if: &self.file,
                counts: &self.counts,
            },
        )
    }

    fn exit(&self) -> Exit {
        let counts = &self.counts;
        let changed = counts.newly_allowed
            + counts.newly_blocked
            + counts.needs_more_evidence
            + counts.changed_otherwise;
        if counts.records == 0 {
            Exit::Missing
        } else if changed + counts.unreadable + counts.unknown_agent > 0 {
            Exit::No
        } else if counts.evidence_gone > 0 {
            Exit::Gone
        } else {
            Exit::Good
        }
    }
}
