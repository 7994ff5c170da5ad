//! How a changed decision is told: one line for the run, one for each action that moved.

use std::fmt::Write as _;

use caretaker_core::drive::change::{Change, Moved};
use caretaker_core::model::{Action, Json, Query, Run};
use serde::Serialize;

use crate::cli::store::repo_name;
use crate::cli::view::short;

/// What moved between allowed, held and not planned, in words.
#[derive(Debug, Default, Serialize)]
pub(super) struct Actions {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    now_allowed: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    no_longer_allowed: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    now_held: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    no_longer_held: Vec<String>,
    /// On both sides, and not the same: another text, say.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    now_otherwise: Vec<String>,
}

impl Actions {
    pub(super) fn of(change: &Change) -> Self {
        let words = |actions: &[Action]| actions.iter().map(Action::summary).collect::<Vec<_>>();
        let mut now_otherwise = Vec::new();
        let mut both = |moved: &Moved| {
            let (mut gained, mut lost) = (words(&moved.gained), words(&moved.lost));
            gained.retain(|action| {
                let before = lost.iter().position(|other| other == action);
                now_otherwise.extend(before.map(|at| lost.remove(at)));
                before.is_none()
            });
            (gained, lost)
        };
        let (now_allowed, no_longer_allowed) = both(&change.allowed);
        let (now_held, no_longer_held) = both(&change.held);
        Self {
            now_allowed,
            no_longer_allowed,
            now_held,
            no_longer_held,
            now_otherwise,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lists().iter().all(|(_, list)| list.is_empty())
    }

    /// A line each, every one begun by a line break.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for (what, list) in self.lists() {
            for action in list {
                write!(text, "\n  {what}: {action}").expect("writing to a string cannot fail");
            }
        }
        text
    }

    fn lists(&self) -> [(&'static str, &[String]); 5] {
        [
            ("now allowed", &self.now_allowed),
            ("no longer allowed", &self.no_longer_allowed),
            ("now held", &self.now_held),
            ("no longer held", &self.no_longer_held),
            ("now otherwise", &self.now_otherwise),
        ]
    }
}

/// A run with its repository and subject, and its verdict before and after.
pub(super) fn run_line(run: &Run, agent: &str, before: &str, after: &str) -> String {
    let verdict = if before == after {
        before.to_owned()
    } else {
        format!("{before} → {after}")
    };
    let (id, subject) = (short(&run.id), &run.task.event.subject);
    let repo = repo_name(run);
    format!("run {id} of {agent} about {repo} {subject}: {verdict}")
}

/// A question in words: who is asked, for what, about what.
pub(super) fn question(query: &Query) -> String {
    let json = Json::of(query)
        .expect("a question has only string keys")
        .value();
    match query {
        Query::Pause => "whether an operator has paused it".to_owned(),
        Query::State(key) => format!("our memory for {key}"),
        Query::Forge(_) => {
            let (get, about) = (&json["q"]["get"], &json["q"]["v"]);
            let get = get.as_str().unwrap_or_default().replace('_', " ");
            match about {
                serde_json::Value::Null => format!("the forge for {get}"),
                serde_json::Value::String(text) => format!("the forge for {get} {text}"),
                other => format!("the forge for {get} {other}"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use caretaker_core::model::{ForgeQuery, Number, Sha};

    use super::*;

    #[test]
    fn a_question_names_who_is_asked_for_what() {
        let said = |query: ForgeQuery| question(&Query::Forge(query));
        assert_eq!(
            said(ForgeQuery::Snapshot(Number::new(7))),
            "the forge for snapshot 7"
        );
        assert_eq!(
            said(ForgeQuery::PullsOfCommit(
                Sha::parse(&"a".repeat(40)).unwrap()
            )),
            format!("the forge for pulls of commit {}", "a".repeat(40))
        );
        assert_eq!(said(ForgeQuery::ConfigFile), "the forge for config file");
        assert_eq!(
            question(&Query::State("writes/1".to_owned())),
            "our memory for writes/1"
        );
    }
}
