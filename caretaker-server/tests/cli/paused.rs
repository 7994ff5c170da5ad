//! `caretaker pause` and `resume`, beside the process that serves the store.

use std::sync::Arc;

use caretaker_core::model::{
    Action, AgentName, Detail, EventKind, ForgeAction, Held, Learned, Number, Outcome, Planned,
    Refusal, RemoteId, RepoFacts, Reviewed, Run, Span, Verb,
};
use caretaker_core::ports::{Clock as _, Fence, Storage, Write};
use caretaker_testkit::samples::{at, closed, pull, repo, repo_key, run};
use caretaker_wiring::clock::SystemClock;
use caretaker_wiring::storage::{Access, StorageConfig, connect};
use serde_json::json;

use super::Desk;

/// The right to work on what waits, for longer than any test.
async fn fence(storage: &Arc<dyn Storage>) -> Fence {
    let far = Span::days(400 * 365);
    let fence = storage.acquire("consumer", "test", at(0), far).await;
    fence.unwrap()
}

/// A desk whose store is served by this process and knows two repositories.
async fn desk() -> (Desk, Arc<dyn Storage>) {
    let desk = Desk::new()
        .env("USER", "alice")
        .env("CARETAKER_GITHUB_API_URL", "http://127.0.0.1:1");
    let dir = desk.data();
    let storage = connect(&StorageConfig::Sqlite { dir }, Access::Serve)
        .await
        .unwrap();
    let known = [1, 2].map(|n| Write::Learn(Learned::Known(repo(n), RepoFacts::default())));
    storage.commit(None, known.to_vec()).await.unwrap();
    (desk, storage)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_says_what_is_paused_and_how_to_undo_it() {
    let (desk, storage) = desk().await;
    let said = desk.call(&["pause", "--repo", "OCTO/repo-1", "--why", "release day"]);
    assert!(said.text(0).contains("octo/repo-1 since "), "{said:?}");
    assert!(said.out.contains("by alice: release day"), "{said:?}");
    let undo = "`caretaker resume --repo octo/repo-1`";
    assert!(said.out.contains(undo), "{said:?}");
    assert!(said.out.contains("the server obeys"), "{said:?}");
    let paused = storage.paused(&repo_key(1)).await.unwrap().unwrap();
    assert_eq!(paused.why.as_deref(), Some("release day"));
    assert_eq!(storage.paused(&repo_key(2)).await.unwrap(), None);

    let json = desk.call(&["pause", "--by", "bob", "--json"]).json(0);
    assert_eq!(json["paused"][0]["repository"], json!(null));
    assert_eq!(json["paused"][0]["by"], "bob");
    assert_eq!(json["paused"][0]["undo"], "caretaker resume");
    assert_eq!(json["paused"][1]["repository"], "octo/repo-1");
    assert!(storage.paused(&repo_key(2)).await.unwrap().is_some());

    let status = desk.call(&["status"]);
    assert!(status.text(0).contains("paused     everywhere since "));
    assert!(status.out.contains("paused     octo/repo-1 since "));
    let status = desk.call(&["status", "--json"]).json(0);
    assert_eq!(status["paused"], json["paused"]);
    let doctor = desk.call(&["doctor", "--json"]).json(1);
    let findings = doctor["findings"].as_array().unwrap();
    let notes: Vec<_> = findings.iter().filter(|f| f["check"] == "paused").collect();
    assert_eq!(notes.len(), 2, "{doctor}");
    assert_eq!(notes[0]["level"], "note");
    assert_eq!(notes[0]["fix"], "`caretaker resume` ends it");
}

#[tokio::test(flavor = "multi_thread")]
async fn resuming_names_what_stays_paused_and_may_be_repeated() {
    let (desk, storage) = desk().await;
    desk.call(&["pause"]).text(0);
    desk.call(&["pause", "--repo", "octo/repo-1"]).text(0);
    let said = desk.call(&["resume"]);
    assert!(said.text(0).contains("resumed    everywhere"), "{said:?}");
    assert!(said.out.contains("paused     octo/repo-1 since "));
    assert!(storage.paused(&repo_key(1)).await.unwrap().is_some());
    assert_eq!(storage.paused(&repo_key(2)).await.unwrap(), None);
    let again = desk.call(&["resume"]);
    assert!(
        again.text(0).contains("everywhere was not paused"),
        "{again:?}"
    );
    // A repository whose name is gone is still reached by its key.
    let json = desk
        .call(&["resume", "--repo", "github:1", "--json"])
        .json(0);
    assert_eq!(
        json,
        json!({
            "resumed": true, "looks": 0, "left_out": 0, "commands": 0, "expired": 0, "lost": 0,
            "paused": [],
        })
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_pause_keeps_its_beginning() {
    let (desk, storage) = desk().await;
    desk.call(&["pause", "--why", "first"]).text(0);
    let first = storage.pauses().await.unwrap().remove(0).1;
    desk.call(&["pause", "--why", "second"]).text(0);
    let second = storage.pauses().await.unwrap().remove(0).1;
    assert_eq!(
        (second.at, second.why.as_deref()),
        (first.at, Some("second"))
    );
    desk.call(&["pause"]).text(0);
    let third = storage.pauses().await.unwrap().remove(0).1;
    assert_eq!(third, second, "its reason stays where none is given");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_paused_is_said_clearly() {
    let (desk, _storage) = desk().await;
    for command in ["pause", "resume"] {
        let unknown = desk.call(&[command, "--repo", "octo/other"]);
        assert!(unknown.complaint().contains("octo/other"), "{unknown:?}");
        let wrong = desk.call(&[command, "--repo", "octo"]);
        assert!(wrong.complaint().contains("owner/repo"), "{wrong:?}");
    }
    let key = desk.call(&["pause", "--repo", "github:99"]);
    assert!(key.complaint().contains("github:99"), "{key:?}");
    desk.call(&["resume", "--repo", "github:99"]).text(0);
    desk.call(&["pause", "--repo", "github:1"]).text(0);
    let lines = desk.call(&["pause", "--why", "a\nb"]);
    assert!(lines.complaint().contains("one line"), "{lines:?}");
    let nothing = Desk::new().call(&["pause"]);
    assert!(nothing.complaint().contains("caretaker serve"));
}

/// A run about a pull request of a repository that has something held, ended now.
fn held(event: &str, repository: u64, number: u64, refusal: Refusal) -> Run {
    let mut held = closed(run(event, "pr"), Outcome::Decided);
    held.repo = Some(repo(repository));
    held.task.event.subject = pull(number);
    held.closed_at = Some(SystemClock::start().now());
    let planned = Planned {
        action: Action::Forge(ForgeAction::Close {
            number: Number::new(number),
            pull: true,
        }),
        why: "nobody cares for it".to_owned(),
    };
    held.reviewed = Some(Reviewed {
        held: vec![Held { planned, refusal }],
        ..Reviewed::default()
    });
    held
}

#[tokio::test(flavor = "multi_thread")]
async fn resuming_says_what_becomes_of_commands() {
    let (desk, storage) = desk().await;
    let fence = fence(&storage).await;
    desk.call(&["pause"]).text(0);
    let now = SystemClock::start().now();
    let too_late = Span::minutes(10);
    for (event, repository, accepted) in [("a", 1, now), ("b", 1, now - too_late), ("c", 9, now)] {
        let mut run = held(event, repository, 7, Refusal::Paused);
        run.agent = AgentName::new("commands");
        run.task.event.kind = EventKind::CommentCreated;
        run.task.event.detail = Detail::Command {
            comment: RemoteId::new(u64::from(event.as_bytes()[0])),
            verb: Verb::Hold,
            accepted,
        };
        let close = vec![Write::Close(Box::new(run))];
        storage.commit(Some(fence), close).await.unwrap();
    }
    let said = desk.call(&["resume"]);
    assert!(
        said.text(0).contains("commands   1 commands given"),
        "{said:?}"
    );
    assert!(
        said.out.contains("expired    1 commands too late"),
        "{said:?}"
    );
    assert!(
        said.out.contains("lost       1 commands in repos"),
        "{said:?}"
    );
    assert_eq!(storage.depth().await.unwrap().waiting, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn resuming_has_what_was_held_since_looked_at_again() {
    let (desk, storage) = desk().await;
    let fence = fence(&storage).await;
    let close = |run| vec![Write::Close(Box::new(run))];
    storage
        .commit(Some(fence), close(held("before", 1, 6, Refusal::Paused)))
        .await
        .unwrap();
    desk.call(&["pause"]).text(0);
    for over in [
        held("a", 1, 7, Refusal::Paused),
        held("b", 1, 7, Refusal::Paused),
        held("c", 2, 7, Refusal::Paused),
        held("d", 1, 8, Refusal::Quarantined),
    ] {
        storage.commit(Some(fence), close(over)).await.unwrap();
    }
    assert_eq!(storage.depth().await.unwrap().waiting, 0);
    let said = desk.call(&["resume"]);
    assert!(
        said.text(0).contains("2 subjects are looked at again"),
        "{said:?}"
    );
    let now = SystemClock::start().now();
    let taken = storage.take(fence, now, 9).await.unwrap();
    let subjects: Vec<_> = taken
        .iter()
        .map(|taken| {
            let event = &taken.item.event;
            (event.scope.to_string(), event.subject.to_string())
        })
        .collect();
    let both = [1, 2].map(|n| (repo_key(n).to_string(), "pull/7".to_owned()));
    assert_eq!(subjects, both);
}
