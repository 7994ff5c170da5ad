//! What a branch demands of a change before it takes it.

use serde::{Deserialize, Serialize};

use crate::model::Required;

/// What classic protection and rulesets demand of a branch, taken together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BranchRules {
    /// Checks and reviews; `None` where not even these could be learned, which is not "nothing".
    pub required: Option<Required>,
    /// Whether somebody other than who pushed last must approve.
    pub last_push_approval: Demand,
    /// Whether every review thread must be resolved.
    pub threads_resolved: Demand,
    /// Whether merge commits are refused.
    pub linear_history: Demand,
    /// Whether each commit must bear a signature that the forge vouches for.
    pub signatures: Demand,
    /// Whether changes go in through the merge queue only.
    pub merge_queue: Demand,
    /// Whether the branch moves forward only.
    pub forward_only: Demand,
    /// Whether the branch cannot be deleted.
    pub undeletable: Demand,
}

/// Whether something is demanded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Demand {
    /// It is.
    Yes,
    /// It is not.
    No,
    /// It could not be learned: what classic protection says of it is shown to administrators
    /// only.
    Unknown,
}

impl Demand {
    /// Demanded where one of several sources demands it; open where none does and one is hidden.
    pub fn of_any(sources: impl IntoIterator<Item = Option<bool>>) -> Self {
        sources
            .into_iter()
            .fold(Self::No, |so_far, source| match (so_far, source) {
                (Self::Yes, _) | (_, Some(true)) => Self::Yes,
                (Self::Unknown, _) | (_, None) => Self::Unknown,
                (Self::No, Some(false)) => Self::No,
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hidden_is_not_free() {
        assert_eq!(Demand::of_any([Some(false), Some(false)]), Demand::No);
        assert_eq!(Demand::of_any([Some(false), None]), Demand::Unknown);
        assert_eq!(Demand::of_any([None, Some(true)]), Demand::Yes);
        assert_eq!(Demand::of_any([Some(true), None]), Demand::Yes);
    }
}
