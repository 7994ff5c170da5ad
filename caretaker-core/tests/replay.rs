//! Recorded runs of every agent replay, for ever: `caretaker-core/journal/<agent>.<revision>.jsonl`.
//!
//! `UPDATE=1` records the scenes for agents that have no file of their current revision; what is
//! recorded is never rewritten.

#![expect(
    clippy::disallowed_methods,
    reason = "core itself touches no file and no environment; this test keeps its recorded runs"
)]

mod scenes;

use std::collections::BTreeMap;
use std::path::PathBuf;

use caretaker_core::agents::AGENTS;
use caretaker_core::drive::journal;
use caretaker_core::drive::replay::{Replayed, replay};
use caretaker_core::model::{Answer, BlobRef, Run};
use scenes::Scene;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("journal")
}

/// Every recorded line by file name, without its ending: agent and revision.
fn recorded() -> BTreeMap<(String, u32), Vec<String>> {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder()).into_iter().flatten() {
        let path = entry
            .expect("journal/ holds <agent>.<revision>.jsonl")
            .path();
        let stem = path
            .file_stem()
            .expect("journal/ holds <agent>.<revision>.jsonl")
            .to_str()
            .expect("journal/ holds <agent>.<revision>.jsonl");
        let (agent, revision) = stem
            .split_once('.')
            .expect("named <agent>.<revision>.jsonl");
        let text = std::fs::read_to_string(&path).expect("journal/ holds <agent>.<revision>.jsonl");
        let lines = text.lines().map(str::to_owned).collect();
        files.insert(
            (
                agent.to_owned(),
                revision
                    .parse()
                    .expect("journal/ holds <agent>.<revision>.jsonl"),
            ),
            lines,
        );
    }
    files
}

/// The lines of all scenes that hold a decision, by agent; one for each verdict and subject.
async fn played() -> BTreeMap<String, Vec<String>> {
    let mut lines: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut known = Vec::new();
    for scene in Scene::ALL {
        let mut story = scene.given().await;
        scene.happens(&mut story).await;
        scenes::comments(&story);
        for run in story.runs() {
            let Some(decision) = &run.decision else {
                continue;
            };
            let what = (
                run.agent.clone(),
                decision.verdict.clone(),
                run.task.event.kind,
            );
            if !known.contains(&what) {
                known.push(what);
                lines
                    .entry(run.agent.to_string())
                    .or_default()
                    .push(journal::line(&run));
            }
        }
    }
    lines
}

fn a_line() -> (String, Run) {
    let files = recorded();
    let line = files
        .iter()
        .find(|((agent, _), _)| agent == "stale")
        .expect("stale has recorded runs")
        .1[0]
        .clone();
    let run = serde_json::from_str(&line).expect("stale has recorded runs");
    (line, run)
}

#[tokio::test]
async fn every_agent_has_recorded_runs_of_its_revision() {
    let update = std::env::var_os("UPDATE").is_some_and(|said| !said.is_empty());
    let (files, played) = (recorded(), played().await);
    for agent in AGENTS {
        let manifest = agent.manifest();
        let file = (manifest.name.to_owned(), manifest.revision);
        if files.get(&file).is_some_and(|lines| !lines.is_empty()) {
            continue;
        }
        let name = format!("{}.{}.jsonl", file.0, file.1);
        let lines = played.get(manifest.name);
        let lines = lines.unwrap_or_else(|| panic!("no scene lets {} decide: add one", file.0));
        assert!(
            update,
            "{name} is missing; run the tests once with UPDATE=1 and commit it"
        );
        std::fs::create_dir_all(folder()).unwrap();
        std::fs::write(folder().join(name), lines.join("\n") + "\n").unwrap();
    }
}

#[test]
fn what_was_recorded_replays_the_same_and_is_written_the_same() {
    for ((agent, revision), lines) in recorded() {
        let current = AGENTS
            .iter()
            .map(|a| a.manifest())
            .find(|m| m.name == agent);
        for line in lines {
            let replayed = replay(&line);
            match current {
                Some(manifest) if manifest.revision == revision => {
                    assert_eq!(replayed, Replayed::Same, "{line}");
                }
                Some(_) => assert!(matches!(replayed, Replayed::OtherRevision(_)), "{line}"),
                None => assert_eq!(replayed, Replayed::UnknownAgent(agent.clone())),
            }
            let run: Run = serde_json::from_str(&line).unwrap();
            assert_eq!(
                journal::line(&run),
                line,
                "a line is written as it was read"
            );
        }
    }
}

#[test]
fn a_changed_decision_differs() {
    let (line, run) = a_line();
    let verdict = run.decision.unwrap().verdict;
    let mutated = line.replacen(
        &format!("\"verdict\":\"{verdict}\""),
        "\"verdict\":\"close\"",
        1,
    );
    assert_ne!(mutated, line);
    let Replayed::Differs(what) = replay(&mutated) else {
        panic!("{:?}", replay(&mutated))
    };
    let fields: Vec<_> = what.iter().map(|difference| difference.field).collect();
    assert_eq!(fields, ["decision"]);
    assert!(what[0].recorded.contains("close") && what[0].retaken.contains(&verdict));
}

#[test]
fn changed_evidence_or_a_changed_word_of_the_guard_differs() {
    let (_, mut run) = a_line();
    run.task.settings.mode = caretaker_core::model::Mode::Observe;
    let Replayed::Differs(what) = replay(&journal::line(&run)) else {
        panic!("the mode counts")
    };
    assert!(
        what.iter().any(|difference| difference.field == "reviewed"),
        "{what:?}"
    );
}

#[test]
fn another_revision_is_reported_as_such_and_not_as_a_difference() {
    let (_, mut run) = a_line();
    run.agent_revision += 1;
    assert_eq!(
        replay(&journal::line(&run)),
        Replayed::OtherRevision(Vec::new())
    );
    run.agent_revision -= 1;
    run.guard_revision += 1;
    assert_eq!(
        replay(&journal::line(&run)),
        Replayed::OtherRevision(Vec::new())
    );
}

#[test]
fn records_that_cannot_be_retaken_say_why() {
    let (line, run) = a_line();
    let mut gone = run.clone();
    let taken_away = |_: &_, _: &Answer| -> Result<_, std::convert::Infallible> {
        Ok(Some(Answer::Stored(BlobRef {
            sha256: "0".repeat(64),
            bytes: 20_000,
        })))
    };
    gone.evidence.map_answers(taken_away).unwrap();
    assert_eq!(replay(&journal::line(&gone)), Replayed::EvidenceGone);
    let mut undecided = run;
    (undecided.decision, undecided.reviewed) = (None, None);
    assert_eq!(replay(&journal::line(&undecided)), Replayed::NoDecision);
    let unknown = line.replacen("\"agent\":\"stale\"", "\"agent\":\"nobody\"", 1);
    assert_eq!(
        replay(&unknown),
        Replayed::UnknownAgent("nobody".to_owned())
    );
    let other = line.replacen("caretaker.run/1", "caretaker.run/9", 1);
    assert!(matches!(replay(&other), Replayed::Unreadable(why) if why.contains("run/9")));
    assert!(matches!(replay("{"), Replayed::Unreadable(_)));
}
