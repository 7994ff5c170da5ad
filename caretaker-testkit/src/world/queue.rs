//! The merge queue, and pull requests that merge by themselves.

use serde_json::{Value, json};

use super::World;
use super::act::Act;
use super::state::State;
use super::trouble::Trouble;
use super::who::Who;

impl World {
    /// The queue merges a pull request that waits in it.
    pub fn merge_queued(&self, number: u64) {
        self.tell(Act::MergeQueued { number });
    }

    /// The queue gives back a pull request whose turn came and whose checks failed then.
    pub fn give_back(&self, number: u64) {
        self.tell(Act::GiveBack { number });
    }

    /// Somebody has a pull request merge by itself once nothing stands against it, or no longer.
    pub fn auto_merge(&self, number: u64, by: &str, enabled: bool) {
        let by = by.to_owned();
        self.tell(Act::AutoMerge {
            number,
            by,
            enabled,
        });
    }

    /// Whether a pull request waits in the merge queue.
    pub fn is_queued(&self, number: u64) -> bool {
        self.look(|state| state.pull(self.repo, number).is_ok_and(|pull| pull.queued))
    }
}

impl State {
    /// Puts it into the queue, if its base has one and nothing stands against merging it.
    pub(crate) fn enqueue(
        &mut self,
        who: &Who,
        repo: u64,
        number: u64,
        head: Option<&str>,
    ) -> Result<(), Trouble> {
        self.may(who, repo, "contents", true)?;
        let pull = self.pull(repo, number)?;
        let base = self.repo(repo).branches.get(&pull.base_branch);
        let has_queue = base.is_some_and(|base| base.demands().any(|demand| demand.queue));
        let against = if !self.item(repo, number)?.open {
            Some("Pull request is closed")
        } else if !has_queue {
            Some("Merge queue is not enabled for the base branch")
        } else if pull.queued {
            Some("Pull request is already in the merge queue")
        } else if head.is_some_and(|head| head != pull.head_sha) {
            Some("Head branch was modified. Review and try the merge again.")
        } else if pull.draft {
            Some("Pull request is a draft")
        } else if pull.mergeable == Some(false) {
            Some("Pull request has merge conflicts")
        } else {
            self.protection_against(repo, pull, number)
        };
        if let Some(against) = against {
            return Err(Trouble::new(422, against));
        }
        if let Some(pull) = self.pull_mut(repo, number) {
            pull.queued = true;
        }
        self.touch(repo, number);
        self.note(repo, number, "added_to_merge_queue", who, json!({}));
        self.emit_item(repo, number, "enqueued", who, json!({}));
        Ok(())
    }

    /// The queue's own merge of what waits in it.
    pub(crate) fn merge_queued(&mut self, repo: u64, number: u64) -> Result<String, Trouble> {
        if !self.pull(repo, number)?.queued {
            return Err(Trouble::new(422, "it is not in the merge queue"));
        }
        let queue = Who::story("github-merge-queue[bot]");
        self.users.named(&queue.login);
        if let Some(pull) = self.pull_mut(repo, number) {
            pull.queued = false;
        }
        self.merge_pull(&queue, repo, number)
    }

    /// Takes it out of the queue unmerged.
    pub(crate) fn give_back(&mut self, repo: u64, number: u64) {
        let queue = Who::story("github-merge-queue[bot]");
        self.users.named(&queue.login);
        let pull = self.pull_mut(repo, number).filter(|pull| pull.queued);
        let Some(pull) = pull else { return };
        pull.queued = false;
        self.touch(repo, number);
        let (noted, extra) = ("removed_from_merge_queue", json!({}));
        self.note(repo, number, noted, &queue, extra);
        let extra = json!({"reason": "CI_FAILURE"});
        self.emit_item(repo, number, "dequeued", &queue, extra);
    }

    /// Has it merge by itself, or no longer; by whom.
    pub(crate) fn set_auto_merge(
        &mut self,
        who: &Who,
        repo: u64,
        (number, on): (u64, bool),
    ) -> Result<(), Trouble> {
        self.may(who, repo, "pull_requests", true)?;
        let pull = self.pull(repo, number)?;
        if pull.auto_merge.is_some() == on {
            return Ok(());
        }
        if let Some(pull) = self.pull_mut(repo, number) {
            pull.auto_merge = on.then(|| who.login.clone());
        }
        self.users.named(&who.login);
        self.touch(repo, number);
        let (noted, action) = if on {
            ("auto_merge_enabled", "auto_merge_enabled")
        } else {
            ("auto_merge_disabled", "auto_merge_disabled")
        };
        self.note(repo, number, noted, who, json!({}));
        self.emit_item(repo, number, action, who, json!({}));
        Ok(())
    }

    /// As a pull request shows who has it merge by itself.
    pub(crate) fn auto_merge_json(&self, by: Option<&String>) -> Value {
        by.map_or(Value::Null, |login| {
            json!({
                "enabled_by": self.users.json(login),
                "merge_method": "squash",
                "commit_title": "",
                "commit_message": "",
            })
        })
    }
}
