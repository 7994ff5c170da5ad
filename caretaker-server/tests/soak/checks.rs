//! What must hold of a play, whatever happened in it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::process::Stdio;

use caretaker_core::model::{EffectResult, Outcome};
use serde_json::Value;

use crate::play::Played;
use crate::running::{answers, caretaker, output};

/// Everything that GitHub made arrived, and all that was accepted ended in a final record.
pub(crate) fn every_delivery_has_one_end(name: &str, played: &Played) {
    let accepted: BTreeSet<_> = played.accepted.keys().collect();
    let missing: Vec<_> = played
        .made
        .iter()
        .filter(|key| !accepted.contains(key))
        .collect();
    assert!(missing.is_empty(), "{name}: never accepted: {missing:?}");
    let mut ended = BTreeSet::new();
    for run in played
        .runs
        .iter()
        .filter(|run| is_final(run.outcome.as_ref()))
    {
        let of = |id: &str| id.split('/').next().unwrap_or_default().to_owned();
        ended.insert(of(run.task.event.id.as_str()));
        ended.extend(run.joined.iter().map(|id| of(id.as_str())));
    }
    let open: Vec<_> = accepted
        .iter()
        .filter(|key| !ended.contains(key.as_str()))
        .collect();
    assert!(
        open.is_empty(),
        "{name}: accepted, without an end: {open:?}"
    );
    if let Some(key) = accepted.first() {
        assert!(played.runs.iter().any(|run| answers(run, key.as_str())));
    }
}

/// One final record for each event, agent and generation.
pub(crate) fn every_event_ended_once(name: &str, played: &Played) {
    let mut ends: BTreeMap<_, u32> = BTreeMap::new();
    for run in played
        .runs
        .iter()
        .filter(|run| is_final(run.outcome.as_ref()))
    {
        let of = (
            run.task.event.id.as_str(),
            run.agent.as_str(),
            run.generation,
        );
        *ends.entry(of).or_default() += 1;
    }
    let twice: Vec<_> = ends.iter().filter(|(_, n)| **n != 1).collect();
    assert!(twice.is_empty(), "{name}: ended more than once: {twice:?}");
}

/// No claim was performed twice, nothing that can be done once only was, the journal decides the
/// same again, and the store is sound.
pub(crate) fn nothing_was_done_twice(name: &str, played: &Played) {
    let mut performed: BTreeMap<_, u32> = BTreeMap::new();
    let effects = played.runs.iter().flat_map(|run| &run.effects);
    for effect in effects.filter(|it| matches!(it.result, EffectResult::Performed(_))) {
        *performed.entry(effect.key.as_str()).or_default() += 1;
    }
    let twice: Vec<_> = performed.iter().filter(|(_, n)| **n != 1).collect();
    assert!(
        twice.is_empty(),
        "{name}: claimed once, performed twice: {twice:?}"
    );

    // What GitHub saw: a second comment, check run or merge at one place would be visible.
    let once = [
        "POST /repos/{owner}/{repo}/issues/{number}/comments ",
        "PUT /repos/{owner}/{repo}/pulls/{number}/merge ",
    ];
    for call in once {
        let mut by_place: BTreeMap<_, u32> = BTreeMap::new();
        for entry in played.calls.effects().on(call).entries() {
            *by_place.entry(entry.about.clone()).or_default() += 1;
        }
        assert!(
            !by_place.is_empty(),
            "{name}: never {call}: this shows nothing"
        );
        // A warning is a comment of its own beside the status comment, on issues only.
        let twice: Vec<_> = by_place.iter().filter(|(_, n)| **n > 1).collect();
        assert!(twice.is_empty(), "{name}: {call} twice: {twice:?}");
    }
    replays(name, played);
    is_sound(name, played);
}

fn is_final(outcome: Option<&Outcome>) -> bool {
    outcome.is_some_and(Outcome::is_final)
}

fn replays(name: &str, played: &Played) {
    let export = output(played.data.path(), &["journal", "export"]);
    let mut replay = caretaker(&["replay", "-", "--json"], &[])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut to = replay.stdin.take().unwrap();
    let writer = std::thread::spawn(move || to.write_all(&export.stdout));
    let replayed = replay.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    let last = replayed
        .stdout
        .split(|byte| *byte == b'\n')
        .rfind(|line| !line.is_empty());
    let told: Value = serde_json::from_slice(last.unwrap_or_default()).unwrap_or_default();
    assert!(replayed.status.success(), "{name}: replay: {told}");
    assert!(
        told["same"].as_u64().unwrap_or(0) > 0,
        "{name}: nothing replayed: {told}"
    );
}

/// A copy of the store is made and opened again, which checks it whole (`PRAGMA integrity_check`).
fn is_sound(name: &str, played: &Played) {
    let elsewhere = tempfile::tempdir().unwrap();
    let copy = elsewhere.path().join("copy.db");
    let copy = copy.to_str().unwrap();
    let backup = output(played.data.path(), &["backup", copy]);
    assert!(
        backup.status.success(),
        "{name}: {}",
        String::from_utf8_lossy(&backup.stderr)
    );
    let other = tempfile::tempdir().unwrap();
    let restored = output(other.path(), &["restore", copy]);
    assert!(
        restored.status.success(),
        "{name}: the store is not sound: {}",
        String::from_utf8_lossy(&restored.stderr)
    );
}
