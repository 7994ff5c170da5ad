//! One pull request as the last look finds it, and what the gate says to it.

use caretaker_core::agents::pr::Pr;
use caretaker_core::config::{self, Config};
use caretaker_core::drive::known_config::KnownConfig;
use caretaker_core::guard::last_look::{CONFIG_KEY, Look};
use caretaker_core::merge_gate::{Blocker, MergePermit};
use caretaker_core::model::{
    ActKind, Action, Answer, Author, Branch, CheckState, ConfigState, Evidence, ForgeAction, Json,
    Label, LookVerdict, Merge, MergeMethod, Mode, Number, Pause, Planned, Query, RepoKey,
    ReviewState, Reviewed, Settings, Snapshot, Task, Versioned, label,
};
use caretaker_core::route;
use caretaker_core::scenario::{self, NOW, Scenario, bot, person, sha};

/// The repository lets us merge what Dependabot proposes; demands come below this.
const MERGING: &str = "\
version: v1
safety: {mode: act}
pr_agent:
  merge_authority: {mode: gate_and_merge}
";

/// The facts of the last look, the repository's configuration and the operator's word.
///
/// The configuration is a text, so that what the gate demands is read as it is in earnest.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    scenario: Scenario,
    config: String,
    state: ConfigState,
    commit: char,
    memory: Memory,
    paused: Option<Pause>,
    ceiling: Mode,
    merge: Merge,
    claimed: Option<Label>,
}

/// How our memory holds the configuration.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Memory {
    /// As it was found.
    Kept,
    /// As something that we cannot read.
    Unreadable,
    /// Not at all.
    Lost,
}

/// Dependabot's, approved by somebody who may write, in our care; the base branch demands one
/// check, and it passed.
pub(crate) fn mergeable() -> Case {
    unprotected().facts(|scenario| scenario.requires("lint", None))
}

/// The same where the base branch demands no check.
pub(crate) fn unprotected() -> Case {
    let scenario = scenario::pull(7)
        .author(bot("dependabot[bot]"))
        .label(label::OWNED)
        .check("lint", CheckState::Success)
        .review(person("rita"), ReviewState::Approved);
    Case {
        scenario,
        config: MERGING.to_owned(),
        state: ConfigState::Valid,
        commit: 'c',
        memory: Memory::Kept,
        paused: None,
        ceiling: Mode::Act,
        merge: Merge {
            number: Number::new(7),
            head: sha('a'),
            base: Branch::new("main"),
            method: MergeMethod::Squash,
        },
        claimed: None,
    }
}

/// People's pull requests are merged as well, and this is one; we put it into our care.
pub(crate) fn people_merge() -> Case {
    taken_in_by(Author::Us)
}

/// The same, where the label of care was put on by somebody. Nothing takes people's pull requests
/// into care by itself.
pub(crate) fn taken_in_by(who: Author) -> Case {
    let people = mergeable().demands("auto_merge: {human_prs: true}");
    people.facts(|scenario| {
        let care = ActKind::Labeled(Label::new(label::OWNED));
        scenario.author(person("author")).act(1, who, care)
    })
}

impl Case {
    /// Other facts.
    pub(crate) fn facts(self, change: impl FnOnce(Scenario) -> Scenario) -> Self {
        let scenario = change(self.scenario);
        Self { scenario, ..self }
    }

    /// Another thing that the snapshot says.
    pub(crate) fn snapshot(self, change: impl FnOnce(&mut Snapshot)) -> Self {
        self.facts(|scenario| scenario.with(change))
    }

    /// One more line in section `pr_agent` of the configuration.
    pub(crate) fn demands(mut self, line: &str) -> Self {
        self.config.extend(["  ", line, "\n"]);
        self
    }

    /// Other words in the configuration, which stand there once.
    pub(crate) fn instead(mut self, words: &str, others: &str) -> Self {
        assert_eq!(self.config.matches(words).count(), 1, "{}", self.config);
        self.config = self.config.replace(words, others);
        self
    }

    /// There is no file, or none that ever was valid: then nothing but the defaults is in force.
    pub(crate) fn without_config(self, state: ConfigState) -> Self {
        let config = String::new();
        Self {
            config,
            state,
            ..self
        }
    }

    /// The configuration is that of another commit.
    pub(crate) fn config_at(self, commit: char) -> Self {
        Self { commit, ..self }
    }

    /// How our memory holds the configuration.
    pub(crate) fn memory(self, memory: Memory) -> Self {
        Self { memory, ..self }
    }

