//! Locked conversations, and issues that are parts of others.

use serde_json::json;

use super::state::State;
use super::trouble::Trouble;
use super::who::Who;

const REASONS: &[&str] = &["off-topic", "too heated", "resolved", "spam"];

/// That only those who may write talk on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lock {
    /// Why, where that was said.
    pub(crate) reason: Option<String>,
}

impl Lock {
    pub(crate) fn word(&self) -> Option<&str> {
        self.reason.as_deref()
    }
}

impl State {
    /// Locks the conversation on an item, for a reason or another one than before.
    pub(crate) fn lock(
        &mut self,
        who: &Who,
        repo: u64,
        number: u64,
        reason: Option<&str>,
    ) -> Result<(), Trouble> {
        self.may_item(who, repo, number, true)?;
        if reason.is_some_and(|reason| !REASONS.contains(&reason)) {
            return Err(Trouble::invalid("lock_reason: no such value").violation());
        }
        let item = self.item_mut(repo, number)?;
        let said = reason.map(str::to_owned);
        let wanted = Some(Lock { reason: said });
        if item.locked != wanted {
            item.locked = wanted;
            self.touch(repo, number);
            let extra = json!({"lock_reason": reason});
            self.note(repo, number, "locked", who, extra);
            self.emit_item(repo, number, "locked", who, json!({}));
        }
        Ok(())
    }

    /// Unlocks it; of one that is not locked: nothing.
    pub(crate) fn unlock(&mut self, who: &Who, repo: u64, number: u64) -> Result<(), Trouble> {
        self.may_item(who, repo, number, true)?;
        if self.item_mut(repo, number)?.locked.take().is_some() {
            self.touch(repo, number);
            self.note(repo, number, "unlocked", who, json!({}));
            self.emit_item(repo, number, "unlocked", who, json!({}));
        }
        Ok(())
    }

    /// Makes an issue a part of another one.
    ///
    /// # Errors
    /// 422 where it is a part already, or would be a part of itself.
    pub(crate) fn add_part(
        &mut self,
        who: &Who,
        repo: u64,
        number: u64,
        part: u64,
    ) -> Result<(), Trouble> {
        self.may(who, repo, "issues", true)?;
        self.item(repo, part)?;
        let items = self.repo(repo).items.values();
        let taken = items.into_iter().any(|item| item.parts.contains(&part));
        if taken || part == number {
            return Err(Trouble::invalid("Sub issue may only have one parent"));
        }
        self.item_mut(repo, number)?.parts.push(part);
        self.touch(repo, number);
        self.note(repo, number, "sub_issue_added", who, json!({}));
        self.emit(
            repo,
            "sub_issues",
            Some("sub_issue_added"),
            &who.login,
            |state| {
                json!({
                    "parent_issue": state.issue_json(repo, number),
                    "sub_issue": state.issue_json(repo, part),
                })
            },
        );
        Ok(())
    }
}
