//! The second look, past every cache, right before a run's first effect on the forge.
//!
//! Evidence is always a little old. Each action declares the facts it depends on; when one of
//! them has changed, the run ends as overtaken and its event is decided afresh. Other changes are
//! recorded only. The answers are a second evidence map, so this replays like everything else
//! (decisions §6).

mod merging;

use std::collections::BTreeSet;

use crate::config::{self, Config};
use crate::drive::known_config::KnownConfig;
use crate::merge_gate::MergePermit;
use crate::model::ask::{
    AskActivity, AskBranch, AskItem, AskPause, AskPermission, AskPull, AskPullsOfHead, AskSnapshot,
    AskState, both,
};
use crate::model::{
    Act, Action, Answer, Detail, Evidence, ForgeAction, Halt, IssueAction, Item, LookVerdict,
    Loudness, Marker, Mode, Number, RepoKey, Reviewed, Sha, Subject, Task, Timestamp, Versioned,
    label,
};

/// A fact that an action depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Dependency {
    Quarantine,
    Pause,
    Mode,
    State,
    Head,
    Hold,
    Configuration,
    HumanWord,
    Users,
    Speaker,
}

impl Dependency {
    fn word(self) -> &'static str {
        match self {
            Self::Quarantine => "quarantine",
            Self::Pause => "pause",
            Self::Mode => "mode",
            Self::State => "state",
            Self::Head => "head",
            Self::Hold => "hold",
            Self::Configuration => "configuration",
            Self::HumanWord => "human_word",
            Self::Users => "users_of_the_branch",
            Self::Speaker => "speakers_permission",
        }
    }
}

fn dependencies(action: &Action) -> Vec<Dependency> {
    let mut all = vec![
        Dependency::Quarantine,
        Dependency::Pause,
        Dependency::Mode,
        Dependency::State,
        Dependency::Head,
    ];
    match action.loudness() {
        Loudness::Internal => return Vec::new(),
        Loudness::Voice => {}
        Loudness::Act => all.extend([
            Dependency::Hold,
            Dependency::Configuration,
            Dependency::Speaker,
        ]),
    }
    let needs_silence = match action {
        Action::Forge(
            ForgeAction::Close { .. }
            | ForgeAction::Issue(IssueAction::Close { .. })
            | ForgeAction::UpsertComment {
                marker: Marker::StaleWarning,
                ..
            },
        ) => true,
        Action::Forge(ForgeAction::AddLabel { label, .. }) => {
            label.same(&crate::model::Label::new(label::STALE))
        }
        Action::Forge(
            ForgeAction::RemoveLabel { .. }
            | ForgeAction::UpsertComment {
                marker:
                    Marker::Status | Marker::Answer | Marker::Review | Marker::Pull | Marker::Issue,
                ..
            }
            | ForgeAction::DeleteBranch { .. }
            | ForgeAction::Publish(_)
            | ForgeAction::React { .. }
            | ForgeAction::Reply { .. }
            | ForgeAction::Issue(_)
            | ForgeAction::Ci(_)
            | ForgeAction::Git(_)
            | ForgeAction::Review(_),
        )
        | Action::Merge(_)
        | Action::Enqueue(_) => false,
    };
    if needs_silence {
        all.push(Dependency::HumanWord);
    }
    if matches!(action, Action::Forge(ForgeAction::DeleteBranch { .. })) {
        all.push(Dependency::Users);
    }
    all
}

/// Key of our memory under which the repository's configuration is kept.
pub const CONFIG_KEY: &str = "config";

/// A run at the moment of its last look.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    /// Who decided.
    pub agent: &'a str,
    /// Where; `None` in records of what belongs to no repository.
    pub repo: Option<&'a RepoKey>,
    /// What was asked.
    pub task: &'a Task,
    /// What may happen.
    pub reviewed: &'a Reviewed,
    /// What was seen.
    pub evidence: &'a Evidence,
    /// What is seen now.
    pub looked: &'a Evidence,
    /// When that is.
    pub at: Timestamp,
}

