//! The journal by filters.

use super::Desk;
use super::github::GitHub;

#[tokio::test(flavor = "multi_thread")]
async fn the_journal_is_exported_by_agent_and_outcome() {
    let github = GitHub::start().await;
    let desk = Desk::new()
        .env("CARETAKER_GITHUB_API_URL", github.url())
        .env("GITHUB_TOKEN", "hush");
    desk.call(&["run", "--repo", "octo/repo", "--agent", "stale"])
        .text(0);
    let agents = |args: &[&str]| {
        let said = desk.call(&[&["journal", "export"], args].concat());
        let lines = said.text(0).lines();
        let lines = lines.map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        lines
            .map(|run| run["agent"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(agents(&[]), ["fan_out", "stale"]);
    assert_eq!(agents(&["--agent", "stale"]), ["stale"]);
    assert_eq!(agents(&["--outcome", "decided"]).len(), 2);
    assert_eq!(
        agents(&["--outcome", "buried", "--agent", "stale"]).len(),
        0
    );
    let far = desk.call(&["journal", "export", "--progress"]);
    assert!(far.err.starts_with("2 records, "), "{far:?}");
    assert_eq!(desk.call(&["journal", "export"]).err, "");

    for command in [&["runs"][..], &["journal", "export"]] {
        let nobody = desk.call(&[command, &["--agent", "nosuch"]].concat());
        let complaint = nobody.complaint();
        assert!(complaint.contains("no agent `nosuch`"), "{nobody:?}");
        assert!(complaint.contains("pr, stale, intake"), "{nobody:?}");
    }
}
