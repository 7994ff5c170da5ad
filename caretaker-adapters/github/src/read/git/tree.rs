//! Everything that stands in a commit.

use caretaker_core::{
    model::{
        Listing, Revision, Sha,
        git::answer::{TreeEntry, TreeKind},
    },
    ports::PortError,
};
use serde::Deserialize;

use crate::{address::escape, scope::Scope};

#[derive(Debug, Deserialize)]
struct TreeShape {
    tree: Vec<EntryShape>,
    truncated: bool,
}

#[derive(Debug, Deserialize)]
struct EntryShape {
    path: String,
    mode: String,
    sha: Sha,
    #[serde(default)]
    size: Option<u64>,
}

/// GitHub stops at 100 000 entries or 7 MB, and says so.
pub(super) async fn at(scope: Scope<'_>, sha: &Sha) -> Result<Listing<TreeEntry>, PortError> {
    const OP: &str = "forge.read.tree";
    read(scope, OP, &format!("/git/trees/{sha}?recursive=1")).await
}

/// What stands right in the root, which has no path of its own.
pub(super) async fn root(
    scope: Scope<'_>,
    op: &'static str,
    at: &Revision,
) -> Result<Listing<TreeEntry>, PortError> {
    read(scope, op, &format!("/git/trees/{}", escape(at.as_str()))).await
}

async fn read(
    scope: Scope<'_>,
    op: &'static str,
    rest: &str,
) -> Result<Listing<TreeEntry>, PortError> {
    let shape: TreeShape = scope.ask(op, rest).await?;
    let rows = shape.tree.into_iter().map(|entry| {
        let kind = kind(&entry.mode);
        TreeEntry {
            kind,
            size: entry.size.filter(|_| kind == TreeKind::File),
            path: entry.path,
            sha: entry.sha,
        }
    });
    Ok(Listing {
        rows: rows.collect(),
        complete: !shape.truncated,
    })
}

/// By git's own mode; GitHub's `type` does not tell a link from a file.
fn kind(mode: &str) -> TreeKind {
    match mode {
        "040000" => TreeKind::Folder,
        "120000" => TreeKind::Symlink,
        "160000" => TreeKind::Submodule,
        _ => TreeKind::File,
    }
}
