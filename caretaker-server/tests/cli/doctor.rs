//! `caretaker doctor`: one line for each finding, each with its remedy.

use super::Desk;
use super::github::GitHub;

#[test]
fn without_credentials_and_network_it_says_what_to_set() {
    let desk = Desk::new().env("CARETAKER_GITHUB_API_URL", "http://127.0.0.1:1");
    let said = desk.call(&["doctor"]);
    assert!(said.text(1).contains("✗ credentials: none"), "{said:?}");
    assert!(said.out.contains("GITHUB_TOKEN"), "{said:?}");
    assert!(said.out.contains("✗ api: "), "{said:?}");
    assert!(
        said.out
            .contains("– store: none in ./caretaker-data yet → `caretaker serve` makes it")
    );
    assert!(!desk.data().exists(), "it changes nothing");
}

#[test]
fn credentials_and_clock_are_not_blamed_for_an_api_that_does_not_answer() {
    let desk = Desk::new()
        .env("CARETAKER_GITHUB_API_URL", "http://127.0.0.1:1")
        .env("GITHUB_TOKEN", "hush");
    let said = desk.call(&["doctor"]);
    let told = said.text(1);
    assert!(
        told.contains("✗ credentials: set, not confirmed"),
        "{said:?}"
    );
    assert!(told.contains("→ see the line about the API"), "{said:?}");
    assert!(
        told.contains("– clock: not compared: the API does not answer"),
        "{said:?}"
    );
}

#[test]
fn a_data_directory_that_is_a_file_is_named() {
    let desk = Desk::new();
    desk.file("no-dir", "");
    let said = desk.call(&["doctor", "--data-dir", "no-dir"]);
    assert!(said.complaint().contains("no-dir"), "{said:?}");
    assert!(said.err.contains("--data-dir"), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn with_everything_there_nothing_is_wrong() {
    let github = GitHub::start().await;
    let desk = Desk::new()
        .env("CARETAKER_GITHUB_API_URL", github.url())
        .env("CARETAKER_WEBHOOK_ALLOW_LIST", "octo")
        .env("GITHUB_TOKEN", "hush-hush");
    let json = desk.call(&["doctor", "--json"]).json(0);
    let level = |check: &str| {
        let findings = json["findings"].as_array().unwrap();
        let found = findings.iter().find(|finding| finding["check"] == check);
        found.unwrap()["level"].as_str().unwrap().to_owned()
    };
    assert_eq!(level("api"), "good");
    assert_eq!(level("clock"), "good");
    assert_eq!(level("allow-list"), "good");
    assert_eq!(level("credentials"), "note", "a personal token");
    assert!(!json.to_string().contains("hush-hush"));
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_others_can_read_is_wrong() {
    use std::os::unix::fs::PermissionsExt as _;
    let github = GitHub::start().await;
    let desk = Desk::new()
        .env("CARETAKER_GITHUB_API_URL", github.url())
        .env("GITHUB_TOKEN", "hush");
    desk.call(&["webhook-secret"]).text(0);
    let file = desk.data().join("webhook-secret");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    let said = desk.call(&["doctor"]);
    assert!(said.text(1).contains("chmod 600"), "{said:?}");
}
