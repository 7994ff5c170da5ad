//! One run as the command line shows it: what was decided and why, what was done, what is held.

mod release;

use std::fmt::Write as _;

use caretaker_core::agents::{Reacts, by_name};
use caretaker_core::config::PATH;
use caretaker_core::model::{
    ConfigState, EffectResult, HaltKind, LookVerdict, Mode, Outcome, Planned, Reason, Refusal, Run,
    RunId, Sha, Task, Timestamp, label,
};
use serde::Serialize;

use self::release::Release;
use super::store::repo_name;

/// A run, for people and for programs.
#[derive(Debug, Serialize)]
pub(super) struct View {
    pub(super) run: String,
    pub(super) agent: String,
    pub(super) repository: String,
    pub(super) subject: String,
    event: String,
    joined: usize,
    attempt: u32,
    generation: u32,
    mode: &'static str,
    configuration: &'static str,
    configuration_commit: Option<String>,
    pub(super) verdict: Option<String>,
    because: Option<Reason>,
    #[serde(skip_serializing_if = "Option::is_none")]
    release: Option<Release>,
    allowed: Vec<Did>,
    held: Vec<Held>,
    last_look: Option<LastLook>,
    pub(super) outcome: Option<&'static str>,
    why_so: Option<String>,
    blocked: u32,
    last_failure: Option<String>,
    opened_at: String,
    closed_at: Option<String>,
    recheck_at: Option<String>,
    /// What has it looked at again where no time is set.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

#[derive(Debug, Serialize)]
struct Did {
    action: String,
    why: String,
    came: String,
}

#[derive(Debug, Serialize)]
struct Held {
    action: String,
    why: String,
    because: String,
    remedy: String,
}

#[derive(Debug, Serialize)]
struct LastLook {
    at: String,
    changed: Vec<String>,
}

impl View {
    /// A run as it was recorded, closed or open.
    pub(super) fn of(run: &Run) -> Self {
        let reviewed = run.reviewed.clone().unwrap_or_default();
        let task = &run.task;
        let rechecks = [
            run.decision.as_ref().and_then(|d| d.recheck_at),
            reviewed.recheck_at,
        ];
        let ended = run.outcome.as_ref().is_some_and(Outcome::is_final);
        let recheck_at = rechecks.into_iter().flatten().min().filter(|_| ended);
        Self {
            run: run.id.to_string(),
            agent: run.agent.to_string(),
            repository: repo_name(run),
            subject: task.event.subject.to_string(),
            event: task.event.kind.name(),
            joined: run.joined.len(),
            attempt: run.attempt,
            generation: run.generation,
            mode: task.settings.mode.name(),
            configuration: configuration(task.settings.config.state),
            configuration_commit: task.settings.config.commit.as_ref().map(Sha::to_string),
            verdict: run.decision.as_ref().map(|d| d.verdict.clone()),
            because: run.decision.as_ref().map(|d| d.because.clone()),
            release: None,
            allowed: (0_u32..)
                .zip(&reviewed.allowed)
                .map(|(index, planned)| Did {
                    action: planned.action.summary(),
                    why: planned.why.clone(),
                    came: came(run, index, planned),
                })
                .collect(),
            held: reviewed
                .held
                .iter()
                .map(|held| Held {
                    action: held.planned.action.summary(),
                    why: held.planned.why.clone(),
                    because: because(&held.refusal),
                    remedy: remedy(&held.refusal, task, run.agent.as_str()),
                })
                .collect(),
            last_look: run.looked.as_ref().map(|looked| LastLook {
                at: looked.at.to_string(),
                changed: match &looked.verdict {
                    LookVerdict::Unchanged => Vec::new(),
                    LookVerdict::Changed(what) => what.clone(),
                },
            }),
            outcome: run.outcome.as_ref().map(Outcome::word),
            why_so: run.outcome.as_ref().and_then(why_so),
            blocked: run.blocked,
            last_failure: run.last_failure.clone(),
            opened_at: run.opened_at.to_string(),
            closed_at: run.closed_at.as_ref().map(Timestamp::to_string),
            recheck_at: recheck_at.as_ref().map(Timestamp::to_string),
            next: next(run).filter(|_| recheck_at.is_none()),
        }
    }

