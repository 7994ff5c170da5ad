//! What we know of repositories: names, and why one is left alone.

use std::sync::Arc;

use caretaker_core::model::{AccountId, InstallationId, Learned, RepoFacts, RepoRef};
use caretaker_core::ports::{KnownRepo, Storage, Write};

use crate::samples::{repo, repo_key};

async fn learn(storage: &Arc<dyn Storage>, lessons: impl IntoIterator<Item = Learned>) {
    let writes = lessons.into_iter().map(Write::Learn).collect();
    storage
        .commit(None, writes)
        .await
        .expect("the door may teach");
}

async fn known(storage: &Arc<dyn Storage>, n: u64) -> Option<KnownRepo> {
    storage
        .by_key(&repo_key(n))
        .await
        .expect("repositories can be read")
}

async fn off(storage: &Arc<dyn Storage>, n: u64) -> Option<String> {
    known(storage, n).await.expect("it is known").off
}

async fn named(storage: &Arc<dyn Storage>, owner: &str, name: &str) -> Option<u64> {
    let found = storage.by_name(owner, name).await;
    found
        .expect("repositories can be read")
        .map(|known| known.repo.key.id())
}

async fn list(storage: &Arc<dyn Storage>, after: Option<u64>, limit: u32) -> Vec<u64> {
    let after = after.map(repo_key);
    let page = storage.list(after.as_ref(), limit).await;
    let page = page.expect("repositories can be read");
    page.iter().map(|known| known.repo.key.id()).collect()
}

fn exists(repo: RepoRef) -> Learned {
    Learned::Known(repo, RepoFacts::default())
}

fn listed(repo: RepoRef) -> Learned {
    Learned::Listed(repo, RepoFacts::default())
}

fn archived(n: u64, archived: Option<bool>) -> Learned {
    let facts = RepoFacts {
        default_branch: None,
        archived,
    };
    Learned::Known(repo(n), facts)
}

fn called(n: u64, owner: &str, name: &str) -> RepoRef {
    RepoRef {
        owner: owner.to_owned(),
        name: name.to_owned(),
        ..repo(n)
    }
}

/// A repository is found by its key and, case aside, by its name.
pub async fn a_repository_is_found_by_key_and_name(storage: Arc<dyn Storage>) {
    assert_eq!(known(&storage, 1).await, None);
    assert_eq!(named(&storage, "octo", "repo-1").await, None);
    learn(&storage, [exists(called(1, "Octo", "Repo"))]).await;
    let wanted = KnownRepo {
        repo: called(1, "Octo", "Repo"),
        off: None,
    };
    assert_eq!(known(&storage, 1).await, Some(wanted.clone()));
    learn(&storage, [exists(called(1, "Octo", "Repo"))]).await;
    assert_eq!(known(&storage, 1).await, Some(wanted), "twice is once");
    assert_eq!(named(&storage, "oCTO", "rEPO").await, Some(1));
    assert_eq!(named(&storage, "octo", "rep").await, None);
    assert_eq!(named(&storage, "octo", "%").await, None);
}

/// A renamed repository is known by the new name alone.
pub async fn a_renamed_repository_keeps_its_key(storage: Arc<dyn Storage>) {
    learn(
        &storage,
        [
            exists(called(1, "octo", "old")),
            exists(called(1, "cat", "new")),
        ],
    )
    .await;
    assert_eq!(named(&storage, "octo", "old").await, None);
    assert_eq!(named(&storage, "cat", "new").await, Some(1));
    assert_eq!(list(&storage, None, 9).await, [1]);
}

/// A name belongs to the repository that was learned under it last.
pub async fn a_name_belongs_to_its_last_bearer(storage: Arc<dyn Storage>) {
    learn(
        &storage,
        [
            exists(called(1, "octo", "x")),
            exists(called(2, "octo", "X")),
        ],
    )
    .await;
    assert_eq!(named(&storage, "octo", "x").await, Some(2));
    learn(&storage, [exists(called(1, "octo", "y"))]).await;
    assert_eq!(
        named(&storage, "octo", "x").await,
        Some(2),
        "the rename takes nothing away"
    );
    assert_eq!(named(&storage, "octo", "y").await, Some(1));
    learn(&storage, [exists(called(1, "octo", "x"))]).await;
    assert_eq!(named(&storage, "octo", "x").await, Some(1));
}

/// A lesson that does not say through whom a repository is seen keeps what was known.
pub async fn what_a_lesson_does_not_say_is_kept(storage: Arc<dyn Storage>) {
    let full = RepoRef {
        account: Some(AccountId::new(9)),
        ..repo(1)
    };
    let bare = RepoRef {
        installation: None,
        account: None,
        ..repo(1)
    };
    learn(&storage, [exists(full.clone()), exists(bare)]).await;
    assert_eq!(
        known(&storage, 1).await.map(|known| known.repo),
        Some(full.clone())
    );
    let moved = RepoRef {
        installation: Some(InstallationId::new(2)),
        account: Some(AccountId::new(8)),
        ..repo(1)
    };
    learn(&storage, [exists(moved.clone())]).await;
    assert_eq!(
        known(&storage, 1).await.map(|known| known.repo),
        Some(moved)
    );
}

