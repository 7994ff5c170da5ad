//! Commands that read a store, beside the process that serves it.

use std::sync::Arc;

use caretaker_core::drive::known_config::KnownConfig;
use caretaker_core::guard::last_look::CONFIG_KEY;
use caretaker_core::model::{
    Action, ConfigState, ForgeAction, Json, Learned, LookVerdict, Looked, Number, Outcome, Planned,
    RepoFacts, Reviewed, Run, Sha, Span,
};
use caretaker_core::ports::{Storage, Write};
use caretaker_testkit::samples::{at, attempt, closed, repo, run};
use caretaker_wiring::storage::{Access, StorageConfig, connect};

use super::Desk;

/// A desk whose store is served by this process and holds these runs.
pub(super) async fn desk(runs: Vec<Run>) -> (Desk, Arc<dyn Storage>) {
    let desk = Desk::new();
    let dir = desk.data();
    let storage = connect(&StorageConfig::Sqlite { dir }, Access::Serve)
        .await
        .unwrap();
    let fence = storage
        .acquire("consumer", "test", at(0), Span::days(400 * 365))
        .await
        .unwrap();
    let mut writes = vec![Write::Learn(Learned::Known(repo(1), RepoFacts::default()))];
    writes.extend(runs.into_iter().map(|run| match run.outcome {
        Some(_) => Write::Close(Box::new(run)),
        None => Write::Step(Box::new(run)),
    }));
    storage.commit(Some(fence), writes).await.unwrap();
    (desk, storage)
}

