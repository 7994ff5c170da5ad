//! One commit on top of a branch, made of git's own objects: a tree, a commit, then the branch.
//!
//! Until the branch moves nobody sees any of it, and it moves forward only, so what somebody
//! pushed meanwhile is never lost.

use std::collections::BTreeMap;

use caretaker_core::{
    model::{
        Revision, Sha,
        git::{
            action::{CommitFiles, FileEdit},
            answer::{Contents, FileBody},
        },
    },
    ports::{Kind, PortError},
};
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    address::escape,
    error::unintelligible,
    read::git::contents,
    scope::Scope,
    write::{IfRefused, Plan, Step, branches},
};

const OP: &str = "forge.write.commit";
/// A plain file; what is executable or a link stays so.
const PLAIN: &str = "100644";

#[derive(Debug, Deserialize)]
struct CompareShape {
    status: String,
    commits: Vec<ChildShape>,
}

#[derive(Debug, Deserialize)]
struct ChildShape {
    sha: Sha,
    commit: MessageShape,
    parents: Vec<ShaShape>,
}

#[derive(Debug, Deserialize)]
struct MessageShape {
    message: String,
}

#[derive(Debug, Deserialize)]
struct ShaShape {
    sha: Sha,
}

#[derive(Debug, Deserialize)]
struct CommitShape {
    tree: ShaShape,
}

#[derive(Debug, Deserialize)]
struct TreeShape {
    tree: Vec<EntryShape>,
}

#[derive(Debug, Deserialize)]
struct EntryShape {
    path: String,
    mode: String,
}

pub(super) async fn plan(scope: Scope<'_>, commit: &CommitFiles) -> Result<Plan, PortError> {
    if commit.files.is_empty() {
        return Err(PortError::new(OP, Kind::Invalid).detail("a commit needs a file"));
    }
    let moved = || PortError::new(OP, Kind::Refused(409)).detail("the branch has moved");
    match branches::tip(scope, OP, &commit.branch).await? {
        None => Err(PortError::new(OP, Kind::Refused(404)).detail("there is no such branch")),
        Some(tip) if tip == commit.expect => steps(scope, commit).await,
        Some(tip) if is_made(scope, commit, &tip).await? => Ok(Plan::nothing()),
        Some(_) => Err(moved()),
    }
}

async fn steps(scope: Scope<'_>, commit: &CommitFiles) -> Result<Plan, PortError> {
    let parent = &commit.expect;
    let known: CommitShape = scope.ask(OP, &format!("/git/commits/{parent}")).await?;
    let base = known.tree.sha;
    // Cut off only beyond a hundred thousand files; the rest counts as plain.
    let tree: TreeShape = scope
        .ask(OP, &format!("/git/trees/{base}?recursive=1"))
        .await?;
    let modes: BTreeMap<String, String> = tree
        .tree
        .into_iter()
        .map(|entry| (entry.path, entry.mode))
        .collect();
    let entries: Vec<Value> = commit
        .files
        .iter()
        .map(|file| entry(file, modes.get(&file.path)))
        .collect();
    let step = |method, rest: String, body| Step {
        op: OP,
        method,
        rest,
        body: Some(body),
        done: &[],
    };
    let branch = escape(commit.branch.as_str());
    Ok(Plan {
        steps: vec![
            step(
                Method::POST,
                "/git/trees".to_owned(),
                json!({ "base_tree": base.as_str(), "tree": entries }),
            ),
            step(
                Method::POST,
                "/git/commits".to_owned(),
                json!({
                    "message": commit.message,
                    "tree": "",
                    "parents": [parent.as_str()],
                }),
            ),
            step(
                Method::PATCH,
                format!("/git/refs/heads/{branch}"),
                json!({ "sha": "", "force": false }),
            ),
        ],
        hands_on: &["/tree", "/sha"],
        refused: IfRefused::LookAgain,
        ..Plan::nothing()
    })
}

fn entry(file: &FileEdit, mode: Option<&String>) -> Value {
    let mode = mode.map_or(PLAIN, String::as_str);
    let mut entry = json!({ "path": file.path, "mode": mode, "type": "blob" });
    match &file.text {
        Some(text) => entry["content"] = json!(text),
        None => entry["sha"] = Value::Null,
    }
    entry
}

/// Whether a child of the expected parent that the branch contains says the same.
async fn is_made(scope: Scope<'_>, commit: &CommitFiles, tip: &Sha) -> Result<bool, PortError> {
    let path = format!("/compare/{}...{tip}?per_page=100", commit.expect);
    let since: CompareShape = scope.ask(OP, &path).await?;
    if since.status != "ahead" {
        return Ok(false);
    }
    let is_child = |child: &&ChildShape| {
        matches!(&child.parents[..], [only] if only.sha == commit.expect)
            && child.commit.message.trim() == commit.message.trim()
    };
    let Some(child) = since.commits.iter().find(is_child) else {
        return Ok(false);
    };
    for file in &commit.files {
        if !stands(scope, file, &child.sha).await? {
            return Ok(false);
        }
    }
    Ok(true)
}

async fn stands(scope: Scope<'_>, file: &FileEdit, at: &Sha) -> Result<bool, PortError> {
    let there = contents::at(scope, &file.path, &Revision::Commit(at.clone())).await;
    match (there, &file.text) {
        (Err(error), text) if error.kind == Kind::NotFound => Ok(text.is_none()),
        (Err(error), _) => Err(error),
        (Ok(Contents::File { body, .. }), Some(text)) => match body {
            FileBody::Text(there) => Ok(there == *text),
            FileBody::Binary => Ok(false),
            FileBody::TooLarge => Err(unintelligible(OP, "the file is too large to compare")),
        },
        (Ok(_), _) => Ok(false),
    }
}
