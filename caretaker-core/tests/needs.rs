//! What agents were recorded to ask and to do lies within what their manifests ask for, so that
//! `doctor` misses nothing.
#![expect(
    clippy::disallowed_methods,
    reason = "core itself touches no file; this test reads its recorded runs"
)]

use std::collections::BTreeSet;
use std::path::PathBuf;

use caretaker_core::agents;
use caretaker_core::model::app::Grants;
use caretaker_core::model::{Action, Answer, Merge, Query, Run};

fn recorded() -> Vec<Run> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("journal");
    let mut runs = Vec::new();
    for entry in std::fs::read_dir(folder).expect("there are recorded runs") {
        let path = entry.expect("journal/ can be listed").path();
        let text = std::fs::read_to_string(path).expect("journal/ holds text");
        let lines = text.lines();
        runs.extend(lines.map(|line| serde_json::from_str::<Run>(line).expect("a record")));
    }
    runs
}

#[test]
fn no_agent_asks_or_does_what_its_manifest_does_not_ask_for() {
    let mut missing = BTreeSet::new();
    let mut seen = 0;
    for run in recorded() {
        let Some(agent) = agents::by_name(run.agent.as_str()) else {
            continue;
        };
        let manifest = agent.manifest();
        let listed = manifest
            .permissions
            .iter()
            .filter_map(|need| need.split_once(": "));
        let asked_for = Grants::of(listed.chain([("metadata", "read")]));
        let asked: Vec<(Query, Answer)> = run.evidence.clone().into();
        let questions = asked.iter().flat_map(|(query, _)| match query {
            Query::Forge(query) => query.permissions().to_vec(),
            Query::State(_) | Query::Pause => Vec::new(),
        });
        let planned = run.decision.iter().flat_map(|decision| &decision.actions);
        let actions = planned.filter_map(|planned| match &planned.action {
            Action::Forge(action) => Some(action.permission()),
            Action::Merge(_) => Some(Merge::PERMISSION),
            Action::Enqueue(_) => None,
        });
        for need in questions.chain(actions) {
            seen += 1;
            if !asked_for.meet(need) {
                missing.insert(format!("{} needs {need}", manifest.name));
            }
        }
    }
    assert!(seen > 100, "recorded runs ask and do a lot");
    assert!(missing.is_empty(), "{missing:#?}");
}
