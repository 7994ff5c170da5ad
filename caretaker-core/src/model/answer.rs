//! Answers, in one enum with one variant for each shape.

use serde::{Deserialize, Serialize};

use super::{
    Act, AlertAnswer, Author, BranchTip, CiAnswer, GitAnswer, IssueAnswer, Item, Json, Login,
    Number, Pause, Pull, RepositoryAnswer, ReviewAnswer, Sha, Snapshot,
};

/// A listing that knows whether it is whole. An incomplete one never permits an act.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing<T> {
    /// What was read.
    pub rows: Vec<T>,
    /// Whether that is all there is.
    pub complete: bool,
}

impl<T> Listing<T> {
    /// A listing read to its end.
    pub fn whole(rows: Vec<T>) -> Self {
        Self {
            rows,
            complete: true,
        }
    }
}

/// One page of open items.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// Items in ascending order of creation.
    pub rows: Vec<Item>,
    /// Cursor of the next page; `None` at the end.
    pub next: Option<String>,
}

/// The configuration file as the default branch has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigFile {
    /// The commit that changed the file last.
    pub commit: Sha,
    /// Its text; not UTF-8 is replaced, so that the parser reports it.
    pub text: String,
}

/// A file that a pull request changes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ChangedFile {
    /// Where it stands at the head; where it stood, if the change deletes it.
    pub path: String,
    /// Where it stood before, if the change moves it: both places are touched.
    pub previous: Option<String>,
}

/// The file that names code owners: of the places GitHub knows, the first that holds one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeOwnersFile {
    /// Where it stands.
    pub path: String,
    /// Its text; not UTF-8 is replaced.
    pub text: String,
}

/// Where GitHub looks for code owners, in this order; only the first that is there counts.
pub const CODE_OWNERS: &[&str] = &[".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"];

/// What an account may do in a repository; each includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// Nothing, or a word we do not know.
    None,
    /// Look and comment.
    Read,
    /// Label, assign and close.
    Triage,
    /// Push and merge.
    Write,
    /// Settings short of the dangerous ones.
    Maintain,
    /// Everything.
    Admin,
}

impl Permission {
    /// Reads GitHub's word; `None` (of the option) for a role that an organisation made up.
    pub fn of_word(word: &str) -> Option<Self> {
        match word {
            "none" => Some(Self::None),
            "read" => Some(Self::Read),
            "triage" => Some(Self::Triage),
            "write" => Some(Self::Write),
            "maintain" => Some(Self::Maintain),
            "admin" => Some(Self::Admin),
            _ => None,
        }
    }
}

/// A value of our memory with its version, for compare-and-set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Versioned {
    /// Grows by one with each change, from 1.
    pub version: u64,
    /// The value.
    pub value: Json,
}

/// Why a question has no answer. Recorded, so that replay sees it too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// We may not see it.
    Denied,
    /// The source asked us to wait.
    RateLimited,
    /// The source did not answer.
    Unavailable,
    /// The source refused the question as malformed: a defect of ours.
    Invalid,
    /// The answer could not be understood.
    Corrupt,
}

/// An answer too large to stand in a record; its text is stored once by content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlobRef {
    /// SHA-256 of the answer's canonical JSON, in hex.
    pub sha256: String,
    /// Length of that text in bytes.
    pub bytes: u64,
}

/// The answer to one [`super::Query`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "a", content = "v", rename_all = "snake_case")]
pub enum Answer {
    /// An item.
    Item(Item),
    /// A pull request.
    Pull(Box<Pull>),
    /// All a merge evaluation needs.
    Snapshot(Box<Snapshot>),
    /// What happened to an item.
    Activity(Listing<Act>),
    /// A page of open items.
    OpenItems(Page),
    /// Numbers of pull requests.
    Pulls(Listing<Number>),
    /// A branch.
    Branch(BranchTip),
    /// The configuration file.
    ConfigFile(ConfigFile),
    /// The files that a pull request changes.
    Files(Listing<ChangedFile>),
    /// Authors and committers of a pull request's commits, each once, in the order of the
    /// commits. Incomplete where a commit belongs to no account: who made it is not known.
    Authors(Listing<Author>),
    /// The file that names code owners.
    CodeOwners(CodeOwnersFile),
    /// The members of a team.
    Members(Listing<Login>),
    /// What an account may do.
    Permission(Permission),
    /// To a question about commits, trees, files and branches.
    Git(Box<GitAnswer>),
    /// To a question about reviews.
    Review(Box<ReviewAnswer>),
    /// About checks and workflows.
    Ci(Box<CiAnswer>),
    /// To a question about talk, and about what sorts items.
    Issue(Box<IssueAnswer>),
    /// To a question about alerts.
    Alert(Box<AlertAnswer>),
    /// To a question about the repository as a whole.
    Repository(Box<RepositoryAnswer>),
    /// A value of our memory, or that there is none.
    State(Option<Versioned>),
    /// The pause in force, or that there is none.
    Pause(Option<Pause>),
    /// There is no such thing; a fact.
    Missing,
    /// The source failed; not a fact about the thing.
    Failed(Failure),
    /// The answer stands elsewhere, by content.
    Stored(BlobRef),
}
