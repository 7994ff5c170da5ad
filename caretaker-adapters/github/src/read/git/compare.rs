//! How far two commits have come apart.

use caretaker_core::{
    model::{
        Listing, Sha,
        git::answer::{Comparison, FileChange, FileFate},
    },
    ports::PortError,
};
use serde::Deserialize;

use crate::{address::escape, scope::Scope};

/// Files that GitHub shows of one comparison at most, and says nowhere that there are more.
const SHOWN: usize = 300;

#[derive(Debug, Deserialize)]
struct CompareShape {
    base_commit: ShaShape,
    merge_base_commit: ShaShape,
    ahead_by: u32,
    behind_by: u32,
    #[serde(default)]
    files: Vec<FileShape>,
}

#[derive(Debug, Deserialize)]
struct ShaShape {
    sha: Sha,
}

#[derive(Debug, Deserialize)]
struct FileShape {
    filename: String,
    #[serde(default)]
    previous_filename: Option<String>,
    status: String,
    additions: u32,
    deletions: u32,
}

/// Files stand on the first page, commits on all of them; the commits are only counted.
pub(crate) async fn of(scope: Scope<'_>, base: &str, head: &str) -> Result<Comparison, PortError> {
    const OP: &str = "forge.read.compare";
    let ends = format!("{}...{}", escape(base), escape(head));
    let shape: CompareShape = scope
        .ask(OP, &format!("/compare/{ends}?per_page=1"))
        .await?;
    let complete = shape.files.len() < SHOWN;
    let rows = shape.files.into_iter().map(|file| FileChange {
        path: file.filename,
        previous: file.previous_filename,
        how: fate(&file.status),
        additions: file.additions,
        deletions: file.deletions,
    });
    Ok(Comparison {
        base: shape.base_commit.sha,
        merge_base: shape.merge_base_commit.sha,
        ahead: shape.ahead_by,
        behind: shape.behind_by,
        files: Listing {
            rows: rows.collect(),
            complete,
        },
    })
}

fn fate(word: &str) -> FileFate {
    match word {
        "added" => FileFate::Added,
        "removed" => FileFate::Removed,
        "modified" => FileFate::Modified,
        "renamed" => FileFate::Renamed,
        "copied" => FileFate::Copied,
        "unchanged" => FileFate::Unchanged,
        _ => FileFate::Changed,
    }
}