    /// The same, with what would release the pull request that it was about; the record must hold
    /// its answers.
    pub(super) fn released(run: &Run) -> Self {
        Self {
            release: Release::of(run),
            ..Self::of(run)
        }
    }

    /// The same of a decision that was only made to be shown: nothing was done.
    pub(super) fn dry(run: &Run) -> Self {
        let mut view = Self::of(run);
        for allowed in &mut view.allowed {
            "would do".clone_into(&mut allowed.came);
        }
        (view.outcome, view.closed_at, view.next) = (None, None, None);
        view
    }

    /// Many lines, for a terminal.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        let mut say = |line: std::fmt::Arguments<'_>| {
            writeln!(text, "{line}").expect("writing to a string cannot fail");
        };
        say(format_args!(
            "{} of {}: {} by {}",
            self.subject,
            self.repository,
            self.verdict.as_deref().unwrap_or("no decision"),
            self.agent
        ));
        let joined = match self.joined {
            0 => String::new(),
            n => format!(", answering {n} more"),
        };
        say(format_args!("  run            {}", self.run));
        say(format_args!(
            "  event          {}{joined}; attempt {}, generation {}",
            self.event, self.attempt, self.generation
        ));
        let commit = self.configuration_commit.as_deref().unwrap_or_default();
        let commit = commit.get(..7).map(|short| format!(" at {short}"));
        say(format_args!(
            "  mode           {}; configuration {}{}",
            self.mode,
            self.configuration,
            commit.unwrap_or_default()
        ));
        if let Some(because) = &self.because {
            say(format_args!("  why"));
            for line in because.tree().lines() {
                say(format_args!("    {line}"));
            }
        }
        if let Some(release) = &self.release {
            for line in release.lines() {
                say(format_args!("  {line}"));
            }
        }
        for did in &self.allowed {
            say(format_args!(
                "  {:<14} {} ({})",
                did.came, did.action, did.why
            ));
        }
        for held in &self.held {
            say(format_args!(
                "  would          {} ({})",
                held.action, held.why
            ));
            say(format_args!(
                "                 held: {}; {}",
                held.because, held.remedy
            ));
        }
        if let Some(look) = &self.last_look {
            let changed = if look.changed.is_empty() {
                "nothing had changed".to_owned()
            } else {
                format!("changed: {}", look.changed.join(", "))
            };
            say(format_args!("  last look      {}: {changed}", look.at));
        }
        let why_so = self.why_so.as_ref().map(|why| format!(": {why}"));
        say(format_args!(
            "  outcome        {}{}{}",
            self.outcome.unwrap_or("open"),
            why_so.unwrap_or_default(),
            self.closed_at
                .as_ref()
                .map(|at| format!(" at {at}"))
                .unwrap_or_default()
        ));
        match self.blocked {
            0 => {}
            1 => say(format_args!("  put off        once")),
            times => say(format_args!("  put off        {times} times")),
        }
        if let Some(failure) = &self.last_failure {
            say(format_args!("  last failure   {failure}"));
        }
        if let Some(at) = self.recheck_at.as_ref().or(self.next.as_ref()) {
            say(format_args!("  looks again    {at}"));
        }
        text
    }
}

/// What brings an agent back to what it has decided about and set no time for.
fn next(run: &Run) -> Option<String> {
    let decided = matches!(run.outcome, Some(Outcome::Decided)) && run.decision.is_some();
    let manifest = by_name(run.agent.as_str()).filter(|_| decided)?.manifest();
    // Who answers an act by itself has answered it.
    if !manifest
        .hears
        .iter()
        .any(|hears| hears.reacts == Reacts::Level)
    {
        return None;
    }
    let tick = match manifest.every {
        Some(_) => format!(", or tick of {}", run.agent),
        None => String::new(),
    };
    Some(format!("at the next event about it{tick}"))
}

/// A run's id as tables show it; `explain` takes it.
pub(super) fn short(id: &RunId) -> &str {
    id.as_str().get(..12).unwrap_or(id.as_str())
}

