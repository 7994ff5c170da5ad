//! `caretaker run`, against the few answers of GitHub that it asks for.

use std::sync::{Arc, Mutex};

use caretaker_wiring::storage::{Access, StorageConfig, connect};

use super::Desk;
use super::github::GitHub;

const ISSUE: [&str; 7] = [
    "run",
    "--repo",
    "octo/repo",
    "--subject",
    "issue/7",
    "--agent",
    "stale",
];

fn desk(github: &GitHub) -> Desk {
    Desk::new()
        .env("CARETAKER_GITHUB_API_URL", github.url())
        .env("GITHUB_TOKEN", "hush")
}

fn with<'a>(args: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    [args, more].concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_needs_no_store_and_writes_nothing() {
    let github = GitHub::start().await;
    let desk = desk(&github);
    let said = desk.call(&with(&ISSUE, &["--dry-run"]));
    assert!(
        said.text(0).contains("issue/7 of octo/repo: warn by stale"),
        "{said:?}"
    );
    assert!(said.out.contains("dry run: nothing was written"));
    assert!(!desk.data().exists());
    let json = desk.call(&with(&ISSUE, &["--dry-run", "--json"])).json(0);
    assert_eq!(json["runs"][0]["verdict"], "warn");
    assert_eq!(json["runs"][0]["held"].as_array().unwrap().len(), 2);
    assert!(github.asked().iter().all(|asked| asked.starts_with("GET ")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_tick_shows_what_it_would_hand_on() {
    let github = GitHub::start().await;
    let args = [
        "run",
        "--repo",
        "octo/repo",
        "--agent",
        "stale",
        "--dry-run",
        "--json",
    ];
    let json = desk(&github).call(&args).json(0);
    let verdicts: Vec<_> = json["runs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|run| {
            (
                run["agent"].as_str().unwrap(),
                run["verdict"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(verdicts, [("fan_out", "spread"), ("stale", "warn")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_server_it_takes_the_item_itself_and_the_rest_of_the_commands_tell_of_it() {
    let github = GitHub::start().await;
    let desk = desk(&github);
    let json = desk.call(&with(&ISSUE, &["--json"])).json(0);
    let run = &json["runs"][0];
    assert_eq!(
        (&run["verdict"], &run["outcome"]),
        (&"warn".into(), &"decided".into())
    );
    assert_eq!(run["configuration"], "valid");
    assert!(github.asked().iter().all(|asked| asked.starts_with("GET ")));

    let why = desk.call(&["explain", "octo/repo#7"]);
    assert!(why.text(0).contains("idle long enough"), "{why:?}");
    assert!(
        why.out
            .contains("held: mode observe, needs act; the server's own limit is observe (`caretaker doctor`): it takes an allow-list, and no mode_ceiling, dispatch_mode or dry_run below act")
    );
    let id = &run["run"].as_str().unwrap()[..8];
    assert_eq!(
        desk.call(&["explain", id, "--json"]).json(0)["runs"][0]["run"],
        run["run"]
    );

    let lines = desk.call(&["journal", "export"]);
    assert_eq!(lines.text(0).lines().count(), 1);
    let replayed = desk
        .call_with(&["replay", "-", "--json"], &lines.out)
        .json(0);
    assert_eq!(
        (&replayed["records"], &replayed["same"]),
        (&1.into(), &1.into())
    );
    let changed = lines
        .out
        .replace("\"verdict\":\"warn\"", "\"verdict\":\"keep\"");
    let differs = desk.call_with(&["replay", "-"], &changed);
    assert!(
        differs.text(1).contains("decision recorded: "),
        "{differs:?}"
    );
    assert!(desk.call(&["replay"]).text(0).contains("1 records: 1 same"));

    let status = desk.call(&["status", "--json"]).json(0);
    assert_eq!(status["consumer"], "not running");
    assert_eq!(status["depth"]["waiting"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tick_is_followed_to_the_items_it_hands_on() {
    let github = GitHub::start().await;
    let desk = desk(&github);
    let json = desk
        .call(&["run", "--repo", "octo/repo", "--agent", "stale", "--json"])
        .json(0);
    let agents: Vec<_> = json["runs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|run| run["agent"].as_str().unwrap())
        .collect();
    assert_eq!(agents, ["fan_out", "stale"]);
    let runs = desk
        .call(&["runs", "--repo", "OCTO/repo", "--json"])
        .json(0);
    assert_eq!(runs["closed"].as_array().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_unlisted_unknown_or_without_an_agent_is_refused() {
    let github = GitHub::start().await;
    let desk = desk(&github);
    let unknown = desk.call(&["run", "--repo", "octo/other"]);
    assert!(
        unknown
            .complaint()
            .contains("GitHub shows us no repository octo/other"),
        "{unknown:?}"
    );
    let agent = desk.call(&["run", "--repo", "octo/repo", "--agent", "nobody"]);
    assert!(agent.complaint().contains("stale"), "{agent:?}");
    let subject = desk.call(&["run", "--repo", "octo/repo", "--subject", "7"]);
    assert!(subject.complaint().contains("issue/7"), "{subject:?}");
    let wide = desk.call(&["run", "--repo", "octo/repo", "--subject", "branch/main"]);
    assert!(wide.complaint().contains("branch/main"), "{wide:?}");
    let desk = desk.env("CARETAKER_WEBHOOK_ALLOW_LIST", "friends");
    let unlisted = desk.call(&ISSUE);
    assert!(unlisted.complaint().contains("allow-list"), "{unlisted:?}");
    assert!(!desk.call(&["status"]).complaint().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_server_takes_the_item_and_what_it_leaves_when_killed_is_taken_over() {
    let github = GitHub::start().await;
    let desk = Arc::new(desk(&github));
    let mut server = desk.serve();
    let json = desk.call(&with(&ISSUE, &["--json"])).json(0);
    assert_eq!(json["runs"][0]["verdict"], "warn");
    let status = desk.call(&["status", "--json"]).json(0);
    assert_eq!(status["serving_pid"], server.pid());
    let holder = status["holder"].as_str().unwrap();
    let process = format!("serve {} ", server.pid());
    assert!(holder.starts_with(&process), "{holder}");
    server.kill();
    let holder = Arc::new(Mutex::new(None));
    let (beside, seen) = (Arc::clone(&desk), Arc::clone(&holder));
    github.when("/repos/octo/repo/issues/7", move || {
        let status = beside.call(&["status", "--json"]).json(0);
        *seen.lock().unwrap() = Some(status["holder"].clone());
    });
    let again = desk.call(&with(&ISSUE, &["--json"])).json(0);
    assert_eq!(again["runs"][0]["outcome"], "decided");
    assert_ne!(again["runs"][0]["run"], json["runs"][0]["run"]);
    // Under the dead server's name, the next process would take the lease from a living pass.
    let holder = holder.lock().unwrap().take().unwrap();
    assert!(holder.as_str().unwrap().starts_with("run "), "{holder}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_credentials_nothing_is_taken() {
    let github = GitHub::start().await;
    let desk = Desk::new().env("CARETAKER_GITHUB_API_URL", github.url());
    let said = desk.call(&ISSUE);
    assert!(said.complaint().contains("no credentials"), "{said:?}");
    assert!(said.err.contains("GITHUB_TOKEN"), "{said:?}");
    assert!(!desk.data().exists(), "nothing is queued");
    assert!(github.asked().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_consumer_is_paused_nothing_is_taken() {
    let github = GitHub::start().await;
    let desk = desk(&github).env("CARETAKER_WEBHOOK_DISPATCH_MODE", "off");
    let said = desk.call(&ISSUE);
    let paused = "paused: CARETAKER_WEBHOOK_DISPATCH_MODE is off";
    assert!(said.complaint().contains(paused), "{said:?}");
    assert!(!desk.data().exists(), "nothing is queued");
    assert_eq!(desk.call(&with(&ISSUE, &["--dry-run"])).code, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_whose_consumer_is_paused_keeps_the_item() {
    let github = GitHub::start().await;
    let desk = desk(&github);
    let dir = desk.data();
    let served = connect(&StorageConfig::Sqlite { dir }, Access::Serve)
        .await
        .unwrap();
    let said = desk.call(&ISSUE);
    assert_eq!(said.code, 4, "{said:?}");
    let paused = format!("(process {}) is paused", std::process::id());
    assert!(said.err.contains(&paused), "{said:?}");
    assert_eq!(served.depth().await.unwrap().waiting, 1);
    assert_eq!(
        desk.call(&["status", "--json"]).json(0)["consumer"],
        "paused or starting"
    );
}
