//! Commands that need no store.

use std::process::{Command, Stdio};

use serde_json::json;

use super::Desk;

const ISSUE_LABELED: &str = r#"{"action":"labeled","issue":{"number":3},"label":{"name":"x"},"repository":{"id":1,"full_name":"o/r"}}"#;
const PULL: &str = r#"{"action":"opened","pull_request":{"number":3},"repository":{"id":1,"full_name":"o/r"},"sender":{"login":"a","id":2}}"#;

#[test]
fn agents_are_listed_and_told_about() {
    let desk = Desk::new();
    let list = desk.call(&["agents"]);
    assert!(list.text(0).contains("stale"), "{list:?}");
    let all = desk.call(&["agents", "--json"]).json(0);
    assert!(all["agents"].as_array().unwrap().len() >= 3);
    let one = desk.call(&["agents", "stale", "--json"]).json(0);
    assert_eq!(one["section"], "stale_agent");
    assert_eq!(one["ticks_every_seconds"], 86_400);
    let unknown = desk.call(&["agents", "sale"]);
    assert!(unknown.complaint().contains("stale"), "{unknown:?}");
}

#[test]
fn every_help_has_examples_and_no_line_is_folded() {
    let desk = Desk::new();
    for command in [
        "serve",
        "agents",
        "route",
        "replay",
        "explain",
        "runs",
        "deliveries",
        "deliveries list",
        "deliveries show",
        "deliveries redrive",
        "deliveries drop",
        "status",
        "pause",
        "resume",
        "backup",
        "restore",
        "run",
        "journal",
        "journal export",
        "config",
        "config init",
        "config check",
        "config effective",
        "config schema",
        "owners",
        "webhook-secret",
        "doctor",
        "completions",
        "man",
    ] {
        let words: Vec<&str> = command.split(' ').chain(["--help"]).collect();
        let said = desk.call(&words);
        let (_, examples) = said
            .text(0)
            .split_once("Examples:\n")
            .unwrap_or_else(|| panic!("{command} has no examples"));
        let paragraph = examples.split("\n\n").next().unwrap();
        for line in paragraph.lines() {
            assert!(
                line.starts_with("  ") && !line.trim_start().starts_with("--"),
                "{command}: {line}"
            );
        }
    }
}

#[test]
fn owners_tells_what_is_skipped_and_who_owns_a_path() {
    let desk = Desk::new();
    desk.file("good", "* @ann\nsrc/ @octo/core dora@example.com\ndocs/\n");
    let paths = ["README.md", "./src/a b.rs", "/docs/guide.md"];
    let said = desk.call(&[&["owners", "good"], &paths[..]].concat());
    assert_eq!(
        said.text(0),
        "README.md: @ann, by line 1\n\
         src/a b.rs: @octo/core or dora@example.com, by line 2\n\
         docs/guide.md: nobody's, by line 3\n\
         good: every line counts\n"
    );
    desk.file("bad", "src/ @ann\n!docs/ @ann\nlib/ ann\n");
    let said = desk.call(&["owners", "bad", "lib/a.rs"]);
    let skipped: Vec<_> = said.text(1).lines().collect();
    assert!(skipped[0].starts_with("bad line 2: skipped: "), "{said:?}");
    assert!(skipped[1].starts_with("bad line 3: skipped: an owner is "));
    assert_eq!(skipped[2], "lib/a.rs: nobody's, no line matches it");
    assert_eq!(skipped[3], "bad: 2 lines are skipped");
    let json = desk.call(&["owners", "bad", "src/a.rs", "--json"]).json(1);
    assert_eq!(json["problems"][0]["line"], 2);
    let path = json!({"path": "src/a.rs", "line": 1, "owners": ["@ann"]});
    assert_eq!(json["paths"], json!([path]));
    desk.file("big", "#".repeat((3 << 20) + 1));
    let said = desk.call(&["owners", "big"]);
    assert!(said.text(1).contains("counts as absent"), "{said:?}");
    let missing = desk.call(&["owners", "nowhere"]);
    assert!(missing.complaint().contains("nowhere cannot be read"));
}