impl Look<'_> {
    /// Compares what the allowed actions depend on, then and now. With the right to merge, where
    /// that is planned and nothing has changed.
    ///
    /// # Errors
    /// What must be asked first, or why it cannot be.
    pub fn verdict(&self) -> Result<(LookVerdict, Option<MergePermit>), Halt> {
        let (task, looked) = (self.task, self.looked);
        let allowed = &self.reviewed.allowed;
        let depends: BTreeSet<Dependency> = allowed
            .iter()
            .flat_map(|planned| dependencies(&planned.action))
            .collect();
        let mut changed = BTreeSet::new();
        let seen = task
            .event
            .subject
            .number()
            .map(|number| Seen::of(&task.event.subject, number, self.evidence));
        let merging = self.merge().is_some();
        let fresh = seen
            .as_ref()
            .map(|seen| seen.again(looked, merging))
            .transpose();
        let config = looked.ask(&AskState(CONFIG_KEY.to_owned()));
        let (config, (fresh, other_speaker)) =
            both(config, both(fresh, self.is_speaker_changed()))?;
        if other_speaker {
            changed.insert(Dependency::Speaker);
        }
        if let (Some(seen), Some(fresh)) = (&seen, fresh) {
            let human_word = depends.contains(&Dependency::HumanWord);
            seen.compare(&fresh, looked, human_word, &mut changed)?;
        }
        if is_used(self.reviewed, looked)? {
            changed.insert(Dependency::Users);
        }
        let right = self.merge().map(|merge| self.permit(merge)).transpose()?;
        // Asked when the forge has answered everything, so that a stop that came meanwhile is seen.
        let pause = looked.ask(&AskPause(()))?;
        if pause.is_some() {
            changed.insert(Dependency::Pause);
        }
        changed.extend(self.configuration(config.as_ref()));
        let mut hit: Vec<String> = depends
            .intersection(&changed)
            .map(|dependency| dependency.word().to_owned())
            .collect();
        let permit = match right.transpose() {
            Ok(permit) => permit,
            Err(against) => {
                hit.extend(against.iter().map(|blocker| blocker.code().to_owned()));
                None
            }
        };
        Ok(if hit.is_empty() {
            (LookVerdict::Unchanged, permit)
        } else {
            (LookVerdict::Changed(hit), None)
        })
    }

    /// Whether who gave a command may do something else by now than when that was decided on. For
    /// voice alone nobody is asked.
    fn is_speaker_changed(&self) -> Result<bool, Halt> {
        let event = &self.task.event;
        let mut allowed = self.reviewed.allowed.iter();
        let acts = allowed.any(|planned| planned.action.loudness() == Loudness::Act);
        let (Detail::Command { .. }, Some(speaker), true) = (&event.detail, &event.actor, acts)
        else {
            return Ok(false);
        };
        let permission = AskPermission(speaker.login.clone());
        // Who did not ask did not go by it.
        let Ok(then) = self.evidence.ask_opt(&permission) else {
            return Ok(false);
        };
        Ok(self.looked.ask_opt(&permission)? != then)
    }

    /// What has changed about configuration and mode.
    fn configuration(&self, config: Option<&Versioned>) -> Vec<Dependency> {
        let known = config.map(|v| v.value.decode::<KnownConfig>()).transpose();
        let Ok(known) = known else {
            // Our own record that we cannot read: whatever it says, it is not what we decided on.
            return vec![Dependency::Configuration, Dependency::Mode];
        };
        let settings = &self.task.settings;
        let used = known.as_ref().map(KnownConfig::used);
        if used.as_ref() == Some(&settings.config) {
            return Vec::new();
        }
        let config = known
            .and_then(|k| k.good_text)
            .and_then(|t| Config::parse(&t).config);
        let mode = config.map_or(Mode::Observe, |config| {
            config::effective_mode(settings.ceiling, &config, self.agent)
        });
        let mut changed = vec![Dependency::Configuration];
        changed.extend((mode != settings.mode).then_some(Dependency::Mode));
        changed
    }
}

/// Whether somebody has begun to use a branch that is to be deleted, or has protected it.
fn is_used(reviewed: &Reviewed, looked: &Evidence) -> Result<bool, Halt> {
    let mut used = false;
    for planned in &reviewed.allowed {
        if let Action::Forge(ForgeAction::DeleteBranch { branch, .. }) = &planned.action {
            let (tip, users) = both(
                looked.ask_opt(&AskBranch(branch.clone())),
                looked.ask(&AskPullsOfHead(branch.clone())),
            )?;
            let guarded = tip.is_some_and(|tip| tip.protected || tip.default);
            used |= guarded || !users.complete || !users.rows.is_empty();
        }
    }
    Ok(used)
}

