//! The last look before a merge: the whole gate again, on fresh answers and the rules in force now.

use super::{CONFIG_KEY, Look};
use crate::config;
use crate::drive::known_config::KnownConfig;
use crate::merge_gate::{
    Blocker, Change, Claim, Denial, Ground, MergePermit, OptIn, Policy, Seen, confirmed, evaluate,
    stirs,
};
use crate::model::ask::{Ask as _, AskActivity, AskPause, AskSnapshot, AskState, both};
use crate::model::{Action, ConfigState, ForgeAction, Halt, Merge, Refusals, RepoKey, Versioned};

impl<'a> Look<'a> {
    /// The merge among the allowed actions.
    pub(super) fn merge(&self) -> Option<&'a Merge> {
        let mut allowed = self.reviewed.allowed.iter();
        allowed.find_map(|planned| match &planned.action {
            Action::Merge(merge) => Some(merge),
            Action::Forge(_) | Action::Enqueue(_) => None,
        })
    }

    /// The right to merge, or what stands against it by now.
    ///
    /// # Errors
    /// What must be asked first, or why it cannot be.
    pub fn permit(&self, merge: &Merge) -> Result<Result<MergePermit, Vec<Blocker>>, Halt> {
        let looked = self.looked;
        let (config, snapshot) = both(
            looked.ask(&AskState(CONFIG_KEY.to_owned())),
            looked.ask(&AskSnapshot(merge.number)),
        )?;
        let Some((known, policy)) = config.as_ref().and_then(in_force) else {
            let unusable = Denial::Configuration(ConfigState::NeverValid);
            return Ok(Err(vec![unusable.into()]));
        };
        let confirmed = confirmed(looked, snapshot)?;
        let snapshot = confirmed.as_ref();
        let (change, (refused, claim)) = both(
            Change::learn(looked, snapshot, &policy),
            both(
                looked.ask(&AskState(Refusals::key(merge.number))),
                self.claim(merge, &policy),
            ),
        )?;
        // What a claim was made for may be gone by now.
        let told = change.opt_in == OptIn::Yes;
        let takes_in = told || policy.claims.contains(snapshot.pull.family());
        let pause = looked.ask(&AskPause(()))?;
        // Our own note that cannot be read tells nothing; the forge will say it again.
        let refused = refused
            .as_ref()
            .and_then(|refused| refused.value.decode::<Refusals>().ok());
        let settings = &self.task.settings;
        let seen = Seen {
            repo: self.repo(merge)?,
            snapshot,
            change: &change,
            ground: Ground {
                mode: config::effective_mode(settings.ceiling, &known.config(), self.agent),
                ceiling: settings.ceiling,
                config: known.state,
                paused: pause.as_ref(),
                claimed: claim == Some(Claim::Free) && takes_in,
                refused: refused.as_ref(),
                stirred: stirs(self.task.event.kind),
            },
            config: known.good_commit.as_ref(),
        };
        Ok(evaluate(merge, &seen, &policy, self.at))
    }

    fn repo(&self, merge: &Merge) -> Result<&'a RepoKey, Halt> {
        self.repo
            .ok_or_else(|| Halt::Gone(AskSnapshot(merge.number).query()))
    }

    /// What people say by now to this very decision's taking it into care; `None` where it does
    /// not.
    fn claim(&self, merge: &Merge, policy: &Policy) -> Result<Option<Claim>, Halt> {
        let Some(care) = &policy.care_label else {
            return Ok(None);
        };
        let planned = self.reviewed.allowed.iter().any(|planned| {
            matches!(
                &planned.action,
                Action::Forge(ForgeAction::AddLabel { label, .. }) if care.same(label)
            )
        });
        if !planned {
            return Ok(None);
        }
        let acts = self.looked.ask(&AskActivity(merge.number))?;
        Ok(Some(Claim::of(acts, care)))
    }
}

/// The configuration as our memory has it, and what it demands; `None` when either is unreadable.
fn in_force(config: &Versioned) -> Option<(KnownConfig, Policy)> {
    let known = config.value.decode::<KnownConfig>().ok()?;
    let policy = Policy::of(&known.config()).ok()?;
    Some((known, policy))
}