#[test]
fn route_says_who_hears_a_delivery_and_why() {
    let desk = Desk::new();
    desk.file("pull.json", PULL);
    let args = ["route", "--event", "pull_request", "--payload", "pull.json"];
    let said = desk.call(&args);
    assert!(
        said.text(0).contains("pull_opened about pull/3"),
        "{said:?}"
    );
    assert!(
        said.out
            .contains("heard by pr (level): listens to pull_opened; if pr_agent.enabled is on")
    );
    assert!(
        said.out
            .contains("not by stale: does not listen to pull_opened")
    );
    let json = desk.call(&[&args[..], &["--json"]].concat()).json(0);
    assert_eq!(json["repository"], "o/r");
    assert_eq!(json["events"][0]["subject"], "pull/3");
    assert_eq!(json["events"][0]["listeners"][0]["agent"], "pr");
    assert_eq!(json["unheard"], json!(null));
}

#[test]
fn route_tells_of_a_delivery_or_of_a_task_and_says_which_words_are_too_much() {
    let desk = Desk::new();
    let args = ["route", "--event", "issues", "--payload", "-"];
    for more in [&["--label", "agent:x"][..], &["--feature", "ci_fix"]] {
        let refused = desk.call(&[&args[..], more].concat());
        let said = refused.complaint();
        assert!(said.contains("cannot be used with"), "{refused:?}");
        assert!(!said.contains("required"), "{refused:?}");
    }
}

