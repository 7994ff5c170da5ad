//! `caretaker replay` with another configuration, over other revisions, and counting.

use std::path::PathBuf;

use caretaker_core::agents;
use caretaker_core::drive::replay;
use caretaker_core::model::{Run, Span};
use caretaker_testkit::story::{ACT, Story};

use super::Desk;
use super::stored::desk;

/// A revision that no agent has.
const ANOTHER: u32 = 4_000;

/// Where the recorded runs of every agent lie.
fn journal() -> PathBuf {
    PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../caretaker-core/journal"
    ))
}

/// The recorded runs of an agent.
fn recorded(agent: &str) -> Vec<Run> {
    let file = journal().join(format!("{agent}.1.jsonl"));
    let text = std::fs::read_to_string(file).unwrap();
    text.lines().map(|l| replay::read(l).unwrap()).collect()
}

/// A record of today's revision that says another verdict than is taken.
fn decided_otherwise() -> Run {
    let mut run = recorded("stale").remove(0);
    run.agent_revision = agents::by_name("stale").unwrap().manifest().revision;
    let decision = run.decision.as_mut().unwrap();
    "close".clone_into(&mut decision.verdict);
    run
}

/// A desk with the recorded journal as `all.jsonl`.
fn with_journal() -> Desk {
    let desk = Desk::new();
    let mut all = String::new();
    for agent in ["config", "fan_out", "pr", "stale"] {
        all.push_str(&std::fs::read_to_string(journal().join(format!("{agent}.1.jsonl"))).unwrap());
    }
    desk.file("all.jsonl", all);
    desk
}

#[test]
fn under_the_recorded_configuration_nothing_changes() {
    let desk = with_journal();
    desk.file("same.yml", ACT);
    let said = desk.call(&["replay", "all.jsonl", "--config", "same.yml"]);
    let told = said.text(0);
    assert_eq!(told.lines().count(), 1, "{said:?}");
    assert!(told.starts_with("what if same.yml: "), "{said:?}");
    // Records of older revisions may be the same in other words.
    let expected = ", 0 newly allowed, 0 newly blocked, 0 need more evidence, 0 changed otherwise";
    assert!(told.trim_end().ends_with(expected), "{said:?}");
    let args = ["replay", "all.jsonl", "--config", "same.yml", "--json"];
    let json = desk.call(&args).json(0);
    assert_eq!(json["what_if"], "same.yml");
    assert_eq!(json["same"], json["records"]);
}

#[test]
fn another_configuration_is_told_run_by_run() {
    let desk = with_journal();
    desk.file("other.yml", "version: v1\nsafety: {mode: propose}\n");
    let args = ["replay", "all.jsonl", "--config", "other.yml"];
    let said = desk.call(&args);
    let told = said.text(1);
    assert!(told.contains(": newly blocked: run "), "{said:?}");
    assert!(
        told.contains("  no longer allowed: add label stale to #2"),
        "{said:?}"
    );
    let (entries, last) = desk.call(&[&args[..], &["--json"]].concat()).lines(1);
    let blocked = entries.iter().filter(|e| e["effect"] == "newly_blocked");
    assert_eq!(last["newly_blocked"], blocked.count());
    assert!(last["newly_blocked"].as_u64().unwrap() > 0, "{last}");
    let warned = entries
        .iter()
        .find(|entry| entry["recorded"] == "warn")
        .unwrap();
    assert_eq!(
        (&warned["agent"], &warned["retaken"]),
        (&"stale".into(), &"warn".into())
    );
    let repository = warned["repository"].as_str().unwrap();
    assert!(told.contains(&format!(" about {repository} ")), "{said:?}");
    let acts = warned["actions"]["no_longer_allowed"].as_array().unwrap();
    assert_eq!(acts.len(), 2);
    assert_eq!(
        told.lines().last().unwrap().split(':').next(),
        Some("what if other.yml")
    );
}

