//! The repository's configuration file, as the default branch has it.

use base64::{Engine, engine::general_purpose::STANDARD};
use caretaker_core::{
    config::PATH,
    model::{ConfigFile, Sha},
    ports::{Kind, PortError},
};
use serde::Deserialize;

use crate::{error::unintelligible, scope::Scope};

const OP: &str = "forge.read.config";

#[derive(Debug, Deserialize)]
struct CommitShape {
    sha: Sha,
}

/// A file; a directory is an array and does not parse as one.
#[derive(Debug, Deserialize)]
struct FileShape {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    encoding: String,
    #[serde(default)]
    content: String,
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
    let file: FileShape = scope
        .ask(OP, &format!("/contents/{PATH}?ref={commit}"))
        .await?;
    if file.kind != "file" || file.encoding != "base64" {
        return Err(unintelligible(
            OP,
            format!("{PATH} must be a plain file under 1 MB"),
        ));
    }
    let packed: String = file.content.split_ascii_whitespace().collect();
    let Ok(bytes) = STANDARD.decode(packed) else {
        return Err(unintelligible(OP, format!("{PATH} did not arrive whole")));
    };
    Ok(ConfigFile {
        commit,
        text: String::from_utf8_lossy(&bytes).into_owned(),
    })
}
