//! What the checks say, in a few words.

use super::status::put;
use crate::merge_gate::{Basis, RequiredView, Standing};

/// What the checks that count say together (spec 02 §3.19).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ci {
    /// There are none.
    None,
    /// Not everything was learned.
    Unknown,
    /// At least one will not pass as it is.
    Failing,
    /// At least one waits for somebody's approval.
    AwaitingApproval,
    /// At least one is not there yet.
    Pending,
    /// All passed.
    Passing,
}

impl Ci {
    /// A definite failure is told at once, whatever else still runs.
    pub(super) fn of(view: &RequiredView<'_>) -> Self {
        let any = |standings: &[Standing]| standings.iter().any(|s| view.any(*s));
        if any(&[
            Standing::Failed,
            Standing::Cancelled,
            Standing::Stale,
            Standing::Unreadable,
            Standing::WrongApp,
            Standing::Skipped,
        ]) {
            Self::Failing
        } else if view.basis == Basis::Unknown || !view.complete {
            Self::Unknown
        } else if any(&[Standing::ActionRequired]) {
            Self::AwaitingApproval
        } else if any(&[Standing::Pending, Standing::Absent]) {
            Self::Pending
        } else if view.rows.is_empty() {
            Self::None
        } else {
            Self::Passing
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Unknown => "unknown",
            Self::Failing => "failing",
            Self::AwaitingApproval => "awaiting approval",
            Self::Pending => "pending",
            Self::Passing => "passing",
        }
    }
}

/// Writes the cell of the status comment.
pub(super) fn put_seen(view: &RequiredView<'_>, out: &mut String) {
    let (passed, all) = (view.passed(), view.rows.len());
    let which = match view.basis {
        Basis::Protection => "required checks",
        Basis::EveryCheck | Basis::Unknown => "checks",
    };
    let word = Ci::of(view).word();
    if all == 0 {
        out.push_str(word);
        return;
    }
    if !view.any_success && passed == all {
        let text = format_args!("nothing succeeded: {all} {which} skipped or without an opinion");
        return put(out, text);
    }
    put(
        out,
        format_args!("{word}: {passed} of {all} {which} passed"),
    );
    match view.optional.len() {
        0 => {}
        1 => out.push_str("; 1 optional check has not"),
        n => put(out, format_args!("; {n} optional checks have not")),
    }
}
