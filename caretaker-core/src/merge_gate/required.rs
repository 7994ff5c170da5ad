//! Which checks must pass, and how each of them stands.

use std::collections::BTreeMap;

use super::Policy;
use crate::model::{AppId, Check, CheckState, RequiredCheck, Snapshot};

/// How the checks that count stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequiredView<'a> {
    /// Why these checks count.
    pub basis: Basis,
    /// Every check that counts, by name.
    pub rows: Vec<Row<'a>>,
    /// Checks that do not count and have not passed, by name; for people only.
    pub optional: Vec<Row<'a>>,
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
pub struct Row<'a> {
    /// Its name.
    pub name: &'a str,
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

impl RequiredView<'_> {
    /// Whether one of the checks that count stands so.
    pub fn any(&self, standing: Standing) -> bool {
        self.standing(standing).next().is_some()
    }

    /// Names of the checks that stand so.
    pub fn names(&self, standing: Standing) -> Vec<String> {
        self.standing(standing)
            .map(|row| row.name.to_owned())
            .collect()
    }

    /// How many of the checks that count have passed.
    pub fn passed(&self) -> usize {
        self.standing(Standing::Passed).count()
    }

    fn standing(&self, standing: Standing) -> impl Iterator<Item = &Row<'_>> {
        self.rows.iter().filter(move |row| row.standing == standing)
    }
}

/// Which checks on the head must pass, and how each stands (decisions §8).
///
/// What protection and rulesets of the base branch name, wherever they name anything, whatever
/// the repository ignores. Else every check and status on the head, minus ignored names and
/// minus our own readiness check, known by name *and* App: a check of that name by anybody else
/// counts. Suites without runs do not appear among checks and so do not count.
pub fn required_checks<'a>(snapshot: &'a Snapshot, policy: &Policy) -> RequiredView<'a> {
    let ours = |check: &&Check| check.ours && check.name == policy.check_name;
    let mut on_head: Vec<&Check> = snapshot.checks.rows.iter().collect();
    on_head.retain(|check| !ours(check));
    // By name, so that those of one name are found at once.
    on_head.sort_by(|a, b| a.name.cmp(&b.name));
    let own_app = snapshot.checks.rows.iter().find(ours).map(app);
    // A required check of our name that is bound to an App is ours once we know our App.
    let is_us = |wanted: &RequiredCheck| {
        wanted.name == policy.check_name && (wanted.app.is_none() || own_app == Some(wanted.app))
    };
    let named = snapshot.required.as_ref().map(|r| r.checks.as_slice());
    let required = named.unwrap_or_default();
    let mut wanted: Vec<&RequiredCheck> = required.iter().collect();
    wanted.retain(|wanted| !is_us(wanted));
    wanted.sort();
    wanted.dedup();
    let is_wanted = |check: &Check| {
        let by_name = |w: &&RequiredCheck| w.name.cmp(&check.name);
        wanted.binary_search_by(by_name).is_ok()
    };
    let counts = |check: &&Check| !policy.ignored.contains(&check.name);
    let basis = match (named, wanted.is_empty()) {
        (None, _) => Basis::Unknown,
        (Some(_), true) => Basis::EveryCheck,
        (Some(_), false) => Basis::Protection,
    };
    let (rows, optional) = if basis == Basis::Protection {
        let mut named = on_head.as_slice();
        let rows = wanted.iter().map(|w| {
            // Both are in the order of names.
            while let [first, rest @ ..] = named
                && first.name < w.name
            {
                named = rest;
            }
            stand(w, named, &on_head)
        });
        let others = on_head
            .iter()
            .copied()
            .filter(|check| Standing::of(check.state) != Standing::Passed && !is_wanted(check));
        (rows.collect(), by_name(others.filter(counts)))
    } else {
        let every = on_head.iter().copied();
        (by_name(every.filter(counts)), Vec::new())
    };
    let succeeded = |check: &&Check| {
        // Our own other findings must not pass for the project's CI.
        let well = !check.ours && check.state == CheckState::Success;
        well && rows.iter().any(|row: &Row<'_>| row.name == check.name)
    };
    RequiredView {
        basis,
        any_success: on_head.iter().any(succeeded),
        rows,
        optional,
        demands_us: required.iter().any(is_us),
        complete: snapshot.checks.complete,
    }
}

/// How a check that is required by name stands. Those of its name come first of `named`.
fn stand<'a>(wanted: &'a RequiredCheck, named: &[&Check], on_head: &[&Check]) -> Row<'a> {
    let mut named = named
        .iter()
        .take_while(|check| check.name == wanted.name)
        .peekable();
    let from = |check: &&&Check| wanted.app.is_none() || wanted.app == app(check);
    let missing = if named.peek().is_none() {
        Standing::Absent
    } else {
        Standing::WrongApp
    };
    // Where anybody may report it, a run and a status of one name must both pass.
    let standing = named
        .filter(from)
        .map(|check| standing_of_required(check, on_head))
        .max();
    Row {
        name: &wanted.name,
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
fn by_name<'a>(checks: impl Iterator<Item = &'a Check>) -> Vec<Row<'a>> {
    let mut worst: BTreeMap<&'a str, Standing> = BTreeMap::new();
    for check in checks {
        let standing = Standing::of(check.state);
        let slot = worst.entry(&check.name).or_insert(standing);
        *slot = standing.max(*slot);
    }
    let row = |(name, standing)| Row { name, standing };
    worst.into_iter().map(row).collect()
}