/// The subject as the decision saw it.
struct Seen<'a> {
    number: Number,
    pull_view: bool,
    item: Option<&'a Item>,
    head: Option<&'a Sha>,
    acts: Option<&'a [Act]>,
}

/// The subject as it is now; `None` when it is gone.
struct Fresh<'a> {
    item: Option<&'a Item>,
    head: Option<&'a Sha>,
}

impl<'a> Seen<'a> {
    fn of(subject: &Subject, number: Number, evidence: &'a Evidence) -> Self {
        let (mut item, mut head, mut acts) = (None, None, None);
        for (_, answer) in evidence.iter() {
            match answer {
                Answer::Item(seen) if seen.number == number => item = Some(seen),
                Answer::Pull(pull) if pull.item.number == number => head = Some(&pull.head),
                Answer::Snapshot(snapshot) if snapshot.pull.item.number == number => {
                    item = Some(&snapshot.pull.item);
                    head = Some(&snapshot.pull.head);
                }
                Answer::Activity(listing) => acts = Some(listing.rows.as_slice()),
                Answer::Item(_)
                | Answer::Pull(_)
                | Answer::Snapshot(_)
                | Answer::OpenItems(_)
                | Answer::Pulls(_)
                | Answer::Branch(_)
                | Answer::ConfigFile(_)
                | Answer::Files(_)
                | Answer::Authors(_)
                | Answer::CodeOwners(_)
                | Answer::Members(_)
                | Answer::Permission(_)
                | Answer::Git(_)
                | Answer::Review(_)
                | Answer::Issue(_)
                | Answer::Alert(_)
                | Answer::Repository(_)
                | Answer::State(_)
                | Answer::Pause(_)
                | Answer::Missing
                | Answer::Failed(_)
                | Answer::Ci(_)
                | Answer::Stored(_) => {}
            }
        }
        let pull_view = matches!(subject, Subject::Pull(_)) && head.is_some();
        Self {
            number,
            pull_view,
            item,
            head,
            acts,
        }
    }

    fn again<'l>(&self, looked: &'l Evidence, merging: bool) -> Result<Fresh<'l>, Halt> {
        if self.pull_view {
            let pull = if merging {
                let snapshot = looked.ask_opt(&AskSnapshot(self.number))?;
                snapshot.map(|snapshot| &snapshot.pull)
            } else {
                looked.ask_opt(&AskPull(self.number))?
            };
            Ok(Fresh {
                item: pull.map(|p| &p.item),
                head: pull.map(|p| &p.head),
            })
        } else {
            Ok(Fresh {
                item: looked.ask_opt(&AskItem(self.number))?,
                head: None,
            })
        }
    }

    fn compare(
        &self,
        fresh: &Fresh<'_>,
        looked: &Evidence,
        human_word_matters: bool,
        changed: &mut BTreeSet<Dependency>,
    ) -> Result<(), Halt> {
        let (Some(then), Some(now)) = (self.item, fresh.item) else {
            changed.insert(Dependency::State);
            return Ok(());
        };
        let differs = |label: &str| then.has_label(label) != now.has_label(label);
        if differs(label::QUARANTINE) {
            changed.insert(Dependency::Quarantine);
        }
        if [label::HOLD, label::ESCALATED, label::BREAKING]
            .into_iter()
            .any(differs)
        {
            changed.insert(Dependency::Hold);
        }
        if then.open != now.open || then.draft != now.draft || then.merged_at != now.merged_at {
            changed.insert(Dependency::State);
        }
        if self.pull_view && self.head != fresh.head {
            changed.insert(Dependency::Head);
        }
        if human_word_matters && now.updated_at != then.updated_at {
            let listing = looked.ask(&AskActivity(self.number))?;
            if !listing.complete
                || last_human(self.acts.unwrap_or(&[])) != last_human(&listing.rows)
            {
                changed.insert(Dependency::HumanWord);
            }
        }
        Ok(())
    }
}

fn last_human(acts: &[Act]) -> Option<Timestamp> {
    acts.iter()
        .filter(|act| act.by.is_human() && act.what.shows_attention())
        .map(|act| act.at)
        .max()
}
