//! What code is wanted for.

use serde::Serialize;

use super::{TaskType, normal};

/// What code is wanted for; each may have a chain of its own (spec 01 §14.9, spec 04 §2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Feature {
    /// Checks failed.
    CiFix,
    /// A review asks for changes.
    ReviewFix,
    /// An issue asks for a change.
    IssueFix,
    /// A pull request wants a review.
    PrReviewer,
    /// A dependency is old.
    Upgrade,
    /// A finding of a scanner.
    SecurityFix,
    /// Code wants another shape.
    Refactor,
    /// Tests are missing.
    TestGen,
    /// An interface was deprecated.
    Migration,
}

impl Feature {
    /// Every feature.
    pub const ALL: [Self; 9] = [
        Self::CiFix,
        Self::ReviewFix,
        Self::IssueFix,
        Self::PrReviewer,
        Self::Upgrade,
        Self::SecurityFix,
        Self::Refactor,
        Self::TestGen,
        Self::Migration,
    ];

    /// Its name, as `executor.features.<name>` spells it.
    pub fn name(self) -> &'static str {
        match self {
            Self::CiFix => "ci_fix",
            Self::ReviewFix => "review_fix",
            Self::IssueFix => "issue_fix",
            Self::PrReviewer => "pr_reviewer",
            Self::Upgrade => "upgrade",
            Self::SecurityFix => "security_fix",
            Self::Refactor => "refactor",
            Self::TestGen => "test_gen",
            Self::Migration => "migration",
        }
    }

    /// The feature of that name, `-` or `_`; `pr_review` is an older name.
    pub fn from_name(name: &str) -> Option<Self> {
        let name = normal(name);
        let name = if name == "pr_review" {
            "pr_reviewer"
        } else {
            &name
        };
        Self::ALL.into_iter().find(|feature| feature.name() == name)
    }

    /// The kind of task it usually is.
    pub fn usual_task(self) -> TaskType {
        match self {
            Self::CiFix => TaskType::CiFailure,
            Self::ReviewFix => TaskType::ReviewComment,
            Self::Upgrade => TaskType::Upgrade,
            Self::Refactor => TaskType::Refactor,
            Self::TestGen => TaskType::TestGeneration,
            Self::Migration => TaskType::Migration,
            Self::IssueFix | Self::PrReviewer | Self::SecurityFix => TaskType::Generic,
        }
    }
}
