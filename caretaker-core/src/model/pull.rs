//! Pull request facts, and everything a merge evaluation looks at.

use serde::{Deserialize, Serialize};

use super::{AppId, Author, Branch, Check, Family, Item, Listing, RepoKey, Review, Sha, Timestamp};

/// A pull request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pull {
    /// What it shares with issues.
    pub item: Item,
    /// Tip of the branch that asks to be merged.
    pub head: Sha,
    /// Name of that branch.
    pub head_branch: Branch,
    /// Repository of that branch; `None` when it was deleted.
    pub head_repo: Option<RepoKey>,
    /// Branch that it asks to be merged into.
    pub base: Branch,
    /// Tip of the base branch as the forge computed the merge.
    pub base_sha: Sha,
    /// Whether head and base are in one repository.
    pub same_repository: bool,
    /// Whether it merges without conflict; `None` while the forge computes it.
    pub mergeable: Option<bool>,
    /// The forge's own summary of what stands against merging.
    pub merge_state: MergeState,
}

impl Pull {
    /// The author's family; pull requests from forks are everybody's, whoever wrote them.
    pub fn family(&self) -> Family {
        match &self.item.author {
            Author::Us if self.same_repository => Family::Caretaker,
            Author::Us => Family::Human,
            Author::Bot(actor) | Author::Human(actor) => {
                actor.family(false, self.same_repository, self.head_branch.as_str())
            }
        }
    }
}

/// What the forge says stands against merging.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MergeState {
    /// Nothing.
    Clean,
    /// Only optional checks.
    Unstable,
    /// Nothing, with pre-receive hooks.
    HasHooks,
    /// Protection of the base branch.
    Blocked,
    /// The head is behind the base and must not be.
    Behind,
    /// A conflict.
    Dirty,
    /// It is a draft.
    Draft,
    /// Not computed yet, or a word we do not know.
    Unknown,
}

/// Everything one evaluation of a pull request looks at, of one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The pull request.
    pub pull: Pull,
    /// Its reviews, oldest first.
    pub reviews: Listing<Review>,
    /// Check runs and commit statuses on its head; for each name and App only the newest.
    pub checks: Listing<Check>,
    /// What protection of the base branch requires; `None` when it could not be learned,
    /// which never means "nothing".
    pub required: Option<Required>,
    /// When the head arrived, as far as known: the youngest of push and check times, and of the
    /// opening of the pull request. Our own checks do not count, or publishing one would make the
    /// head young again.
    pub head_seen_at: Option<Timestamp>,
}

/// What the base branch's protection and rulesets require, taken together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent demands, as the branch's rules say them"
)]
pub struct Required {
    /// Checks that must pass.
    pub checks: Vec<RequiredCheck>,
    /// Whether the head must contain the base's tip.
    pub up_to_date: bool,
    /// Approvals demanded, as far as visible to us.
    pub approvals: u32,
    /// Whether code owners must approve.
    pub code_owners: bool,
    /// Whether a push dismisses approvals.
    pub dismiss_stale: bool,
    /// Whether changes go in through the merge queue only.
    #[serde(default, skip_serializing_if = "is_false")]
    pub queue: bool,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands over a reference"
)]
fn is_false(value: &bool) -> bool {
    !*value
}

/// A check that must pass.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RequiredCheck {
    /// Name of the check run, or context of the status.
    pub name: String,
    /// The only App whose result counts; `None` when anybody's does.
    pub app: Option<AppId>,
}

/// A branch's tip and whether the forge protects it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BranchTip {
    /// Where it points.
    pub sha: Sha,
    /// Whether protection or a ruleset covers it.
    pub protected: bool,
    /// Whether it is the repository's default branch.
    pub default: bool,
}
