//! Text files as they stand at a commit.

use base64::{Engine, engine::general_purpose::STANDARD};
use caretaker_core::{model::Sha, ports::PortError};
use serde::Deserialize;

use crate::{error::unintelligible, scope::Scope};

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

/// The text at a path of ours, which needs no escaping. `NotFound` where nothing stands there.
pub(super) async fn text(
    scope: Scope<'_>,
    op: &'static str,
    path: &str,
    at: &Sha,
) -> Result<String, PortError> {
    let file: FileShape = scope.ask(op, &format!("/contents/{path}?ref={at}")).await?;
    if file.kind != "file" || file.encoding != "base64" {
        return Err(unintelligible(
            op,
            format!("{path} must be a plain file under 1 MB"),
        ));
    }
    let packed: String = file.content.split_ascii_whitespace().collect();
    let Ok(bytes) = STANDARD.decode(packed) else {
        return Err(unintelligible(op, format!("{path} did not arrive whole")));
    };
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
