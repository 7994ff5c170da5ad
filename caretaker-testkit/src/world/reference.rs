//! That items are referred to: by other items, and by commits.

use serde_json::{Value, json};

use super::World;
use super::event::Happening;
use super::state::State;
use super::who::Who;

impl World {
    /// Somebody mentions an item in another one of the same repository.
    pub fn mention(&self, number: u64, by: &str, from: u64) {
        self.mention_from(self, number, by, from);
    }

    /// Somebody mentions an item of this repository in one of another.
    pub fn mention_from(&self, other: &Self, number: u64, by: &str, from: u64) {
        let extra = json!({"from_repo": other.repo, "from": from});
        self.with(|state| {
            state.changes += 1;
            state.note(
                self.repo,
                number,
                "cross-referenced",
                &Who::story(by),
                extra,
            );
        });
    }

    /// Somebody's commit names an item.
    pub fn name_in_commit(&self, number: u64, by: &str, sha: &str) {
        self.with(|state| {
            state.changes += 1;
            let url = format!("{}/commits/{sha}", state.repo_url(self.repo));
            let extra = json!({"commit_id": sha, "commit_url": url});
            state.note(self.repo, number, "referenced", &Who::story(by), extra);
        });
    }
}

impl Happening {
    /// The repository and item that it says refers to this one.
    pub(crate) fn source(&self) -> Option<(u64, u64)> {
        let number = |name: &str| self.extra[name].as_u64();
        Some((number("from_repo")?, number("from")?))
    }
}

impl State {
    /// As the timeline shows that an item was mentioned in another one.
    pub(crate) fn mention_json(&self, happening: &Happening) -> Value {
        let Some((repo, number)) = happening.source() else {
            return Value::Null;
        };
        let mut issue = self.issue_json(repo, number);
        issue["repository"] = self.repo_json(repo);
        json!({
            "event": "cross-referenced",
            "actor": self.users.json(&happening.actor),
            "created_at": happening.at.to_string(),
            "updated_at": happening.at.to_string(),
            "source": {"type": "issue", "issue": issue},
        })
    }
}
