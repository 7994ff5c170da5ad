//! Git's own objects as the API makes them: trees and commits that nobody sees until a branch
//! points to them; and branches made and moved.

use std::collections::{BTreeMap, BTreeSet};

use caretaker_core::model::digest;
use serde_json::{Value, json};

use super::state::State;
use super::trouble::Trouble;
use super::who::{By, Who};

impl State {
    /// The files of a tree that was made, or of a commit's.
    pub(crate) fn files_in(&self, tree: &str) -> Option<&BTreeMap<String, String>> {
        let made = self.trees.get(tree);
        made.or_else(|| self.commits.with_tree(tree).map(|commit| &commit.files))
    }

    /// Makes a tree of another and some files; `None` deletes one.
    pub(crate) fn make_tree(
        &mut self,
        who: &Who,
        repo: u64,
        base: Option<&str>,
        entries: Vec<(String, Option<String>)>,
    ) -> Result<String, Trouble> {
        self.may(who, repo, "contents", true)?;
        let mut files = match base {
            None => BTreeMap::new(),
            Some(base) => {
                let missing = || Trouble::new(404, "base_tree is not a valid tree oid");
                self.files_in(base).ok_or_else(missing)?.clone()
            }
        };
        for (path, text) in entries {
            match text {
                Some(text) => {
                    files.insert(path, text);
                }
                None if files.remove(&path).is_none() => {
                    return Err(Trouble::new(422, "GitRPC::BadObjectState"));
                }
                None => {}
            }
        }
        let parts: Vec<&str> = files
            .iter()
            .flat_map(|(path, text)| [path.as_str(), text.as_str()])
            .collect();
        let sha = digest(&parts)[..40].to_owned();
        self.trees.insert(sha.clone(), files);
        Ok(sha)
    }

    /// Makes a commit of a tree.
    pub(crate) fn make_commit(
        &mut self,
        who: &Who,
        repo: u64,
        (tree, parents): (&str, &[String]),
        message: &str,
    ) -> Result<String, Trouble> {
        self.may(who, repo, "contents", true)?;
        let files = self.files_in(tree).cloned();
        let files = files.ok_or_else(|| Trouble::new(422, "Tree SHA does not exist"))?;
        if parents.iter().any(|sha| self.commits.find(sha).is_none()) {
            let message = "Parent SHA does not exist or is not a commit object";
            return Err(Trouble::new(422, message));
        }
        let first = parents.first().and_then(|sha| self.commits.find(sha));
        let before = first.map(|commit| commit.files.clone()).unwrap_or_default();
        let paths: BTreeSet<&String> = before.keys().chain(files.keys()).collect();
        let edits: Vec<(&str, Option<&str>)> = paths
            .into_iter()
            .filter(|path| before.get(*path) != files.get(*path))
            .map(|path| (path.as_str(), files.get(path).map(String::as_str)))
            .collect();
        let parents: Vec<&str> = parents.iter().map(String::as_str).collect();
        Ok(self
            .commits
            .add(&parents, &who.login, self.now, message, &edits))
    }

    /// Makes a branch at a commit.
    pub(crate) fn create_branch(
        &mut self,
        who: &Who,
        repo: u64,
        branch: &str,
        sha: &str,
    ) -> Result<(), Trouble> {
        self.may(who, repo, "contents", true)?;
        if self.repo(repo).branches.contains_key(branch) {
            return Err(Trouble::new(422, "Reference already exists"));
        }
        if self.commits.find(sha).is_none() {
            return Err(Trouble::new(422, "Object does not exist"));
        }
        let main = self.repo(repo).default_branch.clone();
        self.emit(repo, "create", None, &who.login, |_| {
            json!({
                "ref": branch,
                "ref_type": "branch",
                "master_branch": main,
                "description": null,
                "pusher_type": "user",
            })
        });
        self.push(who, repo, branch, sha);
        Ok(())
    }

    /// Moves a branch to a commit; without force only forwards.
    pub(crate) fn move_branch(
        &mut self,
        who: &Who,
        repo: u64,
        branch: &str,
        (sha, force): (&str, bool),
    ) -> Result<(), Trouble> {
        self.may(who, repo, "contents", true)?;
        let known = self.repo(repo).branches.get(branch);
        let known = known.ok_or_else(|| Trouble::new(422, "Reference does not exist"))?;
        if self.commits.find(sha).is_none() {
            return Err(Trouble::new(422, "Object does not exist"));
        }
        if known.sha == sha {
            return Ok(());
        }
        let forwards = self.commits.contains(sha, &known.sha);
        if !forwards && !force {
            return Err(Trouble::new(422, "Update is not a fast forward"));
        }
        if known.is_protected() && who.by != By::Story {
            let message = "Changes must be made through a pull request.";
            return Err(Trouble::new(422, message));
        }
        self.push(who, repo, branch, sha);
        Ok(())
    }

    /// As the routes of git's own commits show one.
    pub(crate) fn object_json(&self, repo: u64, sha: &str) -> Result<Value, Trouble> {
        let commit = self.commits.find(sha).ok_or_else(Trouble::not_found)?;
        let url = format!("{}/git/commits", self.repo_url(repo));
        let mut json = self.git_commit_json(commit);
        if let Some(fields) = json.as_object_mut() {
            fields.remove("comment_count");
        }
        json["sha"] = json!(sha);
        json["node_id"] = json!(format!("C_{}", &sha[..8]));
        json["url"] = json!(format!("{url}/{sha}"));
        json["html_url"] = json!(format!("{url}/{sha}"));
        json["parents"] = commit
            .parents
            .iter()
            .map(|parent| json!({"sha": parent, "url": format!("{url}/{parent}"), "html_url": format!("{url}/{parent}")}))
            .collect();
        Ok(json)
    }

    /// As the routes of references show a branch.
    pub(crate) fn ref_json(&self, repo: u64, branch: &str) -> Result<Value, Trouble> {
        let known = self.repo(repo).branches.get(branch);
        let known = known.ok_or_else(Trouble::not_found)?;
        let url = self.repo_url(repo);
        Ok(json!({
            "ref": format!("refs/heads/{branch}"),
            "node_id": "",
            "url": format!("{url}/git/refs/heads/{}", branch.replace(' ', "%20")),
            "object": {
                "type": "commit",
                "sha": known.sha,
                "url": format!("{url}/git/commits/{}", known.sha),
            },
        }))
    }
}
