//! The timeline of an item: what happened, when, and by whom.

use caretaker_core::model::Timestamp;
use serde_json::{Value, json};

use super::state::{State, merge};
use super::who::Who;

/// One thing that happened to an item.
#[derive(Clone, Debug)]
pub(crate) struct Happening {
    pub(crate) id: u64,
    pub(crate) number: u64,
    /// GitHub's name of it.
    pub(crate) event: String,
    pub(crate) at: Timestamp,
    pub(crate) actor: String,
    pub(crate) via_app: bool,
    /// What this kind carries beyond; comments and reviews stand here by number only.
    pub(crate) extra: Value,
}

impl State {
    /// Writes into an item's timeline.
    pub(crate) fn note(&mut self, repo: u64, number: u64, event: &str, who: &Who, extra: Value) {
        let happening = Happening {
            id: self.id(),
            number,
            event: event.to_owned(),
            at: self.now,
            actor: self.users.named(&who.login).login,
            via_app: who.via_app(),
            extra,
        };
        self.repo_mut(repo).happenings.push(happening);
    }

    /// What happened to an item, oldest first.
    pub(crate) fn happenings_of(&self, repo: u64, number: u64) -> Vec<&Happening> {
        let rows = self.repo(repo).happenings.iter();
        let mut rows: Vec<_> = rows.filter(|h| h.number == number).collect();
        rows.sort_by_key(|h| (h.at, h.id));
        rows
    }

    /// An entry as the timeline route shows it.
    pub(crate) fn happening_json(&self, repo: u64, happening: &Happening) -> Value {
        let actor = self.users.json(&happening.actor);
        match happening.event.as_str() {
            "commented" => {
                let id = happening.extra["comment"].as_u64().unwrap_or_default();
                let mut row = self.comment_json(repo, id);
                merge(&mut row, &json!({"event": "commented", "actor": actor}));
                row
            }
            "reviewed" => {
                let id = happening.extra["review"].as_u64().unwrap_or_default();
                let mut row = self.review_json(repo, id);
                let state = row["state"].as_str().unwrap_or_default().to_lowercase();
                merge(&mut row, &json!({"event": "reviewed", "state": state}));
                row
            }
            "cross-referenced" => self.mention_json(happening),
            "committed" => {
                let sha = happening.extra["sha"].as_str().unwrap_or_default();
                let Some(commit) = self.commits.find(sha) else {
                    return Value::Null;
                };
                let mut row = self.git_commit_json(commit);
                let extra = json!({
                    "event": "committed",
                    "sha": sha,
                    "node_id": format!("C_{}", &sha[..8]),
                    "parents": commit.parents.iter().map(|p| json!({"sha": p})).collect::<Vec<_>>(),
                });
                merge(&mut row, &extra);
                row
            }
            _ => {
                let mut row = json!({
                    "id": happening.id,
                    "node_id": format!("E_{}", happening.id),
                    "url": format!("{}/issues/events/{}", self.repo_url(repo), happening.id),
                    "event": happening.event,
                    "actor": actor,
                    "commit_id": null,
                    "commit_url": null,
                    "created_at": happening.at.to_string(),
                    "performed_via_github_app": self.via_json(happening.via_app),
                });
                merge(&mut row, &happening.extra);
                row
            }
        }
    }
}
