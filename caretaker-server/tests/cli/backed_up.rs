//! `caretaker backup` and `restore`.

use serde_json::json;

use super::Desk;
use super::github::GitHub;

const ISSUE: [&str; 5] = ["run", "--repo", "octo/repo", "--subject", "issue/7"];

fn desk(github: &GitHub) -> Desk {
    Desk::new()
        .env("CARETAKER_GITHUB_API_URL", github.url())
        .env("GITHUB_TOKEN", "hush")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_of_a_working_server_is_restored_elsewhere_and_replays_the_same() {
    let github = GitHub::start().await;
    let desk = desk(&github);
    let mut server = desk.serve();
    desk.call(&ISSUE).text(0);
    let said = desk.call(&["backup", "copy.db", "--progress"]);
    assert!(said.text(0).contains("closed runs"), "{said:?}");
    assert!(said.out.contains("`caretaker restore copy.db`"), "{said:?}");
    assert!(said.err.starts_with("backup: "), "{said:?}");
    let again = desk.call(&["backup", "copy.db"]);
    assert!(again.complaint().contains("--force"), "{again:?}");
    let json = desk
        .call(&["backup", "copy.db", "--force", "--json"])
        .json(0);
    let runs = json["runs"].as_u64().unwrap();
    assert!(runs > 0, "{json}");
    let file = std::fs::metadata(desk.path().join("copy.db")).unwrap();
    assert_eq!(json["bytes"], file.len());
    assert_eq!(json["file"], "copy.db");

    let under = desk.call(&["restore", "copy.db", "--force"]);
    let pid = format!("process {}", server.pid());
    assert!(under.complaint().contains(&pid), "{under:?}");

    let fresh = ["--data-dir", "fresh"];
    let restored = desk.call(&[&["restore", "copy.db", "--json"], &fresh[..]].concat());
    assert_eq!(restored.json(0)["aside"], json!(null));
    assert_eq!(restored.json(0)["runs"], runs);
    let replayed = desk.call(&[&["replay", "--json"], &fresh[..]].concat());
    assert_eq!(replayed.json(0)["same"], runs);
    let there = desk.call(&[&["restore", "copy.db"], &fresh[..]].concat());
    assert!(there.complaint().contains("--force"), "{there:?}");

    server.kill();
    let said = desk.call(&["restore", "copy.db", "--force"]);
    assert!(said.text(0).contains("caretaker.db.before-"), "{said:?}");
    assert!(said.out.contains("`caretaker serve`"), "{said:?}");
    let server = desk.serve();
    let status = desk.call(&["status", "--json"]).json(0);
    assert_eq!(status["serving_pid"], server.pid());
    let wrong = desk.call(&["restore", "nothing.db", "--data-dir", "other"]);
    assert!(wrong.complaint().contains("nothing.db"), "{wrong:?}");
}