#[test]
fn a_broken_file_is_told_as_by_config_check() {
    let desk = with_journal();
    desk.file("bad.yml", "version: v1\nsafty:\n  mode: act\n");
    let checked = desk.call(&["config", "check", "bad.yml"]);
    let said = desk.call(&["replay", "all.jsonl", "--config", "bad.yml"]);
    assert_eq!(said.complaint(), checked.text(1));
    let missing = desk.call(&["replay", "all.jsonl", "--config", "nowhere.yml"]);
    assert!(missing.complaint().contains("nowhere.yml"), "{missing:?}");
    let twice = desk.call(&["replay", "-", "--config", "-"]);
    assert!(twice.complaint().contains("stdin"), "{twice:?}");
    desk.file("empty.jsonl", "\n");
    desk.file("good.yml", ACT);
    let nothing = desk.call(&["replay", "empty.jsonl", "--config", "good.yml"]);
    assert!(nothing.text(2).contains("0 records"), "{nothing:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_journal_of_a_store_is_decided_again_under_a_file_from_stdin() {
    let mut story = Story::new();
    story.settle().await;
    story.check(1, "ci").pass();
    story.settle().await;
    story.advance(Span::days(61)).await;
    for number in [1, 2] {
        story.comments_of_bot(number);
    }
    let (desk, _served) = desk(story.runs()).await;
    let args = ["replay", "--config", "-", "--json"];
    let same = desk.call_with(&args, ACT).json(0);
    assert!(same["same"].as_u64().unwrap() > 2, "{same}");
    assert_eq!(same["same_settings"], same["same"]);
    let blocked = desk.call_with(&args, "version: v1\n");
    let (_, last) = blocked.lines(1);
    assert!(last["newly_blocked"].as_u64().unwrap() > 0, "{last}");
    // The server's settings have a flag of their own here, before the command or behind it.
    desk.file("broken.yaml", "levle: info\n");
    let said = desk.call_with(
        &["replay", "--config", "-", "--settings", "broken.yaml"],
        ACT,
    );
    assert!(said.complaint().contains("broken.yaml line 1"), "{said:?}");
}

#[test]
fn a_journal_of_another_revision_tells_changed_verdicts_grouped_and_counted() {
    let desk = Desk::new();
    let mut runs = recorded("stale");
    let mut warned = 0;
    for run in &mut runs {
        run.agent_revision = ANOTHER;
        let decision = run.decision.as_mut().unwrap();
        if decision.verdict == "warn" {
            warned += 1;
            // That revision closed at once.
            decision.verdict = "close".to_owned();
            decision.actions.truncate(1);
            run.reviewed.as_mut().unwrap().allowed.truncate(1);
        } else {
            decision.because.rule = "said_differently_then".into();
        }
    }
    assert!(warned > 0 && warned < runs.len());
    let text: String = runs
        .iter()
        .map(|run| serde_json::to_string(run).unwrap() + "\n")
        .collect();
    desk.file("old.jsonl", text);

    let plain = desk.call(&["replay", "old.jsonl"]);
    assert_eq!(plain.text(0).lines().count(), 1, "{plain:?}");
    let said = desk.call(&["replay", "old.jsonl", "--diff"]);
    let told = said.text(0);
    assert!(told.contains(": other revision: run "), "{said:?}");
    assert!(told.contains(" issue/2: close → warn"), "{said:?}");
    assert!(
        told.contains("  now allowed: write the stale-warning comment on #2"),
        "{said:?}"
    );
    assert!(
        told.contains(&format!("  close → warn of stale: {warned} runs")),
        "{said:?}"
    );
    let said = desk.call(&["replay", "old.jsonl", "--diff", "--json"]);
    let (entries, last) = said.lines(0);
    assert_eq!(entries.len(), warned);
    assert_eq!(entries[0]["recorded"], "close");
    assert_eq!(entries[0]["retaken"], "warn");
    assert_eq!(entries[0]["subject"], "issue/2");
    let repository = runs[0].repo.as_ref().unwrap().full_name();
    assert_eq!(entries[0]["repository"], repository);
    let about = format!("about {repository} issue/2: close → warn");
    assert!(told.contains(&about), "{said:?}");
    assert_eq!(entries[0]["revision"], ANOTHER);
    let change = &last["verdict_changes"][0];
    assert_eq!(
        (&change["agent"], &change["runs"]),
        (&"stale".into(), &warned.into())
    );
    assert_eq!(last["other_revision"], runs.len());
    assert_eq!(last["other_words"], runs.len() - warned);
}

#[test]
fn the_same_revision_that_decides_otherwise_fails_with_and_without_diff() {
    let desk = Desk::new();
    let run = decided_otherwise();
    desk.file("wrong.jsonl", serde_json::to_string(&run).unwrap());
    assert_eq!(desk.call(&["replay", "wrong.jsonl"]).code, 1);
    let said = desk.call(&["replay", "wrong.jsonl", "--diff"]);
    assert!(said.text(1).contains(": differs: run "), "{said:?}");
}

#[test]
fn what_differs_is_told_as_it_is_met_and_counted_in_the_last_line() {
    let desk = Desk::new();
    let run = decided_otherwise();
    let line = serde_json::to_string(&run).unwrap();
    desk.file("wrong.jsonl", format!("{line}\n{line}\n"));
    // A line too long to be read: the command fails before it has counted.
    let endless = std::fs::File::create(desk.path().join("z.jsonl")).unwrap();
    endless.set_len(65 << 20).unwrap();
    let repository = run.repo.as_ref().unwrap().full_name();
    let (first, second) = desk
        .call(&["replay", "wrong.jsonl", "z.jsonl", "--json"])
        .lines(2);
    assert_eq!(first.len(), 1, "{first:?}");
    assert_eq!(first[0]["repository"], repository);
    assert_eq!(second["place"], "wrong.jsonl:2");
    let (both, counts) = desk.call(&["replay", "wrong.jsonl", "--json"]).lines(1);
    assert_eq!((both.len(), &counts["differs"]), (2, &2.into()));
}

#[test]
fn what_is_done_before_and_after_but_otherwise_is_told_once() {
    // Of a revision that answered in other words.
    let old = journal().join("commands.4.jsonl");
    let old = old.to_str().unwrap();
    let said = Desk::new().call(&["replay", "--diff", old]);
    let told = said.text(0);
    assert!(
        told.contains("  now otherwise: answer comment 1007 on #1"),
        "{told}"
    );
    assert!(!told.contains("allowed: answer comment"), "{told}");
}

#[test]
fn counting_is_told_on_stderr_only_and_only_when_asked() {
    let desk = with_journal();
    let silent = desk.call(&["replay", "all.jsonl"]);
    assert_eq!((silent.code, silent.err.as_str()), (0, ""));
    let said = desk.call(&["replay", "all.jsonl", "--progress", "--json"]);
    let count = said.json(0)["records"].as_u64().unwrap();
    assert!(
        said.err.starts_with(&format!("{count} records, ")),
        "{said:?}"
    );
    assert!(said.err.trim_end().ends_with(" per second"), "{said:?}");
}
