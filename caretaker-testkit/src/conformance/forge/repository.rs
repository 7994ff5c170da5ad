//! The repository as a whole.

use caretaker_core::model::repository::{RepositorySettings, Visibility};
use caretaker_core::model::{Answer, Branch, ForgeQuery, RepositoryAnswer, RepositoryQuery};

use super::{Rig, sha};
use crate::world::MergeSettings;

async fn asked(rig: &Rig, query: RepositoryQuery) -> RepositoryAnswer {
    match rig.ask(ForgeQuery::Repository(query)).await {
        Ok(Answer::Repository(answer)) => *answer,
        other => panic!("nothing about the repository: {other:?}"),
    }
}

async fn settings(rig: &Rig) -> RepositorySettings {
    match asked(rig, RepositoryQuery::Settings).await {
        RepositoryAnswer::Settings(settings) => settings,
        other => panic!("no settings: {other:?}"),
    }
}

/// How it is, and how pull requests may be merged.
pub async fn a_repository_says_how_it_is_set_up(rig: &Rig) {
    rig.world.merge_settings(MergeSettings {
        merge_commit: false,
        auto_merge: true,
        delete_branch: true,
        ..MergeSettings::default()
    });
    let seen = settings(rig).await;
    assert_eq!(seen.default_branch, Branch::new("main"));
    assert_eq!(seen.visibility, Visibility::Public);
    assert!(!seen.archived && !seen.fork && seen.has_issues);
    assert_eq!(seen.allow_merge_commit, Some(false));
    assert_eq!(seen.allow_squash_merge, Some(true));
    assert_eq!(seen.allow_rebase_merge, Some(true));
    assert_eq!(seen.allow_auto_merge, Some(true));
    assert_eq!(seen.delete_branch_on_merge, Some(true));
    rig.world.archive("bob");
    assert!(settings(rig).await.archived);
}

/// Unknown, and not "no".
pub async fn who_may_not_write_learns_nothing_of_merging(rig: &Rig) {
    rig.world.permit("contents", "read");
    let seen = settings(rig).await;
    assert_eq!(seen.default_branch, Branch::new("main"));
    let told = [
        seen.allow_merge_commit,
        seen.allow_squash_merge,
        seen.allow_rebase_merge,
        seen.allow_auto_merge,
        seen.delete_branch_on_merge,
    ];
    assert_eq!(told, [None; 5]);
}

/// Youngest first, no drafts; and the tags that they stand for.
pub async fn releases_and_tags_are_told(rig: &Rig) {
    let tip = rig.world.tip("main");
    rig.world.tag("v1.0.0", &tip);
    rig.world.publish_release("alice", "v1.0.0", false, false);
    rig.world
        .publish_release("alice", "v1.1.0-rc.1", false, true);
    rig.world.publish_release("alice", "v2.0.0", true, false);
    let RepositoryAnswer::Releases(seen) = asked(rig, RepositoryQuery::Releases).await else {
        panic!("no releases");
    };
    let rows = seen
        .rows
        .iter()
        .map(|row| (row.tag.as_str(), row.prerelease));
    let rows: Vec<_> = rows.collect();
    let wanted = [("v1.1.0-rc.1", true), ("v1.0.0", false)];
    assert_eq!(rows, wanted);
    let RepositoryAnswer::Tags(tags) = asked(rig, RepositoryQuery::Tags).await else {
        panic!("no tags");
    };
    let tags: Vec<_> = tags
        .rows
        .iter()
        .map(|tag| (tag.name.as_str(), &tag.sha))
        .collect();
    assert_eq!(tags, [("v1.0.0", &sha(&tip))]);
}
