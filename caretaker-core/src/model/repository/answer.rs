//! What is known about the repository as a whole.

use serde::{Deserialize, Serialize};

use crate::model::{Branch, Listing, RemoteId, Sha, Timestamp};

/// The answer to a [`super::RepositoryQuery`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "a", content = "v", rename_all = "snake_case")]
pub enum RepositoryAnswer {
    /// How it is set up.
    Settings(RepositorySettings),
    /// Its releases.
    Releases(Listing<Release>),
    /// Its tags.
    Tags(Listing<Tag>),
}

/// How a repository is set up. What GitHub does not tell us is `None`, which permits nothing: who
/// may not write learns nothing of how it merges.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "settings as the forge has them, each on its own"
)]
pub struct RepositorySettings {
    /// The branch that others are measured against.
    pub default_branch: Branch,
    /// Who sees it.
    pub visibility: Visibility,
    /// Whether it is read-only.
    pub archived: bool,
    /// Whether GitHub has closed it.
    pub disabled: bool,
    /// Whether it began as a copy of another.
    pub fork: bool,
    /// Whether issues are on.
    pub has_issues: bool,
    /// Whether discussions are on.
    pub has_discussions: Option<bool>,
    /// Whether pull requests may be merged by a merge commit.
    pub allow_merge_commit: Option<bool>,
    /// Whether they may be squashed.
    pub allow_squash_merge: Option<bool>,
    /// Whether they may be rebased.
    pub allow_rebase_merge: Option<bool>,
    /// Whether GitHub merges by itself what becomes ready, where asked to.
    pub allow_auto_merge: Option<bool>,
    /// Whether the branch of a merged pull request goes by itself.
    pub delete_branch_on_merge: Option<bool>,
}

/// Who sees a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Everybody.
    Public,
    /// Everybody of the enterprise.
    Internal,
    /// Whom it was shown to. Words that we do not know count as this one.
    Private,
}

impl Visibility {
    /// GitHub's word.
    pub fn of_word(word: &str) -> Self {
        match word {
            "public" => Self::Public,
            "internal" => Self::Internal,
            _ => Self::Private,
        }
    }
}

/// A release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// Its number.
    pub id: RemoteId,
    /// The tag that it stands for.
    pub tag: String,
    /// What it is called.
    pub name: Option<String>,
    /// Whether it is announced as unfinished.
    pub prerelease: bool,
    /// When it was published.
    pub published_at: Timestamp,
}

/// A tag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tag {
    /// Its name.
    pub name: String,
    /// The commit that it leads to.
    pub sha: Sha,
}