/// An archived repository is off until it is said to be none; silence changes nothing.
pub async fn an_archived_repository_is_off(storage: Arc<dyn Storage>) {
    learn(&storage, [archived(1, Some(true))]).await;
    assert_eq!(off(&storage, 1).await.as_deref(), Some("archived"));
    learn(&storage, [archived(1, None)]).await;
    assert_eq!(off(&storage, 1).await.as_deref(), Some("archived"));
    learn(&storage, [archived(1, Some(false))]).await;
    assert_eq!(off(&storage, 1).await, None);
}

/// A repository that is gone is off and told of all the same. A late delivery about it changes its
/// name at most; it is back when its installation lists it, or when another one shows it.
pub async fn a_gone_repository_is_off_until_it_is_listed_again(storage: Arc<dyn Storage>) {
    learn(
        &storage,
        [exists(repo(1)), exists(repo(2)), Learned::Gone(repo_key(1))],
    )
    .await;
    learn(&storage, [Learned::Gone(repo_key(9))]).await;
    assert_eq!(off(&storage, 1).await.as_deref(), Some("removed"));
    assert_eq!(off(&storage, 2).await, None);
    assert_eq!(known(&storage, 9).await, None);
    assert_eq!(list(&storage, None, 9).await, [1, 2]);
    let bare = RepoRef {
        installation: None,
        ..called(1, "octo", "late")
    };
    learn(&storage, [exists(repo(1)), exists(bare)]).await;
    assert_eq!(off(&storage, 1).await.as_deref(), Some("removed"));
    assert_eq!(named(&storage, "octo", "late").await, Some(1));
    learn(&storage, [listed(repo(1))]).await;
    assert_eq!(off(&storage, 1).await, None);
    let moved = RepoRef {
        installation: Some(InstallationId::new(2)),
        ..repo(1)
    };
    learn(&storage, [Learned::Gone(repo_key(1)), exists(moved)]).await;
    assert_eq!(off(&storage, 1).await, None);
}

/// A suspended installation switches its repositories off, later ones too, until it resumes.
pub async fn a_suspended_installation_is_off_until_it_resumes(storage: Arc<dyn Storage>) {
    let one = InstallationId::new(1);
    let other = RepoRef {
        installation: Some(InstallationId::new(2)),
        ..repo(2)
    };
    learn(
        &storage,
        [exists(repo(1)), exists(other), Learned::Suspended(one)],
    )
    .await;
    learn(&storage, [Learned::Suspended(one), archived(3, Some(true))]).await;
    assert_eq!(off(&storage, 1).await.as_deref(), Some("suspended"));
    assert_eq!(off(&storage, 2).await, None);
    assert_eq!(off(&storage, 3).await.as_deref(), Some("suspended"));
    learn(&storage, [Learned::Gone(repo_key(1))]).await;
    assert_eq!(off(&storage, 1).await.as_deref(), Some("removed"));
    learn(&storage, [listed(repo(1)), Learned::Resumed(one)]).await;
    assert_eq!(off(&storage, 1).await, None);
    assert_eq!(off(&storage, 3).await.as_deref(), Some("archived"));
}

/// With an installation its repositories go; those that join another one are back.
pub async fn an_ended_installation_takes_its_repositories_along(storage: Arc<dyn Storage>) {
    let elsewhere = |n| RepoRef {
        installation: Some(InstallationId::new(2)),
        ..repo(n)
    };
    learn(
        &storage,
        [exists(repo(1)), exists(repo(2)), exists(elsewhere(3))],
    )
    .await;
    learn(
        &storage,
        [Learned::InstallationGone(InstallationId::new(1))],
    )
    .await;
    assert_eq!(off(&storage, 1).await.as_deref(), Some("removed"));
    assert_eq!(off(&storage, 2).await.as_deref(), Some("removed"));
    assert_eq!(off(&storage, 3).await, None);
    learn(&storage, [exists(elsewhere(1))]).await;
    assert_eq!(off(&storage, 1).await, None);
}

/// Repositories are listed by number, in pages.
pub async fn repositories_are_listed_by_number(storage: Arc<dyn Storage>) {
    learn(&storage, [9, 100, 10].map(|n| exists(repo(n)))).await;
    assert_eq!(list(&storage, None, 2).await, [9, 10]);
    assert_eq!(list(&storage, Some(10), 2).await, [100]);
    assert_eq!(list(&storage, Some(50), 2).await, [100]);
    assert_eq!(list(&storage, Some(100), 2).await, Vec::<u64>::new());
}
