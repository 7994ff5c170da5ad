//! What differs between two ways of deciding one run, as far as people compare them: the verdict,
//! what is allowed and what is held.
//!
//! [`super::replay`] compares bytes. This says what those bytes come to: an action that is the
//! same but for its text is the same action here.

use crate::model::{
    Action, CiAction, Decision, ForgeAction, Halt, Json, Loudness, Planned, Reviewed,
};

/// What differs, before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The verdict before.
    pub before: String,
    /// The verdict after; where there is none, the word for what came instead.
    pub after: String,
    /// What is allowed on one side only.
    pub allowed: Moved,
    /// What is held on one side only.
    pub held: Moved,
    /// Whether reasons, texts of actions or times differ in any byte.
    pub words: bool,
}

/// Actions that stand on one side only, in their planned order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moved {
    /// Only after.
    pub gained: Vec<Action>,
    /// Only before.
    pub lost: Vec<Action>,
}

impl Change {
    /// From one decision, reviewed, to another.
    pub fn between(
        (decision, reviewed): (&Decision, &Reviewed),
        (decision_after, reviewed_after): (&Decision, &Reviewed),
    ) -> Self {
        Self {
            before: decision.verdict.clone(),
            after: decision_after.verdict.clone(),
            allowed: Moved::between(&allowed(reviewed), &allowed(reviewed_after)),
            held: Moved::between(&held(reviewed), &held(reviewed_after)),
            words: decision != decision_after || reviewed != reviewed_after,
        }
    }

    /// From a decision to none at all; `word` says what came instead.
    pub fn to_nothing((decision, reviewed): (&Decision, &Reviewed), word: &str) -> Self {
        Self {
            before: decision.verdict.clone(),
            after: word.to_owned(),
            allowed: Moved::between(&allowed(reviewed), &[]),
            held: Moved::between(&held(reviewed), &[]),
            words: true,
        }
    }

    /// Whether verdict and actions are the same; reasons and texts may differ.
    pub fn is_none(&self) -> bool {
        self.before == self.after && self.allowed.is_none() && self.held.is_none()
    }
}

impl Moved {
    fn between(before: &[&Planned], after: &[&Planned]) -> Self {
        let only = |here: &[&Planned], there: &[&Planned]| {
            let mut others: Vec<Json> = there.iter().map(|one| identity(&one.action)).collect();
            let mut only = Vec::new();
            for planned in here {
                let own = identity(&planned.action);
                match others.iter().position(|other| *other == own) {
                    Some(at) => drop(others.swap_remove(at)),
                    None => only.push(planned.action.clone()),
                }
            }
            only
        };
        Self {
            gained: only(after, before),
            lost: only(before, after),
        }
    }

    /// Whether there is nothing on one side only.
    pub fn is_none(&self) -> bool {
        self.gained.is_empty() && self.lost.is_empty()
    }
}

/// Whether somebody outside could notice one of these.
pub(super) fn any_outside(actions: &[Action]) -> bool {
    actions
        .iter()
        .any(|action| action.loudness() > Loudness::Internal)
}

/// The word that stands for a verdict where deciding halts.
pub(super) fn halted(halt: &Halt) -> &'static str {
    match halt {
        Halt::Need(_) => "needs_more_evidence",
        Halt::Blocked(..) => "blocked",
        Halt::Gone(_) => "subject_gone",
        Halt::Misconfigured(_) => "misconfigured",
    }
}

fn allowed(reviewed: &Reviewed) -> Vec<&Planned> {
    reviewed.allowed.iter().collect()
}

fn held(reviewed: &Reviewed) -> Vec<&Planned> {
    reviewed.held.iter().map(|held| &held.planned).collect()
}

/// What an action is, without its text: the comment on an item is one, whatever it says.
fn identity(action: &Action) -> Json {
    let named = |parts: &[&str]| Json::of(&parts).expect("texts have a JSON form");
    if let Action::Forge(ForgeAction::UpsertComment { number, marker, .. }) = action {
        return named(&["comment", &number.to_string(), marker.name()]);
    }
    if let Action::Forge(ForgeAction::Publish(publish)) = action {
        return named(&["publish", publish.sha.as_str(), &publish.name]);
    }
    if let Action::Forge(ForgeAction::Ci(CiAction::Report(report))) = action {
        return named(&["publish", report.sha.as_str(), &report.name]);
    }
    Json::of(action).expect("an action has only string keys")
}
