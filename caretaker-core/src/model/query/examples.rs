//! One question of each kind, for pages, round trips and the conformance of forges.

use super::ForgeQuery;
use crate::model::{
    AlertQuery, CiQuery, GitQuery, IssueQuery, RepositoryQuery, ReviewQuery, Stage,
};

impl ForgeQuery {
    /// At least one of each kind, each with an answer on that stage. A new kind needs its line
    /// here, or a test fails.
    pub fn examples(stage: &Stage) -> Vec<Self> {
        let mut all = vec![
            Self::Item(stage.issue),
            Self::Pull(stage.pull),
            Self::Snapshot(stage.pull),
            Self::Activity(stage.issue),
            Self::OpenItems {
                after: None,
                limit: 100,
            },
            Self::PullsOfCommit(stage.head.clone()),
            Self::PullsOfHead(stage.branch.clone()),
            Self::Branch(stage.branch.clone()),
            Self::ConfigFile,
            Self::Files(stage.pull),
            Self::Authors(stage.pull),
            Self::CodeOwners(stage.base.clone()),
            Self::Members {
                org: stage.org.clone(),
                team: stage.team.clone(),
            },
            Self::Permission(stage.person.clone()),
        ];
        all.extend(GitQuery::examples(stage).into_iter().map(Self::Git));
        all.extend(ReviewQuery::examples(stage).into_iter().map(Self::Review));
        all.extend(CiQuery::examples(stage).into_iter().map(Self::Ci));
        all.extend(IssueQuery::examples(stage).into_iter().map(Self::Issue));
        all.extend(AlertQuery::ALL.iter().cloned().map(Self::Alert));
        all.extend(RepositoryQuery::ALL.iter().cloned().map(Self::Repository));
        all
    }
}