fn app(check: &Check) -> Option<AppId> {
    check.app.as_ref().map(|app| app.id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{self, CI_APP, OUR_APP, OWN_CHECK, Scenario, check, policy};

    fn view(scenario: &Scenario) -> RequiredView<'_> {
        required_checks(scenario.snapshot(), &policy())
    }

    fn rows(scenario: &Scenario) -> Vec<(String, Standing)> {
        let rows = view(scenario).rows.into_iter();
        rows.map(|row| (row.name.to_owned(), row.standing))
            .collect()
    }

    fn pull() -> Scenario {
        scenario::pull(7)
    }

    #[test]
    fn each_result_of_a_required_check_stands_as_github_has_it_or_stricter() {
        use CheckState as S;
        let table = [
            (S::Success, Standing::Passed),
            (S::Neutral, Standing::Passed),
            (S::Skipped, Standing::Passed),
            (S::Queued, Standing::Pending),
            (S::Running, Standing::Pending),
            (S::Failure, Standing::Failed),
            (S::TimedOut, Standing::Failed),
            (S::StartupFailure, Standing::Failed),
            (S::Cancelled, Standing::Cancelled),
            (S::Stale, Standing::Stale),
            (S::ActionRequired, Standing::ActionRequired),
            (S::Unknown, Standing::Unreadable),
        ];
        for (state, standing) in table {
            let named = pull().requires("lint", None).check("lint", state);
            assert_eq!(
                rows(&named),
                [("lint".into(), standing)],
                "required {state:?}"
            );
            let free = pull().check("lint", state);
            assert_eq!(rows(&free), [("lint".into(), standing)], "free {state:?}");
        }
    }

    #[test]
    fn what_is_required_counts_alone_and_is_never_ignored() {
        let scenario = pull()
            .requires("doctor", None)
            .check("doctor", CheckState::Failure)
            .check("other", CheckState::Failure);
        assert_eq!(rows(&scenario), [("doctor".into(), Standing::Failed)]);
        let view = view(&scenario);
        assert_eq!(view.basis, Basis::Protection);
        assert_eq!(view.optional.len(), 1, "{:?}", view.optional);
    }

    #[test]
    fn without_required_checks_all_count_but_ignored_ones_and_our_own() {
        let scenario = pull()
            .check("doctor", CheckState::Failure)
            .own_check(OWN_CHECK, CheckState::Failure)
            .check("lint", CheckState::Success);
        assert_eq!(rows(&scenario), [("lint".into(), Standing::Passed)]);
        assert_eq!(view(&scenario).basis, Basis::EveryCheck);
    }

    #[test]
    fn a_stranger_under_our_name_counts() {
        let scenario = pull().check(OWN_CHECK, CheckState::Failure);
        assert_eq!(rows(&scenario), [(OWN_CHECK.into(), Standing::Failed)]);
    }

    #[test]
    fn an_unreported_check_is_absent_and_one_by_another_app_is_wrong() {
        let absent = pull()
            .requires("lint", None)
            .check("test", CheckState::Success);
        assert_eq!(rows(&absent), [("lint".into(), Standing::Absent)]);
        let wrong = pull()
            .requires("lint", Some(AppId::new(1)))
            .check("lint", CheckState::Success);
        assert_eq!(rows(&wrong), [("lint".into(), Standing::WrongApp)]);
        let right = pull()
            .requires("lint", Some(CI_APP))
            .check("lint", CheckState::Success);
        assert_eq!(rows(&right), [("lint".into(), Standing::Passed)]);
    }

    #[test]
    fn a_run_and_a_status_of_one_name_must_both_pass() {
        let status = Check {
            app: None,
            ..check("lint", CheckState::Failure)
        };
        let scenario = pull()
            .requires("lint", None)
            .check("lint", CheckState::Success)
            .with(|s| s.checks.rows.push(status));
        assert_eq!(rows(&scenario), [("lint".into(), Standing::Failed)]);
    }

    #[test]
    fn a_required_check_skipped_after_a_failure_does_not_pass() {
        let all_done = |build| {
            let scenario = pull()
                .requires("all-done", None)
                .check("all-done", CheckState::Skipped)
                .check("build", build);
            rows(&scenario)[0].1
        };
        assert_eq!(all_done(CheckState::Failure), Standing::Skipped);
        assert_eq!(all_done(CheckState::Cancelled), Standing::Skipped);
        assert_eq!(all_done(CheckState::Success), Standing::Passed);
    }

    #[test]
    fn our_own_check_is_no_condition_of_itself() {
        let by_name = pull()
            .requires(OWN_CHECK, None)
            .check("lint", CheckState::Success);
        let seen = view(&by_name);
        assert_eq!((seen.basis, seen.demands_us), (Basis::EveryCheck, true));

        // Bound to an App, it is ours only once a check of ours shows which App we are.
        let by_app = pull().requires(OWN_CHECK, Some(OUR_APP));
        assert_eq!(rows(&by_app), [(OWN_CHECK.into(), Standing::Absent)]);
        let known = by_app.own_check(OWN_CHECK, CheckState::Running);
        assert!(view(&known).demands_us);
        assert!(rows(&known).is_empty());
        let others = pull()
            .requires(OWN_CHECK, Some(CI_APP))
            .own_check(OWN_CHECK, CheckState::Success);
        assert_eq!(rows(&others), [(OWN_CHECK.into(), Standing::Absent)]);
    }

    #[test]
    fn our_other_findings_do_not_pass_for_ci() {
        let scenario = pull().own_check("caretaker/config", CheckState::Success);
        assert!(!view(&scenario).any_success);
    }

    #[test]
    fn unknown_requirements_show_every_check() {
        let scenario = pull()
            .check("lint", CheckState::Failure)
            .with(|s| s.required = None);
        assert_eq!(view(&scenario).basis, Basis::Unknown);
        assert_eq!(rows(&scenario), [("lint".into(), Standing::Failed)]);
    }
}
