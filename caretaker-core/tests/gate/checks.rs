//! How the checks stand.

use caretaker_core::model::{AppId, CheckState, RequiredCheck, Span};
use caretaker_core::scenario::{CI_APP, NOW, OWN_CHECK};

use crate::case::{Case, mergeable, unprotected};

circumstances! {
    "RequiredUnknown", in mergeable(),
    fn required_unknown(case) { case.snapshot(|seen| seen.required = None) }

    "ChecksIncomplete", in mergeable(),
    fn checks_incomplete(case) { case.snapshot(|seen| seen.checks.complete = false) }

    "Checks, Absent", in mergeable(),
    fn check_absent(case) { case.facts(|scenario| scenario.requires("deploy", None)) }

    "Checks, Pending", in mergeable(),
    fn check_pending(case) { ends(case, CheckState::Running) }

    "Checks, Pending", in mergeable(),
    fn check_queued(case) { ends(case, CheckState::Queued) }

    "Checks, Failed", in mergeable(),
    fn check_failed(case) { ends(case, CheckState::Failure) }

    "Checks, Failed", in mergeable(),
    fn check_timed_out(case) { ends(case, CheckState::TimedOut) }

    "Checks, Failed", in unprotected(),
    fn check_failed_that_nobody_requires(case) {
        case.facts(|scenario| scenario.check("test", CheckState::Failure))
    }

    /// Where anybody may report a check, the best of two results does not hide the other.
    "Checks, Failed", in mergeable(),
    fn check_failed_beside_one_of_its_name_that_passed(case) {
        case.facts(|scenario| scenario.check("lint", CheckState::Failure))
    }

    "Checks, Failed", in unprotected().facts(|s| s.check("test", CheckState::Success)),
    fn check_failed_beside_one_of_its_name_that_nobody_requires(case) {
        case.facts(|scenario| scenario.check("test", CheckState::Failure).check("test", CheckState::Success))
    }

    "Checks, Failed", in mergeable().facts(|s| s.requires("doctor", None).check("doctor", CheckState::Success)),
    fn check_failed_that_is_required_and_ignored(case) {
        case.snapshot(|seen| seen.checks.rows[1].state = CheckState::Failure)
    }

    "Checks, Cancelled", in mergeable(),
    fn check_cancelled(case) { ends(case, CheckState::Cancelled) }

    "Checks, Stale", in mergeable(),
    fn check_stale(case) { ends(case, CheckState::Stale) }

    "Checks, ActionRequired", in mergeable(),
    fn check_awaits_approval(case) { ends(case, CheckState::ActionRequired) }

    "Checks, Unreadable", in mergeable(),
    fn check_unreadable(case) { ends(case, CheckState::Unknown) }

    "Checks, WrongApp", in mergeable_by_app(),
    fn check_by_the_wrong_app(case) {
        case.snapshot(|seen| {
            let required = seen.required.get_or_insert_default();
            required.checks[0].app = Some(AppId::new(1));
        })
    }

    "Checks, Skipped", in mergeable().facts(|scenario| {
        let all_done = scenario.requires("all-done", None).check("all-done", CheckState::Skipped);
        all_done.check("build", CheckState::Success)
    }),
    fn check_skipped_after_a_failure(case) {
        case.snapshot(|seen| seen.checks.rows[2].state = CheckState::Failure)
    }

    "NothingSucceeded", in unprotected(),
    fn nothing_succeeded(case) { ends(case, CheckState::Neutral) }

    "NothingSucceeded", in unprotected().facts(|s| s.own_check("caretaker/config", CheckState::Success)),
    fn nothing_succeeded_but_another_check_of_ours(case) { ends(case, CheckState::Skipped) }

    "NoCi", in unprotected(),
    fn no_ci(case) { case.snapshot(|seen| seen.checks.rows.clear()) }

    "NoCi", in unprotected(),
    fn no_ci_but_what_is_ignored(case) {
        case.snapshot(|seen| "doctor".clone_into(&mut seen.checks.rows[0].name))
    }

    "NoCi", in unprotected().facts(|s| s.own_check(OWN_CHECK, CheckState::Success)),
    fn no_ci_but_our_own_check(case) {
        case.snapshot(|seen| drop(seen.checks.rows.remove(0)))
    }

    /// A push has just come, and no check for it.
    "NoCi, yet", in unprotected(),
    fn no_ci_yet(case) {
        case.snapshot(|seen| {
            seen.checks.rows.clear();
            seen.head_seen_at = Some(NOW);
        })
    }

    "NotSettled", in seen_before(120),
    fn not_settled(case) {
        case.snapshot(|seen| seen.head_seen_at = Some(NOW - Span::seconds(119)))
    }
}

/// The only check has come so far.
fn ends(case: Case, state: CheckState) -> Case {
    case.snapshot(|seen| seen.checks.rows[0].state = state)
}

/// The required check has to come from the App that reports it.
fn mergeable_by_app() -> Case {
    mergeable().snapshot(|seen| {
        let lint = RequiredCheck {
            name: "lint".to_owned(),
            app: Some(CI_APP),
        };
        seen.required.get_or_insert_default().checks = vec![lint];
    })
}

/// No check is required, and the head has been there for so many seconds.
fn seen_before(seconds: i64) -> Case {
    let since = NOW - Span::seconds(seconds);
    unprotected().snapshot(|seen| seen.head_seen_at = Some(since))
}