/// Where a configuration stands, in words.
pub(super) fn configuration(state: ConfigState) -> &'static str {
    match state {
        ConfigState::Valid => "valid",
        ConfigState::Absent => "absent",
        ConfigState::LastGood => "invalid, last valid one in force",
        ConfigState::NeverValid => "invalid, never valid",
    }
}

fn came(run: &Run, index: u32, planned: &Planned) -> String {
    use caretaker_core::model::Action;
    let effect = run.effects.iter().find(|effect| effect.index == index);
    if let Action::Enqueue(_) = planned.action {
        return "queued".to_owned();
    }
    match effect.map(|effect| &effect.result) {
        // An open run has not been closed over its effects yet.
        None if run.outcome.is_none() => "not over yet".to_owned(),
        None => "not sent".to_owned(),
        Some(EffectResult::Performed(receipt)) => {
            let what = if receipt.changed { "done" } else { "as it was" };
            match &receipt.via {
                Some(via) => format!("{what}, {via}"),
                None => what.to_owned(),
            }
        }
        Some(EffectResult::Refused(status)) => format!("refused, {status}"),
        Some(EffectResult::NotPerformed) => "not performed".to_owned(),
        Some(EffectResult::Unknown) => "unknown".to_owned(),
    }
}

fn because(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Quarantined => "the item is quarantined".to_owned(),
        Refusal::Paused => "the operator has paused Caretaker here".to_owned(),
        Refusal::Mode { is, needs } => format!("mode {}, needs {}", is.name(), needs.name()),
        Refusal::OverBudget { spent, limit } => {
            format!("{spent} of {limit} acts of this hour are spent")
        }
        Refusal::WithTheRest => "another act of the same decision is held".to_owned(),
    }
}

/// What an operator or a maintainer can do about it.
fn remedy(refusal: &Refusal, task: &Task, agent: &str) -> String {
    match refusal {
        Refusal::Quarantined => format!("take the label {} off", label::QUARANTINE),
        Refusal::Paused => "run `caretaker resume`".to_owned(),
        Refusal::Mode { needs, .. } => lift(*needs, task, agent),
        Refusal::OverBudget { .. } => {
            "it goes on in the next hour; or raise safety.writes_per_hour".to_owned()
        }
        Refusal::WithTheRest => "it goes with the others".to_owned(),
    }
}

fn lift(needs: Mode, task: &Task, agent: &str) -> String {
    let ceiling = task.settings.ceiling;
    let mut steps = Vec::new();
    if ceiling < needs {
        steps.push(format!(
            "the server's own limit is {} (`caretaker doctor`): it takes an allow-list, and no \
             mode_ceiling, dispatch_mode or dry_run below {}",
            ceiling.name(),
            needs.name()
        ));
    }
    let needs = needs.name();
    match task.settings.config.state {
        ConfigState::Absent | ConfigState::NeverValid => {
            steps.push(format!("commit a valid {PATH} with safety.mode: {needs}"));
        }
        ConfigState::Valid | ConfigState::LastGood if task.settings.mode < ceiling => {
            steps.push(format!(
                "set safety.mode: {needs}, and safety.agents.{agent} no lower"
            ));
        }
        ConfigState::Valid | ConfigState::LastGood => {}
    }
    steps.join("; ")
}

fn why_so(outcome: &Outcome) -> Option<String> {
    match outcome {
        Outcome::Unheard(why) | Outcome::Buried(why) | Outcome::Panicked(why) => {
            Some(why.replace('_', " "))
        }
        Outcome::Superseded(by) => Some(format!("answered by event {by}")),
        Outcome::Halted(HaltKind::SubjectGone) => Some("the subject is gone".to_owned()),
        Outcome::Halted(HaltKind::Misconfigured(why)) => Some(format!("misconfigured: {why}")),
        Outcome::Halted(HaltKind::NoAccess(why)) => Some(format!("no access: {why}")),
        Outcome::Decided | Outcome::Expired | Outcome::Overtaken | Outcome::Interrupted => None,
    }
}
