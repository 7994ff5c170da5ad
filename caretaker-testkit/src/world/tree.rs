//! What stands in a commit: files, folders, whole trees.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use caretaker_core::model::digest;
use serde_json::{Value, json};

use super::World;
use super::commit::blob_sha;
use super::state::State;
use super::trouble::Trouble;

/// Entries of a tree that GitHub shows.
pub(crate) const SHOWN: usize = 100_000;
/// Entries of a folder that its contents show.
pub(crate) const FOLDER_SHOWN: usize = 1_000;
/// Bytes of a file that its contents show.
pub(crate) const FILE_SHOWN: usize = 1 << 20;

/// A file or folder in a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry<'a> {
    pub(crate) path: String,
    pub(crate) sha: String,
    /// The text of a file; a folder has none.
    pub(crate) text: Option<&'a str>,
}

/// What stands at a path.
pub(crate) enum Place<'a> {
    File(Entry<'a>),
    /// The folder's own path and what stands right in it.
    Folder(String, Vec<Entry<'a>>),
}

impl World {
    /// From now on a tree shows so many entries at most.
    pub fn tree_shown(&self, entries: usize) {
        self.with(|state| state.tree_shown = entries);
    }
}

/// Every file and folder, by path.
fn entries(files: &BTreeMap<String, String>) -> Vec<Entry<'_>> {
    let mut folders: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (path, text) in files {
        for (at, _) in path.match_indices('/') {
            folders
                .entry(&path[..at])
                .or_default()
                .extend([path, text.as_str()]);
        }
    }
    let folders = folders.into_iter().map(|(path, parts)| Entry {
        path: path.to_owned(),
        sha: digest(&parts)[..40].to_owned(),
        text: None,
    });
    let files = files.iter().map(|(path, text)| Entry {
        path: path.clone(),
        sha: blob_sha(text),
        text: Some(text),
    });
    let mut all: Vec<_> = folders.chain(files).collect();
    all.sort_by(|a, b| a.path.cmp(&b.path));
    all
}

/// A segment of a path as it stands in an address.
fn in_address(segment: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    segment.bytes().fold(String::new(), |mut text, byte| {
        if plain(byte) {
            text.push(char::from(byte));
        } else {
            text.extend(["%".to_owned(), format!("{byte:02X}")]);
        }
        text
    })
}

impl State {
    /// What stands in a commit, by path, and whether that is everything.
    pub(crate) fn tree_of(&self, sha: &str) -> Result<(Vec<Entry<'_>>, bool), Trouble> {
        let commit = self.commits.find(sha).map(|commit| &commit.files);
        let files = commit.or_else(|| self.files_in(sha));
        let mut all = entries(files.ok_or_else(Trouble::not_found)?);
        let complete = all.len() <= self.tree_shown;
        all.truncate(self.tree_shown);
        Ok((all, complete))
    }

    pub(crate) fn place(&self, sha: &str, path: &str) -> Result<Place<'_>, Trouble> {
        let commit = self.commits.find(sha).ok_or_else(Trouble::not_found)?;
        let all = entries(&commit.files);
        let mut here = None;
        let mut within = Vec::new();
        for entry in all {
            let rest = if path.is_empty() {
                Some(entry.path.as_str())
            } else {
                let rest = entry.path.strip_prefix(path);
                rest.and_then(|rest| rest.strip_prefix('/'))
            };
            if rest.is_some_and(|rest| !rest.contains('/')) {
                within.push(entry);
            } else if entry.path == path && entry.text.is_some() {
                here = Some(entry);
            }
        }
        match here {
            Some(file) => Ok(Place::File(file)),
            None if within.is_empty() => Err(Trouble::not_found()),
            None => {
                within.truncate(FOLDER_SHOWN);
                Ok(Place::Folder(path.to_owned(), within))
            }
        }
    }

    /// As `GET /contents` shows it; a folder as an object only where that is asked for.
    pub(crate) fn contents_json(
        &self,
        repo: u64,
        wanted: &str,
        place: &Place<'_>,
        object: bool,
    ) -> Value {
        match place {
            Place::File(file) => {
                let mut json = self.entry_json(repo, wanted, file);
                let text = file.text.unwrap_or_default();
                let large = text.len() > FILE_SHOWN;
                // GitHub breaks the encoded text into lines.
                let encoded = STANDARD.encode(text);
                let lines = encoded.as_bytes().chunks(60);
                let lines: Vec<_> = lines.map(String::from_utf8_lossy).collect();
                json["encoding"] = json!(if large { "none" } else { "base64" });
                json["content"] = if large {
                    json!("")
                } else {
                    json!(format!("{}\n", lines.join("\n")))
                };
                json
            }
            Place::Folder(path, rows) => {
                let rows = rows.iter().map(|row| self.entry_json(repo, wanted, row));
                let rows: Vec<_> = rows.collect();
                if !object {
                    return json!(rows);
                }
                let folder = Entry {
                    path: path.clone(),
                    sha: digest(&["folder", path])[..40].to_owned(),
                    text: None,
                };
                let mut json = self.entry_json(repo, wanted, &folder);
                json["entries"] = json!(rows);
                json
            }
        }
    }

    fn entry_json(&self, repo: u64, wanted: &str, entry: &Entry<'_>) -> Value {
        let place = entry.path.split('/').map(in_address).collect::<Vec<_>>();
        let url = format!(
            "{}/contents/{}?ref={wanted}",
            self.repo_url(repo),
            place.join("/")
        );
        let kind = if entry.text.is_some() {
            "blobs"
        } else {
            "trees"
        };
        let git = format!("{}/git/{kind}/{}", self.repo_url(repo), entry.sha);
        json!({
            "type": if entry.text.is_some() { "file" } else { "dir" },
            "size": entry.text.map_or(0, str::len),
            "name": entry.path.rsplit('/').next(),
            "path": entry.path,
            "sha": entry.sha,
            "url": url,
            "git_url": git,
            "html_url": url,
            "download_url": null,
            "_links": {"self": url, "git": git, "html": url},
        })
    }

    /// As `GET /git/trees` shows it.
    pub(crate) fn tree_json(&self, repo: u64, sha: &str, deep: bool) -> Result<Value, Trouble> {
        let url = format!("{}/git", self.repo_url(repo));
        let (all, complete) = self.tree_of(sha)?;
        let rows = all.iter().filter(|entry| deep || !entry.path.contains('/'));
        let rows = rows.map(|entry| {
            let (mode, kind, kinds) = match entry.text {
                Some(_) => ("100644", "blob", "blobs"),
                None => ("040000", "tree", "trees"),
            };
            let mut row = json!({
                "path": entry.path,
                "mode": mode,
                "type": kind,
                "sha": entry.sha,
                "url": format!("{url}/{kinds}/{}", entry.sha),
            });
            if let Some(text) = entry.text {
                row["size"] = json!(text.len());
            }
            row
        });
        Ok(json!({
            "sha": blob_sha(sha),
            "url": format!("{url}/trees/{sha}"),
            "tree": rows.collect::<Vec<_>>(),
            "truncated": !complete,
        }))
    }

    /// A branch as the list of branches shows it.
    pub(crate) fn branch_row_json(&self, repo: u64, name: &str) -> Option<Value> {
        let branch = self.repo(repo).branches.get(name)?;
        let url = self.repo_url(repo);
        Some(json!({
            "name": name,
            "commit": {"sha": branch.sha, "url": format!("{url}/commits/{}", branch.sha)},
            "protected": branch.is_protected(),
        }))
    }
}
