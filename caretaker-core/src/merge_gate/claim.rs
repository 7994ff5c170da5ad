//! Whether a decision may take a pull request into our care by itself.

use crate::model::{Act, ActKind, Label, Listing};

/// What the history of a pull request says to our putting the label of care on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// Nothing against it.
    Free,
    /// A person took that label off: they do not want it in our care.
    TakenBack,
    /// Not all of it could be read, so a person may have.
    Unsure,
}

impl Claim {
    /// Reads it from what happened. Nobody asks whether who took it off may write: it only makes us
    /// careful.
    pub fn of(acts: &Listing<Act>, label: &Label) -> Self {
        let taken_off = |act: &Act| {
            act.by.is_human() && matches!(&act.what, ActKind::Unlabeled(off) if off.same(label))
        };
        if acts.rows.iter().any(taken_off) {
            Self::TakenBack
        } else if acts.complete {
            Self::Free
        } else {
            Self::Unsure
        }
    }
}
