//! What the reviews say, in a few words.

use super::status::put;
use crate::merge_gate::ReviewView;

/// Writes the cell of the status comment about people's reviews.
pub(super) fn put_seen(view: &ReviewView, out: &mut String) {
    let given = view.approved.len();
    let word = if !view.changes.is_empty() {
        "changes requested"
    } else if !view.complete {
        "unknown"
    } else if u32::try_from(given).is_ok_and(|given| given < view.needed) {
        if view.outdated.is_empty() {
            "awaited"
        } else {
            "approved an older commit"
        }
    } else if given == 0 {
        return out.push_str("none needed");
    } else {
        "approved"
    };
    let needed = view.needed;
    put(
        out,
        format_args!("{word}: {given} of {needed} approvals given"),
    );
}

/// Writes the cell about remarks by automation.
pub(super) fn put_feedback(view: &ReviewView, out: &mut String) {
    match view.feedback.len() {
        0 => out.push_str("nothing open"),
        1 => out.push_str("1 remark open"),
        n => put(out, format_args!("{n} remarks open")),
    }
}
