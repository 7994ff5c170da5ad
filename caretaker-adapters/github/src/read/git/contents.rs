//! What stands at a path.

use base64::{Engine, engine::general_purpose::STANDARD};
use caretaker_core::{
    model::{
        Listing, Revision, Sha,
        git::answer::{Contents, FileBody, TreeEntry, TreeKind},
    },
    ports::{Kind, PortError},
};
use serde::Deserialize;

use super::tree;
use crate::{
    address::escape,
    client::{Media, Request},
    error::unintelligible,
    scope::Scope,
};

const OP: &str = "forge.read.contents";
/// Entries of a folder that GitHub shows at most, and says nowhere that there are more.
const SHOWN: usize = 1_000;

#[derive(Debug, Deserialize)]
struct ContentShape {
    #[serde(rename = "type")]
    kind: String,
    sha: Sha,
    path: String,
    #[serde(default)]
    size: u64,
    /// `none` for a file of more than 1 MB.
    #[serde(default)]
    encoding: Option<String>,
    #[serde(default)]
    content: Option<String>,
    #[serde(default)]
    target: Option<String>,
    #[serde(default)]
    submodule_git_url: Option<String>,
    #[serde(default)]
    entries: Option<Vec<ContentShape>>,
}

/// `NotFound` where nothing stands there.
pub(crate) async fn at(scope: Scope<'_>, path: &str, at: &Revision) -> Result<Contents, PortError> {
    if path.is_empty() {
        return tree::root(scope, OP, at).await.map(Contents::Folder);
    }
    let rest = format!("/contents/{}?ref={}", escaped(path), escape(at.as_str()));
    let request = Request::read(OP, scope.path(&rest)).in_form(Media::Object);
    match scope.send(request).await {
        Ok(reply) => contents(reply.parse(OP)?),
        Err(error) if error.kind == Kind::Full => Ok(Contents::Huge),
        Err(error) => Err(error),
    }
}

/// Each segment for itself: a slash in a path is one.
fn escaped(path: &str) -> String {
    let parts: Vec<String> = path.split('/').map(escape).collect();
    parts.join("/")
}

fn contents(shape: ContentShape) -> Result<Contents, PortError> {
    if let Some(entries) = shape.entries {
        let complete = entries.len() < SHOWN;
        return Ok(Contents::Folder(Listing {
            rows: entries.into_iter().map(entry).collect(),
            complete,
        }));
    }
    match kind(&shape) {
        TreeKind::Folder => Err(unintelligible(OP, "a folder came without its entries")),
        TreeKind::Submodule => Ok(Contents::Submodule { at: shape.sha }),
        TreeKind::Symlink => Ok(Contents::Symlink {
            target: shape.target.unwrap_or_default(),
        }),
        TreeKind::File => Ok(Contents::File {
            size: shape.size,
            body: body(&shape)?,
            blob: shape.sha,
        }),
    }
}

fn body(shape: &ContentShape) -> Result<FileBody, PortError> {
    match shape.encoding.as_deref() {
        Some("base64") => {}
        Some("none") => return Ok(FileBody::TooLarge),
        _ => return Err(unintelligible(OP, "the file came in an unknown encoding")),
    }
    let packed = shape.content.as_deref().unwrap_or_default();
    let packed: String = packed.split_ascii_whitespace().collect();
    match STANDARD.decode(packed) {
        Ok(bytes) => Ok(FileBody::of_bytes(bytes)),
        Err(_) => Err(unintelligible(OP, "the file did not arrive whole")),
    }
}

fn entry(shape: ContentShape) -> TreeEntry {
    let kind = kind(&shape);
    TreeEntry {
        kind,
        size: (kind == TreeKind::File).then_some(shape.size),
        path: shape.path,
        sha: shape.sha,
    }
}

/// In a folder's list GitHub calls a submodule a file; only its address gives it away.
fn kind(shape: &ContentShape) -> TreeKind {
    match shape.kind.as_str() {
        "dir" => TreeKind::Folder,
        "symlink" => TreeKind::Symlink,
        "submodule" => TreeKind::Submodule,
        _ if shape.submodule_git_url.is_some() => TreeKind::Submodule,
        _ => TreeKind::File,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(more: &str) -> Result<Contents, PortError> {
        let sha = "a1".repeat(20);
        let text = format!(r#"{{"sha":"{sha}","path":"a","size":3,{more}}}"#);
        contents(serde_json::from_str(&text).unwrap())
    }

    fn body_of(more: &str) -> FileBody {
        match of(more).unwrap() {
            Contents::File { body, size: 3, .. } => body,
            other => panic!("no file: {other:?}"),
        }
    }

    #[test]
    fn text_binary_and_too_large_are_facts() {
        let file = |rest: &str| body_of(&format!(r#""type":"file",{rest}"#));
        let text = file(r#""encoding":"base64","content":"YW\nJj\n""#);
        assert_eq!(text, FileBody::Text("abc".to_owned()));
        let binary = file(r#""encoding":"base64","content":"YQBj""#);
        assert_eq!(binary, FileBody::Binary);
        let large = file(r#""encoding":"none","content":"""#);
        assert_eq!(large, FileBody::TooLarge);
    }

    #[test]
    fn half_a_file_is_no_file() {
        for rest in [
            r#""encoding":"base64","content":"YWJj!""#,
            r#""encoding":"rot13","content":"nop""#,
            r#""content":"abc""#,
        ] {
            assert!(of(&format!(r#""type":"file",{rest}"#)).is_err(), "{rest}");
        }
        assert!(of(r#""type":"dir""#).is_err());
    }

    #[test]
    fn links_and_submodules_are_told_apart() {
        let link = of(r#""type":"symlink","target":"b""#).unwrap();
        let target = "b".to_owned();
        assert_eq!(link, Contents::Symlink { target });
        let submodule = of(r#""type":"submodule","submodule_git_url":"x""#).unwrap();
        assert!(matches!(submodule, Contents::Submodule { .. }));
    }
}