#[test]
fn route_says_why_nobody_hears_it() {
    let desk = Desk::new();
    let args = ["route", "--event", "star", "--payload", "-", "--json"];
    let json = desk.call_with(&args, r#"{"action":"created"}"#).json(0);
    assert_eq!(json["unheard"], "not_projected");
    let args = ["route", "--event", "issues", "--payload", "-", "--json"];
    let json = desk.call_with(&args, ISSUE_LABELED).json(0);
    assert_eq!(json["events"][0]["kind"], "issue_labeled");
}

#[test]
fn route_refuses_what_the_door_would_refuse() {
    let desk = Desk::new();
    let args = ["route", "--event", "push", "--payload", "-"];
    let said = desk.call_with(&args, "[]");
    assert!(said.text(1).contains("400"), "{said:?}");
    let missing = desk.call(&["route", "--event", "push", "--payload", "nowhere.json"]);
    assert!(missing.complaint().contains("nowhere.json"));
    assert_eq!(desk.call(&["route", "--event", "push"]).code, 2);
}

const CODERS: &str = "executor: {foundry: {enabled: true}, claude_code: {enabled: true}, features: {ci_fix: {provider: foundry}}}";

#[test]
fn route_tells_who_would_be_asked_for_code_and_why() {
    let desk = Desk::new();
    desk.file("config.yml", CODERS);
    let args = [
        "route",
        "--feature",
        "ci-fix",
        "--repo-config",
        "config.yml",
    ];
    let said = desk.call(&args);
    assert!(
        said.text(0).starts_with("ci_fix (CI_FAILURE): copilot\n"),
        "{said:?}"
    );
    assert!(
        said.out.contains("the size of the change is unknown"),
        "{said:?}"
    );
    let known = "--task lint_failure --size 3f/120l --path src/lib.rs --same-repo --error-chars 9";
    let known: Vec<&str> = known.split(' ').collect();
    let said = desk.call(&[&args[..], &known].concat());
    assert!(said.text(0).contains("foundry, then copilot"), "{said:?}");
    assert!(said.out.contains("risk: safe"), "{said:?}");
    let large = [&args[..], &known, &["--fork"]].concat();
    assert_eq!(desk.call(&large).code, 2, "a change comes from one place");
    let label = ["--label", "agent:claude-code", "--json"];
    let json = desk.call(&[&args[..], &known, &label].concat()).json(0);
    assert_eq!(json["chain"][0]["provider"], "claude_code");
    assert_eq!(json["chain"][1]["provider"], "foundry");
    assert_eq!(json["routing_trace"][0]["source"], "label");
    let weak = ["--label-by-unknown", "agent:claude-code", "--json"];
    let json = desk.call(&[&args[..], &known, &weak].concat()).json(0);
    assert_eq!(json["chain"][0]["provider"], "foundry");
    assert_eq!(json["labels"][0]["counts"], false);
}

#[test]
fn route_says_why_nobody_may_be_asked_for_code() {
    let desk = Desk::new();
    let args = |label| ["route", "--feature", "ci_fix", "--label", label];
    let said = desk.call(&args("agent:quarantine"));
    assert!(
        said.text(1).contains("refused: the label agent:quarantine"),
        "{said:?}"
    );
    let said = desk.call(&args("agent:nobody"));
    assert!(
        said.text(1).contains("known are copilot, foundry"),
        "{said:?}"
    );
    let said = desk.call(&args("agent:foundry"));
    let hint = "`executor.foundry.enabled` is off; mend that, or take the label off";
    assert!(said.text(1).contains(hint), "{said:?}");
    let json = desk
        .call(&[&args("agent:nobody")[..], &["--json"]].concat())
        .json(1);
    assert_eq!(json["refused"]["why"], "unknown_name");
    assert_eq!(json.get("chain"), None);
    desk.file("config.yml", "executor:\n  provider: foundri\n");
    let said = desk.call(&[
        "route",
        "--feature",
        "ci_fix",
        "--repo-config",
        "config.yml",
    ]);
    assert!(said.complaint().contains("config.yml line 2: "), "{said:?}");
    assert!(said.err.contains("`foundry`"), "{said:?}");
    let said = desk.call(&["route", "--feature", "cifix"]);
    assert!(said.complaint().contains("review_fix"), "{said:?}");
    let label = desk.call(&["route", "--label", "x"]);
    assert!(label.complaint().contains("--feature"), "{label:?}");
    assert!(!label.err.contains("--event <"), "{label:?}");
    let nothing = desk.call(&["route"]);
    assert!(nothing.complaint().contains("--feature"), "{nothing:?}");
}

#[test]
fn config_check_tells_line_and_hint() {
    let desk = Desk::new();
    desk.file("bad.yml", "version: v1\nsafty:\n  mode: act\n");
    let said = desk.call(&["config", "check", "bad.yml"]);
    assert!(said.text(1).contains("bad.yml line 2: "), "{said:?}");
    assert!(said.out.contains("`safety`"), "{said:?}");
    let json = desk.call(&["config", "check", "bad.yml", "--json"]).json(1);
    assert_eq!(json["valid"], false);
    assert_eq!(json["problems"][0]["line"], 2);
    let good = desk.call_with(&["config", "check", "-", "--json"], "safety: {mode: act}\n");
    assert_eq!(good.json(0)["valid"], true);
    desk.file("binary", b"ok\n\xff");
    let binary = desk.call(&["config", "check", "binary"]);
    assert!(binary.complaint().contains("line 2"), "{binary:?}");
}

#[test]
fn config_init_writes_a_valid_file_and_overwrites_none() {
    let desk = Desk::new();
    let path = ".github/maintainer/config.yml";
    let said = desk.call(&["config", "init"]);
    assert!(said.text(0).contains(path), "{said:?}");
    let text = std::fs::read_to_string(desk.path().join(path)).unwrap();
    assert!(text.contains("  mode: observe\n"), "{text}");
    let checked = desk.call(&["config", "check", path, "--json"]).json(0);
    assert_eq!(checked["notes"], json!([]));
    let printed = desk.call(&["config", "init", "--stdout"]);
    assert_eq!(printed.text(0), text);
    desk.file("mine.yml", "mine");
    let again = desk.call(&["config", "init", "mine.yml", "--json"]).json(1);
    assert_eq!(again["written"], false);
    let kept = std::fs::read_to_string(desk.path().join("mine.yml")).unwrap();
    assert_eq!(kept, "mine");
    let below_a_file = desk.call(&["config", "init", "mine.yml/config.yml"]);
    assert!(
        below_a_file.complaint().contains("cannot be written"),
        "{below_a_file:?}"
    );
}

#[test]
fn config_effective_shows_values_with_their_lines() {
    let desk = Desk::new();
    let none = desk.call(&["config", "effective"]);
    assert!(none.text(0).starts_with("no file ("), "{none:?}");
    desk.file(
        "my.yml",
        "version: v1\nsafety:\n  mode: act\npr_agent:\n  merge:\n    settle_seconds: 7\n",
    );
    let said = desk.call(&["config", "effective", "my.yml", "pr_agent.merge"]);
    let rows: Vec<Vec<&str>> = said
        .text(0)
        .lines()
        .map(|row| row.split_whitespace().collect())
        .collect();
    assert_eq!(rows[2], ["pr_agent.merge.settle_seconds", "7", "line", "6"]);
    assert!(
        rows[2..]
            .iter()
            .all(|row| row[0].starts_with("pr_agent.merge.")),
        "{said:?}"
    );
    let json = desk
        .call(&["config", "effective", "my.yml", "safety.mode", "--json"])
        .json(0);
    let row = &json["values"][0];
    assert_eq!(
        (&row["value"], &row["source"], &row["line"]),
        (&json!("act"), &json!("file"), &json!(3))
    );
    desk.file("bad.yml", "safty: {}\n");
    let bad = desk.call(&["config", "effective", "bad.yml"]);
    assert_eq!((bad.code, bad.out.as_str()), (1, ""));
    assert!(bad.err.contains("bad.yml line 1: "), "{bad:?}");
    let bad = desk.call(&["config", "effective", "bad.yml", "--json"]);
    assert_eq!(bad.json(1)["problems"][0]["line"], 1);
    let missing = desk.call(&["config", "effective", "folder/other.yml"]);
    assert!(missing.complaint().contains("is no file"), "{missing:?}");
    let unknown = desk.call(&["config", "effective", "pr_agent.nothing"]);
    assert!(
        unknown.complaint().contains("no key begins with it"),
        "{unknown:?}"
    );
}

#[test]
fn completions_and_manual_pages_are_printed_and_written() {
    let desk = Desk::new();
    for shell in ["bash", "zsh", "fish"] {
        let said = desk.call(&["completions", shell]);
        assert!(said.text(0).contains("journal"), "{said:?}");
    }
    assert_eq!(desk.call(&["completions", "ksh"]).code, 2);
    let page = desk.call(&["man", "journal", "export"]);
    assert!(
        page.text(0).contains(".TH caretaker-journal-export 1"),
        "{page:?}"
    );
    assert!(desk.call(&["man", "jurnal"]).complaint().contains("jurnal"));
    assert_eq!(desk.call(&["man", "--dir", "pages"]).text(0), "");
    for name in [
        "caretaker.1",
        "caretaker-replay.1",
        "caretaker-config-init.1",
    ] {
        let text = std::fs::read_to_string(desk.path().join("pages").join(name)).unwrap();
        assert!(text.contains(".TH "), "{name}");
    }
}

#[test]
fn config_schema_is_json() {
    let said = Desk::new().call(&["config", "schema"]);
    let schema: serde_json::Value = serde_json::from_str(said.text(0)).unwrap();
    assert_eq!(schema["type"], "object");
}

#[test]
fn the_webhook_secret_is_made_once_and_a_set_one_is_shown() {
    let desk = Desk::new();
    let first = desk.call(&["webhook-secret"]);
    assert_eq!(first.text(0).trim().len(), 64);
    assert!(first.err.contains("made now"), "{first:?}");
    let again = desk.call(&["webhook-secret", "--json"]).json(0);
    assert_eq!(again["secret"], first.out.trim());
    assert_eq!(again["created"], false);
    let desk = desk.env("CARETAKER_GITHUB_APP_WEBHOOK_SECRET", "hush");
    assert_eq!(desk.call(&["webhook-secret"]).text(0), "hush\n");
}

#[test]
fn invalid_settings_are_told_by_line_and_variable() {
    let desk = Desk::new().env("CARETAKER_LISTEN", "nowhere");
    desk.file(
        "caretaker.yaml",
        "listen: 127.0.0.1:0\nlog:\n  levle: info\n",
    );
    let said = desk.call(&["doctor", "--config", "caretaker.yaml"]);
    assert!(
        said.complaint()
            .contains("caretaker.yaml line 3: `log.levle`"),
        "{said:?}"
    );
    assert!(said.err.contains("CARETAKER_LISTEN: "), "{said:?}");
    let missing = desk.call(&["status", "--config", "other.yaml"]);
    assert!(missing.complaint().contains("other.yaml"), "{missing:?}");
}

#[test]
fn replay_without_records_or_with_what_is_no_record() {
    let desk = Desk::new();
    desk.file("empty.jsonl", "\n");
    let nothing = desk.call(&["replay", "empty.jsonl"]);
    assert!(nothing.text(2).contains("0 records"), "{nothing:?}");
    assert!(
        nothing.err.contains("`caretaker journal export`"),
        "{nothing:?}"
    );
    desk.file("odd.jsonl", "{}\n");
    let (odd, counts) = desk.call(&["replay", "odd.jsonl", "--json"]).lines(1);
    assert_eq!(counts["unreadable"], 1);
    assert_eq!(odd[0]["place"], "odd.jsonl:1");
    let odd = desk.call(&["replay", "odd.jsonl"]);
    let said = "odd.jsonl:1: unreadable: no record of a run\n";
    assert!(odd.text(1).starts_with(said), "{odd:?}");
    assert!(
        desk.call(&["replay", "nowhere"])
            .complaint()
            .contains("nowhere")
    );
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_caretaker"))
        .args(["config", "schema"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let done = child.wait_with_output().unwrap();
    let err = String::from_utf8(done.stderr).unwrap();
    assert_eq!((done.status.code(), err.as_str()), (Some(0), ""));
}