    /// The operator has paused us.
    pub(crate) fn paused(self) -> Self {
        let (by, why) = ("the operator".to_owned(), None);
        let paused = Some(Pause { at: NOW, by, why });
        Self { paused, ..self }
    }

    /// The server's limit.
    pub(crate) fn ceiling(self, ceiling: Mode) -> Self {
        Self { ceiling, ..self }
    }

    /// Something else was decided about.
    pub(crate) fn decided(mut self, change: impl FnOnce(&mut Merge)) -> Self {
        change(&mut self.merge);
        self
    }

    /// The decision that merges also puts this label on.
    pub(crate) fn labels_it(self, name: &str) -> Self {
        let claimed = Some(Label::new(name));
        Self { claimed, ..self }
    }

    /// What the last look says when it has been like this all along: the right to merge, or what
    /// stands against it.
    pub(crate) fn verdict(&self) -> Result<MergePermit, Vec<Blocker>> {
        self.verdict_after(self)
    }

    /// What the last look says when it is like this by now, and was otherwise when it was decided
    /// about: the decision's evidence and settings are of that time.
    pub(crate) fn verdict_after(&self, before: &Self) -> Result<MergePermit, Vec<Blocker>> {
        let claim = self.claimed.iter().map(|label| {
            Action::Forge(ForgeAction::AddLabel {
                number: self.merge.number,
                label: label.clone(),
            })
        });
        let merge = Action::Merge(self.merge.clone());
        self.look(before, claim.chain([merge]).collect(), |look| {
            look.permit(&self.merge).expect("everything is answered")
        })
    }

    /// What the last look says to these actions in such a case.
    pub(crate) fn looked_after(
        &self,
        before: &Self,
        actions: Vec<Action>,
    ) -> (LookVerdict, Option<MergePermit>) {
        let verdict = |look: &Look<'_>| look.verdict().expect("everything is answered");
        self.look(before, actions, verdict)
    }

    fn look<T>(&self, before: &Self, actions: Vec<Action>, what: impl Fn(&Look<'_>) -> T) -> T {
        let ((_, looked), (mut task, evidence)) = (self.asked(), before.asked());
        task.settings.ceiling = self.ceiling;
        let planned = |action| Planned {
            action,
            why: String::new(),
        };
        what(&Look {
            agent: "pr",
            repo: Some(&RepoKey::github(1)),
            task: &task,
            reviewed: &Reviewed {
                allowed: actions.into_iter().map(planned).collect(),
                ..Reviewed::default()
            },
            evidence: &evidence,
            looked: &looked,
            at: NOW,
        })
    }

    /// The merge that was decided about.
    pub(crate) fn decision(&self) -> &Merge {
        &self.merge
    }

    /// Codes of what stands against it.
    pub(crate) fn codes(&self) -> Vec<&'static str> {
        let against = self.verdict().err().unwrap_or_default();
        against.iter().map(Blocker::code).collect()
    }

    /// What an agent is asked about it, with all answers.
    pub(crate) fn asked(&self) -> (Task, Evidence) {
        let (mut task, mut evidence) = self.scenario.task(&Pr);
        let known = self.known();
        let config = known.config();
        task.params = route::params(&Pr, &config);
        task.settings = Settings {
            mode: config::effective_mode(self.ceiling, &config, "pr"),
            ceiling: self.ceiling,
            config: known.used(),
            paused: self.paused.clone(),
            ..task.settings
        };
        let value = match self.memory {
            Memory::Kept => Some(Json::of(&known).expect("it is data")),
            Memory::Unreadable => Some(Json::empty_object()),
            Memory::Lost => None,
        };
        let versioned = value.map(|value| Versioned { version: 1, value });
        let key = Query::State(CONFIG_KEY.to_owned());
        evidence.add(key, Answer::State(versioned));
        evidence.add(Query::Pause, Answer::Pause(self.paused.clone()));
        (task, evidence)
    }

    fn known(&self) -> KnownConfig {
        let (good_text, good_commit) = if self.config.is_empty() {
            (None, None)
        } else {
            let parsed = Config::parse(&self.config);
            let (text, problems) = (&self.config, parsed.problems);
            assert!(parsed.config.is_some(), "{problems:?} in\n{text}");
            (Some(text.clone()), Some(sha(self.commit)))
        };
        KnownConfig {
            state: self.state,
            seen_commit: Some(sha(self.commit)),
            good_commit,
            good_text,
            problems: Vec::new(),
            checked_at: NOW,
        }
    }
}
