//! Kinds of task.

use serde::Serialize;

use super::normal;

/// Kinds of task, by the names that hand-off comments and the configuration use (spec 04 §1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TaskType {
    /// A check failed, and nobody knows how.
    CiFailure,
    /// A test failed.
    TestFailure,
    /// A linter complains.
    LintFailure,
    /// It does not compile.
    BuildFailure,
    /// A reviewer asks for something.
    ReviewComment,
    /// The base has moved on.
    Rebase,
    /// A dependency is old.
    Upgrade,
    /// Anything else.
    Generic,
    /// The shape of a change wants a look.
    ArchitectureReview,
    /// A plan is to be written down.
    PrdGeneration,
    /// Tests are missing.
    TestGeneration,
    /// Code wants another shape.
    Refactor,
    /// An interface was deprecated.
    Migration,
}

impl TaskType {
    /// Every kind.
    pub const ALL: [Self; 13] = [
        Self::CiFailure,
        Self::TestFailure,
        Self::LintFailure,
        Self::BuildFailure,
        Self::ReviewComment,
        Self::Rebase,
        Self::Upgrade,
        Self::Generic,
        Self::ArchitectureReview,
        Self::PrdGeneration,
        Self::TestGeneration,
        Self::Refactor,
        Self::Migration,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::CiFailure => "CI_FAILURE",
            Self::TestFailure => "TEST_FAILURE",
            Self::LintFailure => "LINT_FAILURE",
            Self::BuildFailure => "BUILD_FAILURE",
            Self::ReviewComment => "REVIEW_COMMENT",
            Self::Rebase => "REBASE",
            Self::Upgrade => "UPGRADE",
            Self::Generic => "GENERIC",
            Self::ArchitectureReview => "ARCHITECTURE_REVIEW",
            Self::PrdGeneration => "PRD_GENERATION",
            Self::TestGeneration => "TEST_GENERATION",
            Self::Refactor => "REFACTOR",
            Self::Migration => "MIGRATION",
        }
    }

    /// The kind of that name, in any case, `-` or `_`.
    pub fn from_name(name: &str) -> Option<Self> {
        let wanted = normal(name);
        Self::ALL
            .into_iter()
            .find(|task| normal(task.name()) == wanted)
    }
}