fn blocked(event: &str) -> Run {
    Run {
        blocked: 3,
        last_failure: Some("the forge is away".to_owned()),
        ..run(event, "stale")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_lists_open_ones_with_what_stands_in_their_way() {
    let done = closed(run("e1", "pr"), Outcome::Decided);
    let (desk, _served) = desk(vec![done, blocked("e2")]).await;
    let said = desk.call(&["runs"]);
    assert!(said.text(0).contains("octo/repo-1 issue/7"), "{said:?}");
    assert!(said.out.contains("3        the forge is away"), "{said:?}");
    let json = desk.call(&["runs", "--json"]).json(0);
    assert_eq!(json["open"][0]["blocked"], 3);
    assert_eq!(json["closed"][0]["agent"], "pr");
    let none = desk
        .call(&["runs", "--agent", "pr", "--outcome", "buried", "--json"])
        .json(0);
    assert_eq!(
        (none["open"].as_array().unwrap().len(), &none["closed"]),
        (0, &serde_json::json!([]))
    );
    let wrong = desk.call(&["runs", "--outcome", "lost"]);
    assert!(wrong.complaint().contains("buried"), "{wrong:?}");
    let unknown = desk.call(&["runs", "--repo", "octo/other"]);
    assert!(unknown.complaint().contains("octo/other"), "{unknown:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn explain_shows_the_last_run_of_each_agent_and_an_open_one_first() {
    let old = closed(run("e1", "stale"), Outcome::Decided);
    let new = closed(run("e2", "stale"), Outcome::Buried("gave_up".to_owned()));
    let (desk, _served) = desk(vec![old, new, blocked("e3")]).await;
    let json = desk.call(&["explain", "octo/repo-1#7", "--json"]).json(0);
    assert_eq!(json["runs"].as_array().unwrap().len(), 1);
    assert_eq!(json["runs"][0]["last_failure"], "the forge is away");
    let text = desk.call(&["explain", "octo/repo-1#7"]);
    assert!(text.text(0).contains("put off        3 times"), "{text:?}");
    assert!(
        desk.call(&["explain", "octo/repo-1#8"])
            .text(1)
            .contains("no run")
    );
    assert_eq!(desk.call(&["explain", "zzzz"]).code, 1);
    assert!(
        desk.call(&["explain", "octo/repo-1#x"])
            .complaint()
            .contains("#7")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn status_names_the_server_the_blocked_and_what_is_overtaken_three_times() {
    let looked = |run| Run {
        looked: Some(Looked {
            evidence: caretaker_core::model::Evidence::default(),
            verdict: LookVerdict::Changed(vec!["head".to_owned()]),
            at: at(1),
        }),
        ..closed(run, Outcome::Overtaken)
    };
    let mut runs: Vec<Run> = (1..=3)
        .map(|n| looked(attempt(run("e1", "pr"), 0, n)))
        .collect();
    runs.extend((1..=2).map(|n| looked(attempt(run("e2", "pr"), 0, n))));
    runs.push(blocked("e3"));
    let (desk, _served) = desk(runs).await;
    let json = desk.call(&["status", "--json"]).json(0);
    assert_eq!(json["serving_pid"], std::process::id());
    assert_eq!(json["limit_by"], "settings_given_here");
    assert_eq!(json["holder"], "test");
    assert_eq!(json["consumer"], "working");
    assert_eq!(json["open_runs"], 1);
    assert_eq!(json["overtaken"].as_array().unwrap().len(), 1);
    assert_eq!(json["overtaken"][0]["times"], 3);
    let said = desk.call(&["status"]);
    assert!(said.text(0).contains("overtaken 3 times"), "{said:?}");
    assert!(said.out.contains("last: the forge is away"), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_journal_is_exported_by_repository_and_time() {
    let runs = vec![
        closed(run("e1", "stale"), Outcome::Decided),
        closed(run("e2", "stale"), Outcome::Decided),
    ];
    let (desk, _served) = desk(runs).await;
    assert_eq!(desk.call(&["journal", "export"]).text(0).lines().count(), 2);
    let args = [
        "journal",
        "export",
        "--repo",
        "octo/repo-1",
        "--since",
        "9999-01-01",
        "--no-blobs",
    ];
    assert_eq!(desk.call(&args).text(0), "");
    let wrong = desk.call(&["journal", "export", "--since", "yesterday"]);
    assert!(wrong.complaint().contains("7d"), "{wrong:?}");
    let replayed = desk.call(&["replay", "--json"]).json(0);
    assert_eq!(replayed["no_decision"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn status_tells_a_server_that_was_killed_from_one_that_works() {
    let desk = Desk::new();
    let mut server = desk.serve_until("holding the lease");
    assert_eq!(
        desk.call(&["status", "--json"]).json(0)["consumer"],
        "working"
    );
    server.kill();
    let json = desk.call(&["status", "--json"]).json(0);
    assert_eq!(json["serving_pid"], serde_json::Value::Null);
    assert_ne!(json["consumer"], "working");
}

#[tokio::test(flavor = "multi_thread")]
async fn explain_of_an_open_run_does_not_say_that_its_effects_were_not_sent() {
    let planned = |run: Run| Run {
        reviewed: Some(Reviewed {
            allowed: vec![Planned {
                action: Action::Forge(ForgeAction::Close {
                    number: Number::new(7),
                    pull: false,
                }),
                why: "nobody cares for it".to_owned(),
            }],
            ..Reviewed::default()
        }),
        ..run
    };
    let open = planned(run("e1", "stale"));
    let over = planned(closed(run("e2", "pr"), Outcome::Interrupted));
    let (desk, _served) = desk(vec![open, over]).await;
    let said = desk.call(&["explain", "octo/repo-1#7"]);
    let told = said.text(0);
    assert_eq!(told.matches("not over yet").count(), 1, "{said:?}");
    assert_eq!(told.matches("not sent").count(), 1, "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn config_effective_of_a_repository_names_the_last_good_commit_and_the_ceiling() {
    let (desk, served) = desk(Vec::new()).await;
    let unseen = desk.call(&["config", "effective", "octo/repo-1"]);
    assert!(unseen.complaint().contains("--dry-run"), "{unseen:?}");
    let known = KnownConfig {
        state: ConfigState::LastGood,
        seen_commit: Sha::parse(&"b".repeat(40)),
        good_commit: Sha::parse(&"a".repeat(40)),
        good_text: Some(
            "version: v1\nsafety: {mode: act}\nstale_agent: {stale_days: 9}\n".to_owned(),
        ),
        problems: vec!["line 1: broken".to_owned()],
        checked_at: at(0),
    };
    let put = Write::Put {
        repo: repo(1).key,
        key: CONFIG_KEY.to_owned(),
        expect: None,
        value: Json::of(&known).unwrap(),
    };
    let again = served
        .acquire("consumer", "test", at(0), Span::days(400 * 365))
        .await
        .unwrap();
    served.commit(Some(again), vec![put]).await.unwrap();
    let desk = desk.env("CARETAKER_MODE_CEILING", "propose");
    let said = desk.call(&["config", "effective", "octo/repo-1"]);
    assert!(
        said.text(0)
            .contains("line 3 of the last good commit aaaaaaa"),
        "{said:?}"
    );
    let whose = "ceiling propose, by the settings given here";
    assert!(said.out.contains(whose), "{said:?}");
    assert!(!said.out.contains("server's ceiling"), "{said:?}");
    let args = [
        "config",
        "effective",
        "octo/repo-1",
        "safety.mode",
        "--json",
    ];
    let json = desk.call(&args).json(0);
    assert_eq!(json["ceiling"], "propose");
    assert_eq!(json["limit_by"], "settings_given_here");
    assert_eq!(json["values"][0]["value"], "propose");
    assert_eq!(json["values"][0]["source"], "ceiling");
}

#[test]
fn without_a_store_every_reader_says_what_to_do() {
    let desk = Desk::new();
    for args in [
        &["status"][..],
        &["runs"],
        &["explain", "o/r#1"],
        &["journal", "export"],
        &["replay"],
        &["config", "effective", "o/r"],
    ] {
        let said = desk.call(args);
        assert!(said.complaint().contains("caretaker serve"), "{said:?}");
        assert!(said.err.contains("--data-dir"), "{said:?}");
    }
    assert!(!desk.data().exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn explain_tells_what_stood_at_a_time() {
    let closed_at = |event: &str, seconds: i64| Run {
        closed_at: Some(at(seconds) + Span::millis(837)),
        ..closed(run(event, "stale"), Outcome::Decided)
    };
    let (old, new) = (closed_at("e1", 100), closed_at("e2", 200));
    let ids = [old.id.to_string(), new.id.to_string()];
    let (desk, _served) = desk(vec![old, new]).await;
    for (seconds, id) in [(100, &ids[0]), (199, &ids[0]), (200, &ids[1])] {
        let time = at(seconds).to_string();
        let args = ["explain", "octo/repo-1#7", "--at", &time, "--json"];
        assert_eq!(desk.call(&args).json(0)["runs"][0]["run"], id.as_str());
    }
    // Records have milliseconds; what we print has not.
    let text = desk.call(&["explain", &ids[1]]);
    let printed = at(200).to_string();
    assert!(text.text(0).contains(&printed), "{text:?}");
    let day = &printed[..10];
    let args = ["explain", "octo/repo-1#7", "--at", day, "--json"];
    assert_eq!(desk.call(&args).json(0)["runs"][0]["run"], ids[1].as_str());
    let before = at(99).to_string();
    let none = desk.call(&["explain", "octo/repo-1#7", "--at", &before]);
    assert!(none.text(1).contains("closed by"), "{none:?}");
    let run = desk.call(&["explain", &ids[0], "--at", "1h"]);
    assert!(run.complaint().contains("--at goes with"), "{run:?}");
    let old = desk.call(&["explain", "octo/repo-1#7", "--at", "99999999999d"]);
    assert!(old.complaint().contains("is no time"), "{old:?}");
    let wrong = desk.call(&["explain", "octo/repo-1#7", "--at", "once"]);
    assert!(wrong.complaint().contains("is no time"), "{wrong:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn explain_finds_an_agent_behind_many_runs_of_another() {
    let mut runs = vec![closed(run("first", "stale"), Outcome::Decided)];
    let many = (0..201).map(|n| closed(run(&format!("e{n}"), "pr"), Outcome::Decided));
    runs.extend(many);
    let (desk, _served) = desk(runs).await;
    let url = "https://github.com/octo/repo-1/issues/7";
    for item in ["octo/repo-1#7", url] {
        let json = desk.call(&["explain", item, "--json"]).json(0);
        let agents: Vec<_> = json["runs"].as_array().unwrap().iter().collect();
        let agents: Vec<_> = agents.iter().map(|run| &run["agent"]).collect();
        assert_eq!(agents, ["pr", "stale"], "{item}");
    }
}

#[test]
fn explain_says_how_to_name_what_is_meant() {
    let desk = Desk::new();
    for (wrong, hint) in [
        ("octo/widgets", "write octo/widgets#7"),
        ("", "nothing is named"),
        ("#3", "write owner/repo#3"),
        ("https://github.com/o/r", "owner/repo#7"),
    ] {
        let said = desk.call(&["explain", wrong]);
        assert!(said.complaint().contains(hint), "{said:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn explain_of_what_nobody_looked_at_says_how_to_look() {
    let (desk, _served) = desk(Vec::new()).await;
    for (args, hint) in [
        (
            &["octo/repo-1#7"][..],
            "`caretaker run --repo octo/repo-1 --subject pull/7`",
        ),
        (
            &["octo/repo-1#7", "--at", "2020-01-01"],
            "`caretaker runs --repo octo/repo-1`",
        ),
        (&["3fa29c"], "its id may be cut"),
    ] {
        let said = desk.call(&[&["explain"], args].concat());
        assert!(said.text(1).contains(hint), "{said:?}");
    }
}
