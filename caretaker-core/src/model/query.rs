//! Questions about the world. Closed and ordered: a question is also the key of its answer.

mod examples;
mod spelled;
mod words;

use serde::{Deserialize, Serialize};

pub use spelled::Unspelled;

use super::{
    AlertQuery, Branch, CiQuery, GitQuery, IssueQuery, Login, Number, RepositoryQuery, ReviewQuery,
    Sha,
};

/// One question.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "from", content = "q", rename_all = "snake_case")]
pub enum Query {
    /// To the forge.
    Forge(ForgeQuery),
    /// To our own memory of the repository, by key.
    State(String),
    /// Whether an operator has paused the repository, or everything. Answer: [`super::Pause`] or
    /// that there is none.
    Pause,
}

/// What the forge can be asked about one repository.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "get", content = "v", rename_all = "snake_case")]
pub enum ForgeQuery {
    /// An issue or pull request as an item. Answer: [`super::Item`].
    Item(Number),
    /// A pull request. Answer: [`super::Pull`].
    Pull(Number),
    /// All a merge evaluation needs. Answer: [`super::Snapshot`].
    Snapshot(Number),
    /// What happened to an item, oldest first. Answer: listing of [`super::Act`].
    Activity(Number),
    /// A page of open items by ascending creation. Answer: [`super::Page`].
    OpenItems {
        /// The forge's opaque cursor of the page before; `None` for the first page.
        after: Option<String>,
        /// Rows at most, up to 100.
        limit: u32,
    },
    /// Open pull requests whose head is this commit. Answer: listing of numbers.
    PullsOfCommit(Sha),
    /// Open pull requests from a branch of this repository. Answer: listing of numbers.
    PullsOfHead(Branch),
    /// A branch. Answer: [`super::BranchTip`].
    Branch(Branch),
    /// The configuration file on the default branch. Answer: [`super::ConfigFile`].
    ConfigFile,
    /// The files that a pull request changes. Answer: listing of [`super::ChangedFile`].
    Files(Number),
    /// Authors and committers of a pull request's commits. Answer: listing of [`super::Author`].
    Authors(Number),
    /// The file that names code owners on a branch. Answer: [`super::CodeOwnersFile`].
    CodeOwners(Branch),
    /// The members of a team, those of its child teams among them. Answer: listing of logins.
    Members {
        /// The organisation.
        org: Login,
        /// The team's short name, as it stands in mentions.
        team: String,
    },
    /// What an account may do in the repository, at this moment. Answer: [`super::Permission`].
    Permission(Login),
    /// Commits, trees, files and branches. Answer: [`super::GitAnswer`].
    Git(GitQuery),
    /// Reviews of a pull request and what was said in them. Answer: [`super::ReviewAnswer`].
    Review(ReviewQuery),
    /// About checks and workflows. Answer: [`super::CiAnswer`].
    Ci(CiQuery),
    /// Talk, and what sorts items. Answer: [`super::IssueAnswer`].
    Issue(IssueQuery),
    /// What scanners have found. Answer: [`super::AlertAnswer`].
    Alert(AlertQuery),
    /// The repository as a whole. Answer: [`super::RepositoryAnswer`].
    Repository(RepositoryQuery),
}

impl ForgeQuery {
    /// Whether it is about a head that the answer does not name, so that an adapter has to ask it
    /// after what does name one (see [`crate::ports::Forge::read`]).
    pub fn is_read_late(&self) -> bool {
        match self {
            Self::Files(_) | Self::Authors(_) => true,
            Self::Git(query) => query.is_read_late(),
            Self::Item(_)
            | Self::Pull(_)
            | Self::Snapshot(_)
            | Self::Activity(_)
            | Self::OpenItems { .. }
            | Self::PullsOfCommit(_)
            | Self::PullsOfHead(_)
            | Self::Branch(_)
            | Self::ConfigFile
            | Self::CodeOwners(_)
            | Self::Members { .. }
            | Self::Permission(_)
            | Self::Review(_)
            | Self::Ci(_)
            | Self::Issue(_)
            | Self::Alert(_)
            | Self::Repository(_) => false,
        }
    }
}
