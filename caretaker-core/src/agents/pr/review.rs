//! What the reviews say, in a few words.

use crate::merge_gate::ReviewView;

/// The cell of the status comment about people's reviews.
pub(super) fn cell(view: &ReviewView) -> String {
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
        return "none needed".to_owned();
    } else {
        "approved"
    };
    format!("{word}: {given} of {} approvals given", view.needed)
}

/// The cell about remarks by automation.
pub(super) fn feedback_cell(view: &ReviewView) -> String {
    match view.feedback.len() {
        0 => "nothing open".to_owned(),
        1 => "1 remark open".to_owned(),
        n => format!("{n} remarks open"),
    }
}
