//! Where copies go and where they come from: what is named may be a link, a pipe, a folder, or a
//! file that is not whole.
#![cfg(unix)]

use std::fs::Permissions;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::Command;

use caretaker_core::ports::Store as _;
use caretaker_sqlite::{BackupError, FILE, Opening, SqliteStorage, backup, restore};
use tokio::sync::Notify;

use crate::backup::{Desk, keeps, open};
use crate::sample;

fn pipe(path: &Path) {
    let made = Command::new("mkfifo").arg(path).status();
    assert!(made.unwrap().success());
}

/// The names in the folder of copies, in their order.
fn copies(desk: &Desk) -> Vec<String> {
    let files = std::fs::read_dir(desk.folder.path().join("copies")).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

#[tokio::test]
async fn only_a_regular_file_is_replaced_by_a_copy_even_by_force() {
    let desk = Desk::new();
    desk.with(&["a"]).await;
    let copies_folder = desk.folder.path().join("copies");
    let at = |name: &str| copies_folder.join(name);
    std::fs::write(at("file"), "mine").unwrap();
    symlink("file", at("link")).unwrap();
    symlink("nowhere", at("dangling")).unwrap();
    pipe(&at("pipe"));
    std::fs::create_dir(at("folder")).unwrap();
    let before = copies(&desk);
    for (name, hint) in [
        ("link", "remove the link"),
        ("dangling", "remove the link"),
        ("pipe", "name another"),
        ("folder", "name a file in it"),
        ("folder/", "name a file in it"),
        ("new/", "name a file in it"),
    ] {
        for force in [false, true] {
            let mut told = 0;
            let refused = backup(&desk.data(), &at(name), force, &mut |_, _| told += 1).await;
            let Err(error @ BackupError::Odd { .. }) = refused else {
                panic!("{name}: {refused:?}");
            };
            assert!(error.to_string().contains(hint), "{error}");
            assert_eq!(told, 0, "{name}: nothing is copied before it is refused");
        }
    }
    assert_eq!(copies(&desk), before);
    assert_eq!(std::fs::read(at("file")).unwrap(), b"mine");
}

#[tokio::test]
async fn a_link_in_the_way_of_a_partial_copy_is_removed_and_never_followed() {
    let desk = Desk::new();
    desk.with(&["a"]).await;
    let precious = desk.folder.path().join("precious");
    std::fs::write(&precious, "mine").unwrap();
    symlink(&precious, desk.copy().with_extension("db.partial")).unwrap();
    let journal = desk.copy().with_extension("db.partial-journal");
    std::fs::write(&journal, "stale").unwrap();
    desk.backup().await;
    assert_eq!(std::fs::read(&precious).unwrap(), b"mine");
    let copy = std::fs::symlink_metadata(desk.copy()).unwrap();
    assert!(copy.is_file());
    assert_eq!(copy.permissions().mode() & 0o777, 0o600);
    assert_eq!(copies(&desk), ["one.db"]);
}

#[tokio::test]
async fn what_a_killed_copy_left_is_replaced_and_one_in_use_is_not() {
    let desk = Desk::new();
    desk.with(&["a"]).await;
    let partial = desk.copy().with_extension("db.partial");
    std::fs::write(&partial, "left").unwrap();
    std::fs::set_permissions(&partial, Permissions::from_mode(0o644)).unwrap();
    desk.backup().await;
    let mode = std::fs::metadata(desk.copy()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    std::fs::write(&partial, "at work").unwrap();
    let held = std::fs::File::open(&partial).unwrap();
    held.lock().unwrap();
    let refused = backup(&desk.data(), &desk.copy(), true, &mut |_, _| {}).await;
    assert!(matches!(refused, Err(BackupError::Busy(_))), "{refused:?}");
    assert_eq!(std::fs::read(&partial).unwrap(), b"at work");
}

#[tokio::test]
async fn a_copy_that_is_given_up_or_fails_leaves_nothing() {
    let desk = Desk::new();
    desk.with(&["a"]).await;
    let journal = desk.copy().with_extension("db.partial-journal");
    let told = Notify::new();
    {
        let (data, copy) = (desk.data(), desk.copy());
        let mut tell = |_, _| {
            // As SQLite leaves it where it is cut short.
            std::fs::write(&journal, "half").unwrap();
            told.notify_one();
        };
        tokio::select! {
            biased;
            () = told.notified() => {}
            done = backup(&data, &copy, false, &mut tell) => panic!("{done:?}"),
        }
    }
    assert_eq!(copies(&desk), [""; 0]);
}

#[tokio::test]
async fn a_restore_that_is_given_up_leaves_the_store_as_it_was() {
    let desk = Desk::new();
    desk.with(&["a"]).await;
    desk.backup().await;
    desk.with(&["b"]).await;
    let before = desk.files();
    let told = Notify::new();
    {
        let (data, copy) = (desk.data(), desk.copy());
        let mut tell = |_, _| told.notify_one();
        tokio::select! {
            biased;
            () = told.notified() => {}
            done = restore(&data, &copy, true, "then", &mut tell) => panic!("{done:?}"),
        }
    }
    assert_eq!(desk.files(), before);
    assert!(keeps(&open(&desk.data()).await, "b").await);
}

#[tokio::test]
async fn the_file_of_a_working_store_is_no_backup() {
    let desk = Desk::new();
    desk.with(&["a"]).await;
    let server = open(&desk.data()).await;
    server.commit(None, sample::accept("b", 10)).await.unwrap();
    std::fs::copy(desk.data().join(FILE), desk.copy()).unwrap();
    let other = desk.folder.path().join("other");
    let refused = restore(&other, &desk.copy(), false, "then", &mut |_, _| {}).await;
    let Err(error @ BackupError::Raw(_)) = refused else {
        panic!("{refused:?}");
    };
    assert!(error.to_string().contains("`caretaker backup`"), "{error}");
    assert!(!other.exists(), "nothing is made for it");
}

#[tokio::test]
async fn what_a_restore_put_aside_can_be_restored_itself() {
    let desk = Desk::new();
    desk.with(&["a"]).await;
    desk.backup().await;
    desk.with(&["b"]).await;
    let aside = desk.restore(true).await.unwrap().aside.unwrap();
    // In the same second: under the next name, and nothing is overwritten.
    desk.with(&["c"]).await;
    let second = desk.restore(true).await.unwrap().aside.unwrap();
    assert_ne!(second, aside);
    for (aside, key) in [(aside, "b"), (second, "c")] {
        let there = desk.folder.path().join(key);
        let restored = restore(&there, &aside, false, "then", &mut |_, _| {}).await;
        assert_eq!(restored.unwrap().aside, None);
        let storage = SqliteStorage::open(&there, Opening::Beside).await.unwrap();
        assert!(keeps(&storage, key).await, "{key}");
    }
}

#[tokio::test]
async fn nothing_is_restored_from_what_is_no_file() {
    let desk = Desk::new();
    let from = desk.folder.path().join("pipe");
    pipe(&from);
    for from in [&from, desk.folder.path()] {
        let refused = restore(&desk.data(), from, false, "then", &mut |_, _| {}).await;
        assert!(
            matches!(refused, Err(BackupError::Odd { .. })),
            "{refused:?}"
        );
    }
}

#[tokio::test]
async fn a_cause_is_told_once() {
    use std::error::Error as _;
    let desk = Desk::new();
    let nothing = desk.folder.path().join("nothing.db");
    let refused = restore(&desk.data(), &nothing, false, "then", &mut |_, _| {}).await;
    let error = refused.unwrap_err();
    let cause = error.source().unwrap().to_string();
    assert!(!error.to_string().contains(&cause), "{error}: {cause}");
}
