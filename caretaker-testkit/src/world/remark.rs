//! What is said about lines and files of a pull request, in threads.

use caretaker_core::model::Timestamp;
use serde_json::{Value, json};

use super::World;
use super::act::Act;
use super::diff;
use super::state::State;
use super::trouble::Trouble;
use super::who::Who;

/// A comment on a line, some lines or a file. The first of a thread carries what holds for it.
#[derive(Clone, Debug)]
pub(crate) struct Remark {
    pub(crate) id: u64,
    pub(crate) number: u64,
    pub(crate) review: u64,
    pub(crate) in_reply_to: Option<u64>,
    pub(crate) author: String,
    pub(crate) via_app: bool,
    /// The head on which it was written.
    pub(crate) commit: String,
    pub(crate) place: Spot,
    pub(crate) body: String,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
    /// Who has resolved the thread; of the first comment only.
    pub(crate) resolved_by: Option<String>,
}

/// What a comment is about, as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Spot {
    pub(crate) path: String,
    /// The last line; `None` for the whole file.
    pub(crate) line: Option<u32>,
    /// The first of several.
    pub(crate) start: Option<u32>,
    /// Whether it is about the text before the change.
    pub(crate) before: bool,
}

impl World {
    /// Comments on a line of a file as the head has it; its number.
    pub fn remark(&self, number: u64, by: &str, path: &str, line: u32, text: &str) -> u64 {
        self.tell(Act::Remark {
            number,
            by: by.to_owned(),
            path: path.to_owned(),
            line: Some(line),
            reply_to: None,
            text: text.to_owned(),
        })
        .number
    }

    /// Resolves the thread that begins with a comment, or opens it again.
    pub fn resolve_thread(&self, first: u64, by: &str, resolved: bool) {
        self.tell(Act::Resolve {
            id: first,
            by: by.to_owned(),
            resolved,
        });
    }

    /// Answers in a thread; the comment's number.
    pub fn answer_remark(&self, number: u64, by: &str, to: u64, text: &str) -> u64 {
        self.tell(Act::Remark {
            number,
            by: by.to_owned(),
            path: String::new(),
            line: None,
            reply_to: Some(to),
            text: text.to_owned(),
        })
        .number
    }
}

impl State {
    /// A comment outside of a review that somebody wrote: GitHub makes a review of it alone.
    pub(crate) fn remark_alone(
        &mut self,
        who: &Who,
        repo: u64,
        number: u64,
        (spot, reply_to): (Spot, Option<u64>),
        body: &str,
    ) -> Result<u64, Trouble> {
        let spot = match reply_to {
            None => {
                self.anchored(repo, number, &spot)?;
                spot
            }
            Some(to) => {
                let remarks = &self.repo(repo).remarks;
                let first = remarks.get(&to).ok_or_else(Trouble::not_found)?;
                if first.in_reply_to.is_some() {
                    return Err(Trouble::invalid("in_reply_to is an answer itself"));
                }
                first.place.clone()
            }
        };
        let review = self.review(who, repo, number, "COMMENTED", "")?;
        Ok(self.add_remark(who, repo, review, (spot, reply_to), body))
    }

    /// Adds a comment to a review.
    pub(crate) fn add_remark(
        &mut self,
        who: &Who,
        repo: u64,
        review: u64,
        (place, in_reply_to): (Spot, Option<u64>),
        body: &str,
    ) -> u64 {
        let (number, commit) = {
            let known = &self.repo(repo).reviews[&review];
            (known.number, known.commit.clone())
        };
        let remark = Remark {
            id: self.id(),
            number,
            review,
            in_reply_to,
            author: who.login.clone(),
            via_app: who.via_app(),
            commit,
            place,
            body: body.to_owned(),
            created: self.now,
            updated: self.now,
            resolved_by: None,
        };
        let id = remark.id;
        self.repo_mut(repo).remarks.insert(id, remark);
        let event = "pull_request_review_comment";
        self.emit(repo, event, Some("created"), &who.login, |state| {
            let remark = &state.repo(repo).remarks[&id];
            json!({
                "comment": state.remark_json(repo, remark),
                "pull_request": state.pull_json(repo, number, false),
            })
        });
        id
    }

    /// Refuses a place that does not stand in the pull request's difference.
    pub(crate) fn anchored(&self, repo: u64, number: u64, spot: &Spot) -> Result<(), Trouble> {
        let pull = self.pull(repo, number)?;
        let files = self.files_of(repo, pull);
        let file = files.iter().find(|file| file.path == spot.path);
        let file = file.ok_or_else(|| {
            Trouble::new(
                422,
                "Unprocessable Entity: pull_request_review_thread.path is invalid",
            )
        })?;
        let Some(line) = spot.line else {
            return Ok(());
        };
        let lines = diff::commentable(file);
        let at = |line| {
            if spot.before {
                diff::At::Before(line)
            } else {
                diff::At::After(line)
            }
        };
        let there = std::iter::once(line).chain(spot.start);
        let standing = there.into_iter().all(|line| lines.contains(&at(line)));
        if standing && spot.start.is_none_or(|start| start < line) {
            return Ok(());
        }
        Err(Trouble::new(
            422,
            "Unprocessable Entity: pull_request_review_thread.line must be part of the diff",
        ))
    }

