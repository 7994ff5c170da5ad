//! What a pull request changes, and whose the files of a branch are.

use caretaker_core::{
    model::{Branch, CODE_OWNERS, ChangedFile, CodeOwnersFile, Listing, Number},
    ports::{Kind, PortError},
};
use serde::Deserialize;

use super::{branches, contents};
use crate::scope::Scope;

/// Files that GitHub shows of one pull request at most, and says nowhere that there are more.
const SHOWN: usize = 3_000;

#[derive(Debug, Deserialize)]
struct FileShape {
    filename: String,
    /// Only of a file that was renamed.
    #[serde(default)]
    previous_filename: Option<String>,
}

/// The files of a pull request, as its current head changes them.
pub(crate) async fn changed(
    scope: Scope<'_>,
    number: Number,
) -> Result<Listing<ChangedFile>, PortError> {
    const OP: &str = "forge.read.files";
    let listing: Listing<FileShape> = scope
        .list(OP, &format!("/pulls/{number}/files?per_page=100"))
        .await?;
    let complete = listing.complete && listing.rows.len() < SHOWN;
    let rows = listing.rows.into_iter().map(|file| ChangedFile {
        path: file.filename,
        previous: file.previous_filename,
    });
    Ok(Listing {
        rows: rows.collect(),
        complete,
    })
}

/// The file that names code owners on a branch. All places are looked at in one commit, so that a
/// file on its way from one to another is not missed. A branch that is gone is no branch without
/// such a file: it was renamed or deleted since somebody saw it, and has to be looked at again.
pub(crate) async fn code_owners(
    scope: Scope<'_>,
    branch: &Branch,
) -> Result<CodeOwnersFile, PortError> {
    const OP: &str = "forge.read.code_owners";
    let at = branches::sha(scope, OP, branch).await;
    let at = at.map_err(|error| match error.kind {
        Kind::NotFound => PortError::new(OP, Kind::Conflict).detail("the branch is gone"),
        _ => error,
    })?;
    for path in CODE_OWNERS {
        match contents::text(scope, OP, path, &at).await {
            Ok(text) => {
                return Ok(CodeOwnersFile {
                    path: (*path).to_owned(),
                    text,
                });
            }
            Err(error) if error.kind == Kind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Err(PortError::new(OP, Kind::NotFound))
}
