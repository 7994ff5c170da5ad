//! The repository's configuration file, as the default branch has it.

use caretaker_core::{
    config::PATH,
    model::{ConfigFile, Sha},
    ports::{Kind, PortError},
};
use serde::Deserialize;

use super::contents;
use crate::scope::Scope;

const OP: &str = "forge.read.config";

#[derive(Debug, Deserialize)]
struct CommitShape {
    sha: Sha,
}

/// The commit that changed the file last, and its text at that commit. `NotFound` where there
/// never was one, where that commit took it away, and in an empty repository.
pub(crate) async fn file(scope: Scope<'_>) -> Result<ConfigFile, PortError> {
    let commits: Vec<CommitShape> = scope
        .ask(OP, &format!("/commits?path={PATH}&per_page=1"))
        .await?;
    let Some(CommitShape { sha: commit }) = commits.into_iter().next() else {
        return Err(PortError::new(OP, Kind::NotFound));
    };
    let text = contents::text(scope, OP, PATH, &commit).await?;
    Ok(ConfigFile { commit, text })
}