    /// Resolves a thread by its first comment, or opens it again.
    pub(crate) fn resolve_thread(
        &mut self,
        who: &Who,
        repo: u64,
        (first, resolved): (u64, bool),
    ) -> Result<(), Trouble> {
        self.may(who, repo, "pull_requests", true)?;
        let remarks = &mut self.repo_mut(repo).remarks;
        let remark = remarks.get_mut(&first).ok_or_else(Trouble::not_found)?;
        if remark.in_reply_to.is_some() {
            return Err(Trouble::not_found());
        }
        if remark.resolved_by.is_some() == resolved {
            return Ok(());
        }
        remark.resolved_by = resolved.then(|| who.login.clone());
        let number = remark.number;
        self.users.named(&who.login);
        let action = if resolved { "resolved" } else { "unresolved" };
        let event = "pull_request_review_thread";
        self.emit(repo, event, Some(action), &who.login, |state| {
            let thread = state.thread_of(repo, first).into_iter();
            let comments = thread.map(|remark| state.remark_json(repo, remark));
            json!({
                "thread": {
                    "node_id": format!("PRRT_{first}"),
                    "comments": comments.collect::<Vec<_>>(),
                },
                "pull_request": state.pull_json(repo, number, false),
            })
        });
        Ok(())
    }

    /// A thread by its first comment, oldest first.
    pub(crate) fn thread_of(&self, repo: u64, first: u64) -> Vec<&Remark> {
        let remarks = self.repo(repo).remarks.values();
        let within = |remark: &&Remark| remark.id == first || remark.in_reply_to == Some(first);
        remarks.filter(within).collect()
    }

    /// The first comments of a pull request's threads.
    pub(crate) fn threads_of(&self, repo: u64, number: u64) -> Vec<&Remark> {
        let mut firsts = self.remarks_of(repo, number);
        firsts.retain(|remark| remark.in_reply_to.is_none());
        firsts
    }

    pub(crate) fn has_open_threads(&self, repo: u64, number: u64) -> bool {
        let threads = self.threads_of(repo, number);
        threads.iter().any(|first| first.resolved_by.is_none())
    }

    /// The comments on lines and files of a pull request, oldest first.
    pub(crate) fn remarks_of(&self, repo: u64, number: u64) -> Vec<&Remark> {
        let remarks = self.repo(repo).remarks.values();
        remarks.filter(|remark| remark.number == number).collect()
    }

    /// Where its lines (the first of several, the last) stand by now; `None` where they changed.
    pub(crate) fn standing(&self, repo: u64, remark: &Remark) -> Option<(Option<u32>, u32)> {
        let line = remark.place.line?;
        if remark.place.before {
            return Some((remark.place.start, line));
        }
        let head = &self.pull(repo, remark.number).ok()?.head_sha;
        let text = |sha: &str| {
            Some(
                self.commits
                    .find(sha)?
                    .files
                    .get(&remark.place.path)?
                    .as_str(),
            )
        };
        let (old, new) = (text(&remark.commit)?, text(head)?);
        let line = diff::follow(old, new, line)?;
        let start = match remark.place.start {
            None => None,
            Some(start) => Some(diff::follow(old, new, start)?),
        };
        Some((start, line))
    }

    pub(crate) fn remark_json(&self, repo: u64, remark: &Remark) -> Value {
        let (id, number) = (remark.id, remark.number);
        let url = self.repo_url(repo);
        let name = self.repo(repo).full_name();
        let html = format!("https://github.com/{name}/pull/{number}#discussion_r{id}");
        let now = self.standing(repo, remark);
        let head = self.pull(repo, number).map(|pull| pull.head_sha.as_str());
        let commit = match (now, head) {
            (Some(_), Ok(head)) => head,
            (Some(_) | None, _) => remark.commit.as_str(),
        };
        let side = if remark.place.before { "LEFT" } else { "RIGHT" };
        let own = format!("{url}/pulls/comments/{id}");
        let pull = format!("{url}/pulls/{number}");
        let mut json = json!({
            "url": own,
            "pull_request_review_id": remark.review,
            "id": id,
            "node_id": format!("PRRC_{id}"),
            "diff_hunk": "",
            "path": remark.place.path,
            "position": now.map(|_| 1),
            "original_position": 1,
            "commit_id": commit,
            "original_commit_id": remark.commit,
            "user": self.users.json(&remark.author),
            "body": remark.body,
            "created_at": remark.created.to_string(),
            "updated_at": remark.updated.to_string(),
            "html_url": html,
            "pull_request_url": pull,
            "author_association": self.repo(repo).association(&remark.author),
            "_links": {"self": {"href": own}, "html": {"href": html}, "pull_request": {"href": pull}},
            "line": now.map(|(_, line)| line),
            "original_line": remark.place.line,
            "start_line": now.and_then(|(start, _)| start),
            "original_start_line": remark.place.start,
            "start_side": remark.place.start.map(|_| side),
            "side": side,
            "subject_type": if remark.place.line.is_some() { "line" } else { "file" },
        });
        if let Some(first) = remark.in_reply_to {
            json["in_reply_to_id"] = json!(first);
        }
        json
    }
}
