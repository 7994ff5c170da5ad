//! Which checks must pass, and how each of them stands.

use std::collections::BTreeMap;

use super::Policy;
use crate::model::{AppId, Check, CheckState, RequiredCheck, Snapshot};

/// How the checks that count stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequiredView {
    /// Why these checks count.
    pub basis: Basis,
    /// Every check that counts, by name.
    pub rows: Vec<Row>,
    /// Checks that do not count and have not passed, by name; for people only.
    pub optional: Vec<Row>,
    /// Whether one of the checks that count has really succeeded, not only been skipped.
    pub any_success: bool,
    /// Whether the base branch requires the check that we publish ourselves.
    pub demands_us: bool,
    /// Whether all checks on the head were read.
    pub complete: bool,
}

/// Why these checks count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// Protection or a ruleset of the base branch names them.
    Protection,
    /// Nothing is named, so every check on the head counts.
    EveryCheck,
    /// What the base branch requires could not be learned; every check is shown.
    Unknown,
}

/// One check that counts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Row {
    /// Its name.
    pub name: String,
    /// How it stands.
    pub standing: Standing,
}

/// How a check stands. Ordered: where several results bear one name, the last of these counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// It passed.
    Passed,
    /// It is required and nobody has reported it.
    Absent,
    /// It has not finished.
    Pending,
    /// It is required, was skipped, and another check of its App ended badly.
    Skipped,
    /// It is required of one App, and only others have reported it.
    WrongApp,
    /// It waits for somebody's approval.
    ActionRequired,
    /// The forge gave up waiting for it.
    Stale,
    /// Somebody or something stopped it.
    Cancelled,
    /// It says a word that we do not know.
    Unreadable,
    /// It failed, timed out or could not start.
    Failed,
}

impl Standing {
    /// All that stand against merging, worst first.
    pub const TROUBLES: &'static [Self] = &[
        Self::Failed,
        Self::Cancelled,
        Self::Stale,
        Self::Unreadable,
        Self::ActionRequired,
        Self::WrongApp,
        Self::Skipped,
        Self::Absent,
        Self::Pending,
    ];

    /// How one result stands.
    ///
    /// `skipped` and `neutral` pass, as GitHub has it: "required status checks must have a
    /// `successful`, `skipped`, or `neutral` status" (docs.github.com, *Troubleshooting required
    /// status checks*). Cancelled and stale results and failures to start never pass.
    fn of(state: CheckState) -> Self {
        match state {
            CheckState::Success | CheckState::Skipped | CheckState::Neutral => Self::Passed,
            CheckState::Queued | CheckState::Running => Self::Pending,
            CheckState::Failure | CheckState::TimedOut | CheckState::StartupFailure => Self::Failed,
            CheckState::Cancelled => Self::Cancelled,
            CheckState::Stale => Self::Stale,
            CheckState::ActionRequired => Self::ActionRequired,
            CheckState::Unknown => Self::Unreadable,
        }
    }
}

impl RequiredView {
    /// Names of the checks that stand so.
    pub fn names(&self, standing: Standing) -> Vec<String> {
        let rows = self.rows.iter().filter(|row| row.standing == standing);
        rows.map(|row| row.name.clone()).collect()
    }

    /// How many of the checks that count have passed.
    pub fn passed(&self) -> usize {
        self.names(Standing::Passed).len()
    }
}

