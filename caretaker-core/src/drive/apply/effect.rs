//! An allowed action that reaches the forge.

use crate::guard;
use crate::model::{
    Action, ActionKey, EffectResult, Evidence, ForgeAction, Json, Loudness, Merge, MergeMethod,
    Planned, Receipt, Refusals, RepoRef, Run, Safety, Timestamp,
};
use crate::ports::{Claim, PortError, Write};

/// What is sent to the forge.
#[derive(Clone, Debug)]
pub(in crate::drive) enum Effect {
    /// A declarative one.
    Forge(ForgeAction),
    /// A merge.
    Merge(Merge),
}

impl Effect {
    /// The effect of a planned action, if it has one on the forge.
    pub(in crate::drive) fn of(planned: &Planned) -> Option<Self> {
        match &planned.action {
            Action::Forge(action) => Some(Self::Forge(action.clone())),
            Action::Merge(merge) => Some(Self::Merge(merge.clone())),
            Action::Enqueue(_) => None,
        }
    }

    pub(super) fn summary(&self) -> String {
        match self {
            Self::Forge(action) => action.summary(),
            Self::Merge(merge) => merge.summary(),
        }
    }

    pub(super) fn permission(&self) -> &'static str {
        match self {
            Self::Forge(action) => action.permission(),
            Self::Merge(_) => Merge::PERMISSION,
        }
    }

    /// Whether nothing on the forge tells it from another of its kind, so that it is sent once.
    pub(super) fn is_sent_once(&self) -> bool {
        match self {
            Self::Forge(action) => action.safety() == Safety::AtMostOnce,
            Self::Merge(_) => false,
        }
    }

    /// What it is claimed under: its run and place; where it is sent once, what it is about, and
    /// how often that was tried and certainly not performed.
    pub(super) fn key(&self, run: &Run, repo: &RepoRef, index: u32, tries: u32) -> ActionKey {
        match self {
            Self::Forge(action) if self.is_sent_once() => {
                ActionKey::of_once(&repo.key, action, tries)
            }
            Self::Forge(_) | Self::Merge(_) => ActionKey::of_run(&run.id, index),
        }
    }

    /// Whether a claim says that what is sent once was not performed, whoever tried.
    pub(super) fn may_be_tried_again(&self, claimed: &Claim) -> bool {
        let undone = matches!(
            claimed,
            Claim::Done(EffectResult::NotPerformed | EffectResult::Refused(_))
        );
        undone && self.is_sent_once()
    }

    /// Under which hour's count it falls.
    pub(super) fn counter(&self, now: Timestamp) -> Option<String> {
        let action = match self {
            Self::Forge(action) => Action::Forge(action.clone()),
            Self::Merge(merge) => Action::Merge(merge.clone()),
        };
        match action.loudness() {
            Loudness::Act => Some(guard::acts_key(now)),
            Loudness::Voice => Some(guard::voice_key(now)),
            Loudness::Internal => None,
        }
    }

    /// What our memory keeps of the forge's no to a merge, or of its having been put into the
    /// queue, and when it is looked at again.
    pub(super) fn refused(
        &self,
        run: &Run,
        result: &EffectResult,
        now: Timestamp,
    ) -> Result<Option<(Write, Timestamp)>, PortError> {
        let (Self::Merge(merge), Some(repo)) = (self, &run.repo) else {
            return Ok(None);
        };
        let status = match result {
            EffectResult::Refused(status) => *status,
            EffectResult::Performed(Receipt { changed: true, .. })
                if merge.method == MergeMethod::Queue =>
            {
                Refusals::QUEUED
            }
            EffectResult::Performed(_) | EffectResult::NotPerformed | EffectResult::Unknown => {
                return Ok(None);
            }
        };
        let key = Refusals::key(merge.number);
        let before = run
            .looked
            .as_ref()
            .and_then(|looked| known(&looked.evidence, &key));
        let (version, before) = before.unwrap_or_default();
        let refusals = Refusals::after(before.as_ref(), &merge.head, status, now);
        let again = refusals.again_at();
        let invalid = |why: String| {
            PortError::new("state.put.refusals", crate::ports::Kind::Invalid).detail(why)
        };
        let put = Write::Put {
            repo: repo.key.clone(),
            key,
            expect: version,
            value: Json::of(&refusals).map_err(invalid)?,
        };
        Ok(Some((put, again)))
    }
}

/// What the last look found under a key: its version, and what it says if that is readable.
fn known(looked: &Evidence, key: &str) -> Option<(Option<u64>, Option<Refusals>)> {
    use crate::model::ask::AskState;
    let value = looked.ask(&AskState(key.to_owned())).ok()?.as_ref()?;
    Some((Some(value.version), value.value.decode().ok()))
}
