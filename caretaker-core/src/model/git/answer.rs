//! What is known about commits, trees, files and branches. Texts and names come from outside.

use serde::{Deserialize, Serialize};

use super::rules::BranchRules;
use crate::model::{Author, Branch, Listing, Sha, Timestamp};

/// The answer to a [`super::query::GitQuery`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "a", content = "v", rename_all = "snake_case")]
pub enum GitAnswer {
    /// What a pull request changes.
    Diff(Diff),
    /// Commits, oldest first.
    Commits(Listing<Commit>),
    /// How far two commits have come apart.
    Compare(Comparison),
    /// What stands at a path.
    Contents(Contents),
    /// What stands in a tree.
    Tree(Listing<TreeEntry>),
    /// What a branch demands.
    Rules(BranchRules),
    /// Branches.
    Branches(Listing<BranchRow>),
}

/// What a pull request changes, line by line, as `git diff` writes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diff {
    /// The text; whole files only where it is cut. Not UTF-8 is replaced.
    pub text: String,
    /// Whether that is all there is. False and empty where the forge shows nothing because it is
    /// too much.
    pub complete: bool,
}

impl Diff {
    /// Bytes kept at most.
    pub const BOUND: usize = 4 << 20;

    /// Takes as much of a text as is kept: up to the beginning of the last file that is not whole.
    /// `complete` says whether the text itself is all there is.
    pub fn bounded(text: &str, complete: bool) -> Self {
        let cut = !complete || text.len() > Self::BOUND;
        let end = text.floor_char_boundary(Self::BOUND);
        let kept = if cut {
            let whole = &text[..end.min(text.len())];
            // The first file begins the text; one alone that does not fit is nothing.
            &whole[..whole.rfind("\ndiff --git ").map_or(0, |at| at + 1)]
        } else {
            text
        };
        Self {
            text: kept.to_owned(),
            complete: !cut,
        }
    }
}

/// A commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commit {
    /// Its hash.
    pub sha: Sha,
    /// What it builds on; several for a merge, none for a first one.
    pub parents: Vec<Sha>,
    /// Whose change it is; `None` where its address belongs to no account.
    pub author: Option<Author>,
    /// Who made the commit; `None` where its address belongs to no account.
    pub committer: Option<Author>,
    /// When the change was written, by the author's own clock.
    pub authored_at: Timestamp,
    /// When the commit was made, by the committer's own clock.
    pub committed_at: Timestamp,
    /// Whether the forge vouches for its signature.
    pub verified: bool,
    /// What it says.
    pub message: String,
}

/// How far two commits have come apart since they were one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// The commit that is compared with.
    pub base: Sha,
    /// The youngest commit that both contain.
    pub merge_base: Sha,
    /// Commits of the head that the base lacks.
    pub ahead: u32,
    /// Commits of the base that the head lacks.
    pub behind: u32,
    /// The files that differ between the merge base and the head.
    pub files: Listing<FileChange>,
}

/// A file that differs between two commits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileChange {
    /// Where it stands after the change; where it stood, if that deletes it.
    pub path: String,
    /// Where it stood before, if the change moves it.
    pub previous: Option<String>,
    /// What happened to it.
    pub how: FileFate,
    /// Lines that came.
    pub additions: u32,
    /// Lines that went.
    pub deletions: u32,
}

/// What a change did to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileFate {
    /// It came.
    Added,
    /// It went.
    Removed,
    /// It says something else.
    Modified,
    /// It moved, and may say something else.
    Renamed,
    /// It came as a copy of another.
    Copied,
    /// It changed in another way: its mode, its type, or a word of the forge we do not know.
    Changed,
    /// It is as it was.
    Unchanged,
}

/// What stands at a path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", content = "v", rename_all = "snake_case")]
pub enum Contents {
    /// A file.
    File {
        /// Hash of what is in it.
        blob: Sha,
        /// Its size in bytes.
        size: u64,
        /// What is in it.
        body: FileBody,
    },
    /// A file of which the forge tells nothing more, because it is too large (100 MB).
    Huge,
    /// A folder with what stands right in it; its `complete` is false for more than a thousand.
    Folder(Listing<TreeEntry>),
    /// A link to another path.
    Symlink {
        /// Where it points.
        target: String,
    },
    /// Another repository at one of its commits.
    Submodule {
        /// That commit.
        at: Sha,
    },
}

/// What is in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", content = "v", rename_all = "snake_case")]
pub enum FileBody {
    /// A text.
    Text(String),
    /// No text: it is not UTF-8, or has a zero byte.
    Binary,
    /// More than the forge hands out this way (1 MB).
    TooLarge,
}

impl FileBody {
    /// A text where the bytes are one.
    pub fn of_bytes(bytes: Vec<u8>) -> Self {
        if bytes.contains(&0) {
            return Self::Binary;
        }
        String::from_utf8(bytes).map_or(Self::Binary, Self::Text)
    }
}

/// An entry of a tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TreeEntry {
    /// From the root.
    pub path: String,
    /// What it is.
    pub kind: TreeKind,
    /// Hash of what is in it.
    pub sha: Sha,
    /// Bytes of a file; `None` for anything else.
    pub size: Option<u64>,
}

/// What an entry of a tree is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TreeKind {
    /// A file.
    File,
    /// A folder.
    Folder,
    /// A link to another path.
    Symlink,
    /// Another repository.
    Submodule,
}

/// A branch in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BranchRow {
    /// Its name.
    pub name: Branch,
    /// Where it points.
    pub sha: Sha,
    /// Whether protection or a ruleset covers it.
    pub protected: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, lines: usize) -> String {
        let body = "+ü line of text\n".repeat(lines);
        format!("diff --git a/{name} b/{name}\n@@ -0,0 +1 @@\n{body}")
    }

    #[test]
    fn a_difference_is_cut_between_files() {
        let (first, second) = (file("a", 10), file("b", Diff::BOUND / 16));
        let both = first.clone() + &second;
        let cut = Diff::bounded(&both, true);
        assert_eq!((cut.text.as_str(), cut.complete), (first.as_str(), false));
        let small = Diff::bounded(&first, true);
        assert_eq!(
            (small.text.as_str(), small.complete),
            (first.as_str(), true)
        );
    }

    #[test]
    fn what_arrived_in_part_keeps_its_whole_files() {
        let first = file("a", 10);
        let part = first.clone() + &file("b", 10);
        let cut = Diff::bounded(&part, false);
        assert_eq!((cut.text.as_str(), cut.complete), (first.as_str(), false));
        assert_eq!(Diff::bounded(&first, false).text, "");
    }

    #[test]
    fn a_zero_byte_makes_no_text() {
        assert_eq!(FileBody::of_bytes(vec![97, 0]), FileBody::Binary);
        assert_eq!(FileBody::of_bytes(vec![0xff]), FileBody::Binary);
        assert_eq!(
            FileBody::of_bytes(b"a".to_vec()),
            FileBody::Text("a".to_owned())
        );
    }
}
