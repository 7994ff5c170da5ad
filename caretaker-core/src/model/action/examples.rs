//! One action of each kind, for pages, round trips and the conformance of forges.

use super::{Conclusion, ForgeAction, Publish, Reaction};
use crate::model::{CiAction, GitAction, IssueAction, Label, Marker, ReviewAction, Stage};

impl ForgeAction {
    /// At least one of each kind, each with something to do on that stage, in an order in which
    /// none is in the way of a later one. A new kind needs its line here, or a test fails.
    pub fn examples(stage: &Stage) -> Vec<Self> {
        let (issue, comment) = (stage.issue, stage.comment);
        let mut all = Vec::new();
        // Before the branch of a head is gone.
        all.extend(CiAction::examples(stage).into_iter().map(Self::Ci));
        all.extend(GitAction::examples(stage).into_iter().map(Self::Git));
        all.extend(ReviewAction::examples(stage).into_iter().map(Self::Review));
        all.extend(IssueAction::examples(stage).into_iter().map(Self::Issue));
        all.extend([
            Self::AddLabel {
                number: issue,
                label: Label::new("stale"),
            },
            Self::RemoveLabel {
                number: issue,
                label: stage.label.clone(),
            },
            Self::UpsertComment {
                number: stage.pull,
                marker: Marker::Status,
                body: format!("{}\nwait", Marker::Status.render()),
            },
            Self::React {
                number: issue,
                comment,
                reaction: Reaction::Eyes,
            },
            Self::Reply {
                number: issue,
                to: comment,
                body: format!("{}\nbecause", Marker::Answer.render_to(comment)),
            },
            Self::Publish(Publish {
                sha: stage.head.clone(),
                name: "caretaker/pr-readiness".to_owned(),
                conclusion: Conclusion::InProgress,
                title: "waits for checks".to_owned(),
                summary: "One check is running.".to_owned(),
            }),
            Self::Close {
                number: issue,
                pull: false,
            },
            Self::Close {
                number: stage.second_pull,
                pull: true,
            },
            Self::DeleteBranch {
                branch: stage.branch.clone(),
                expect: stage.tip.clone(),
            },
        ]);
        all
    }
}