/// Which checks on the head must pass, and how each stands (decisions §8).
///
/// What protection and rulesets of the base branch name, wherever they name anything, whatever
/// the repository ignores. Else every check and status on the head, minus ignored names and
/// minus our own readiness check, known by name *and* App: a check of that name by anybody else
/// counts. Suites without runs do not appear among checks and so do not count.
pub fn required_checks(snapshot: &Snapshot, policy: &Policy) -> RequiredView {
    let ours = |check: &&Check| check.ours && check.name == policy.check_name;
    let on_head: Vec<&Check> = snapshot
        .checks
        .rows
        .iter()
        .filter(|check| !ours(check))
        .collect();
    let own_app = snapshot.checks.rows.iter().find(ours).map(app);
    // A required check of our name that is bound to an App is ours once we know our App.
    let is_us = |wanted: &RequiredCheck| {
        wanted.name == policy.check_name && (wanted.app.is_none() || own_app == Some(wanted.app))
    };
    let named = snapshot.required.as_ref().map(|r| r.checks.as_slice());
    let (us, mut wanted): (Vec<_>, Vec<_>) =
        named.unwrap_or_default().iter().partition(|w| is_us(w));
    wanted.sort();
    wanted.dedup();
    let counted: Vec<&Check> = on_head
        .iter()
        .copied()
        .filter(|check| !policy.ignored.contains(&check.name))
        .collect();
    let basis = match (named, wanted.is_empty()) {
        (None, _) => Basis::Unknown,
        (Some(_), true) => Basis::EveryCheck,
        (Some(_), false) => Basis::Protection,
    };
    let (rows, optional) = if basis == Basis::Protection {
        let rows = wanted.iter().map(|w| stand(w, &on_head)).collect();
        let named = |check: &&Check| wanted.iter().any(|w| w.name == check.name);
        let free: Vec<&Check> = counted.into_iter().filter(|check| !named(check)).collect();
        let mut optional = by_name(&free);
        optional.retain(|row| row.standing != Standing::Passed);
        (rows, optional)
    } else {
        (by_name(&counted), Vec::new())
    };
    let succeeded = |check: &&Check| {
        let counts = rows.iter().any(|row: &Row| row.name == check.name);
        // Our own other findings must not pass for the project's CI.
        counts && !check.ours && check.state == CheckState::Success
    };
    RequiredView {
        basis,
        any_success: on_head.iter().any(succeeded),
        rows,
        optional,
        demands_us: !us.is_empty(),
        complete: snapshot.checks.complete,
    }
}

/// How a check that is required by name stands.
fn stand(wanted: &RequiredCheck, on_head: &[&Check]) -> Row {
    let named: Vec<&&Check> = on_head
        .iter()
        .filter(|check| check.name == wanted.name)
        .collect();
    let from = |check: &&&Check| wanted.app.is_none() || wanted.app == app(check);
    // Where anybody may report it, a run and a status of one name must both pass.
    let standing = named
        .iter()
        .copied()
        .filter(from)
        .map(|check| standing_of_required(check, on_head))
        .max();
    let missing = if named.is_empty() {
        Standing::Absent
    } else {
        Standing::WrongApp
    };
    Row {
        name: wanted.name.clone(),
        standing: standing.unwrap_or(missing),
    }
}

/// GitHub lets a skipped job pass even where it was skipped because the job it waits for failed.
/// We do not: a skip passes only while nothing else of its App has ended badly.
fn standing_of_required(check: &Check, on_head: &[&Check]) -> Standing {
    let ended_badly = |other: &&&Check| {
        app(other).is_some()
            && app(other) == app(check)
            && matches!(
                Standing::of(other.state),
                Standing::Failed | Standing::Cancelled
            )
    };
    if check.state == CheckState::Skipped && on_head.iter().any(|other| ended_badly(&other)) {
        Standing::Skipped
    } else {
        Standing::of(check.state)
    }
}

/// The worst standing for each name.
fn by_name(checks: &[&Check]) -> Vec<Row> {
    let mut worst: BTreeMap<&str, Standing> = BTreeMap::new();
    for check in checks {
        let standing = Standing::of(check.state);
        let slot = worst.entry(&check.name).or_insert(standing);
        *slot = standing.max(*slot);
    }
    let row = |(name, standing): (&str, Standing)| Row {
        name: name.to_owned(),
        standing,
    };
    worst.into_iter().map(row).collect()
}

fn app(check: &Check) -> Option<AppId> {
    check.app.as_ref().map(|app| app.id)
}
