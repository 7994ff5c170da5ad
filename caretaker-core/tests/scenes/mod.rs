//! One short story for each thing an agent does: what was before, and what then happens.

use caretaker_core::model::Span;
use caretaker_testkit::faulty::Faulty;
use caretaker_testkit::story::{ACT, Story};
use caretaker_testkit::world::World;

/// A scene.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scene {
    /// A broken configuration file is pushed.
    ConfigBreaks,
    /// A pull request gets its first check.
    PullIsFollowed,
    /// A check of a pull request fails.
    CheckFails,
    /// A tick finds a quiet issue.
    QuietIssueIsWarned,
    /// Nobody answered the warning.
    WarnedIssueIsClosed,
    /// Somebody answered the warning.
    WarnedIssueIsReset,
    /// A pull request is merged, and its branch is left over.
    MergedBranchIsPruned,
    /// A person tells us to stop merging.
    CommandIsCarriedOut,
    /// A person asks why it is not merged.
    CommandIsAnswered,
}

impl Scene {
    /// All of them.
    pub(crate) const ALL: [Self; 9] = [
        Self::ConfigBreaks,
        Self::PullIsFollowed,
        Self::CheckFails,
        Self::QuietIssueIsWarned,
        Self::WarnedIssueIsClosed,
        Self::WarnedIssueIsReset,
        Self::MergedBranchIsPruned,
        Self::CommandIsCarriedOut,
        Self::CommandIsAnswered,
    ];

    /// What was before; nothing goes wrong in it.
    pub(crate) async fn given(self) -> Story {
        let mut story = Story::over(World::new, Faulty::default());
        story.config(ACT);
        match self {
            Self::ConfigBreaks
            | Self::PullIsFollowed
            | Self::CheckFails
            | Self::MergedBranchIsPruned
            | Self::CommandIsCarriedOut
            | Self::CommandIsAnswered => {
                story.settle().await;
            }
            Self::QuietIssueIsWarned => {
                story.label(1, "alice", "pinned");
                story.settle().await;
                story.advance(Span::days(61)).await;
            }
            Self::WarnedIssueIsClosed | Self::WarnedIssueIsReset => {
                story.label(1, "alice", "pinned");
                story.settle().await;
                story.advance(Span::days(61)).await;
                story.tick().await;
                let days = if self == Self::WarnedIssueIsClosed {
                    13
                } else {
                    3
                };
                story.advance(Span::days(days)).await;
            }
        }
        story
    }

    /// What happens.
    pub(crate) async fn happens(self, story: &mut Story) {
        match self {
            Self::ConfigBreaks => {
                story.config("version: v1\nsafety:\n  mod: act\n");
                story.settle().await;
            }
            Self::PullIsFollowed => {
                story.check(1, "ci").pass();
                story.settle().await;
            }
            Self::CheckFails => {
                story.check(1, "ci").fail();
                story.settle().await;
            }
            Self::QuietIssueIsWarned => story.tick().await,
            Self::WarnedIssueIsClosed => {
                story.advance_only(Span::days(2));
                story.settle().await;
            }
            Self::WarnedIssueIsReset => {
                story.comment(2, "carol", "Still squeaks.");
                story.settle().await;
            }
            Self::MergedBranchIsPruned => {
                story.merge(1, "alice");
                story.settle().await;
            }
            Self::CommandIsCarriedOut => {
                story.comment(1, "bob", "@caretaker hold");
                story.settle().await;
            }
            Self::CommandIsAnswered => {
                story.comment(1, "bob", "@caretaker why");
                story.settle().await;
            }
        }
    }
}

/// Looks at every comment of ours; how many there are on each item.
pub(crate) fn comments(story: &Story) -> [usize; 2] {
    [1, 2].map(|number| story.comments_of_bot(number).len())
}
