//! What the world was like when it answered the last look, judged without the gate.
//!
//! Plain and slow on purpose, and out of the world's own facts: where this and the gate disagree,
//! a merge was wrong.

use caretaker_core::model::{Author, Check, CheckState, Login, ReviewState, Sha, Snapshot, label};

use crate::config::Config;

/// The instant at which the last look was answered.
#[derive(Clone, Debug)]
pub(crate) struct Truth {
    pub(crate) snapshot: Snapshot,
    pub(crate) config: Option<&'static Config>,
    pub(crate) paused: bool,
}

const OWN_CHECK: &str = "caretaker/pr-readiness";

impl Truth {
    pub(crate) fn head(&self) -> &Sha {
        &self.snapshot.pull.head
    }

    /// Everything for which nothing must have been merged then, in a word each.
    pub(crate) fn against(&self) -> Vec<&'static str> {
        let Some(config) = self.config else {
            return vec!["no configuration"];
        };
        let mut against = Vec::new();
        let mut no = |is: bool, word| {
            if is {
                against.push(word);
            }
        };
        let (pull, item) = (&self.snapshot.pull, &self.snapshot.pull.item);
        no(self.paused, "paused");
        no(!config.merges, "no right by configuration");
        no(!item.open, "closed");
        no(item.draft, "draft");
        no(pull.mergeable != Some(true), "conflict or unknown");
        for name in [
            config.hold,
            label::HOLD,
            label::ESCALATED,
            label::BREAKING,
            label::QUARANTINE,
        ] {
            no(item.has_label(name), "held");
        }
        let person = matches!(item.author, Author::Human(_));
        let told = item.has_label(label::MERGE);
        no(person && !config.people && !told, "family");
        no(!pull.same_repository, "fork");
        no(red(&self.snapshot, config), "red");
        no(unreviewed(&self.snapshot, config), "unreviewed");
        against
    }

    /// What GitHub itself must refuse by now: `Some(409)` for a head that has moved, `Some(405)`
    /// for what rules demand; `self` is the world at the merge.
    pub(crate) fn must_refuse(&self, head: &Sha) -> Option<u16> {
        if self.head() != head {
            return Some(409);
        }
        let required = self.snapshot.required.as_ref()?;
        let passed = |name: &str| {
            let mut rows = self.snapshot.checks.rows.iter();
            rows.any(|check| check.name == name && passes(check))
        };
        let missing = required.checks.iter().any(|check| !passed(&check.name));
        missing.then_some(405)
    }
}

fn passes(check: &Check) -> bool {
    matches!(
        check.state,
        CheckState::Success | CheckState::Neutral | CheckState::Skipped
    )
}

fn red(snapshot: &Snapshot, config: &Config) -> bool {
    let Some(required) = &snapshot.required else {
        return true;
    };
    let foreign: Vec<&Check> = snapshot
        .checks
        .rows
        .iter()
        .filter(|check| !check.ours)
        .collect();
    let named: Vec<&str> = required
        .checks
        .iter()
        .map(|check| check.name.as_str())
        .filter(|name| *name != OWN_CHECK)
        .collect();
    if named.is_empty() {
        let none = foreign.is_empty() && !config.no_ci;
        return none || !foreign.iter().all(|check| passes(check));
    }
    named.iter().any(|name| {
        let mut rows = foreign
            .iter()
            .filter(|check| check.name == *name)
            .peekable();
        rows.peek().is_none() || !rows.all(|check| passes(check))
    })
}

fn unreviewed(snapshot: &Snapshot, config: &Config) -> bool {
    let required = snapshot.required.clone().unwrap_or_default();
    let author = snapshot.pull.item.author.login();
    let mut last: Vec<(Login, ReviewState, Option<Sha>)> = Vec::new();
    for review in &snapshot.reviews.rows {
        let word = matches!(
            review.state,
            ReviewState::Approved | ReviewState::ChangesRequested | ReviewState::Dismissed
        );
        let login = review.by.login();
        if word && review.trusted && review.by.is_human() && login != author {
            last.retain(|(by, ..)| *by != login);
            last.push((login, review.state, review.commit.clone()));
        }
    }
    let objects = last
        .iter()
        .any(|(_, state, _)| *state == ReviewState::ChangesRequested);
    let counts = |commit: &Option<Sha>| {
        !required.dismiss_stale || commit.as_ref() == Some(&snapshot.pull.head)
    };
    let given = last
        .iter()
        .filter(|(_, state, commit)| *state == ReviewState::Approved && counts(commit))
        .count();
    let wanted = usize::try_from(required.approvals).expect("few approvals");
    objects || given < config.reviews.max(wanted)
}
