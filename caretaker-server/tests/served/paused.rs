//! The operator's switch on a server that runs, from the command line beside it.

use std::time::Instant;

use caretaker_core::model::{Refusal, Run};
use serde_json::Value;

use super::Served;
use super::running::{PATIENCE, Running};

fn runs(server: &Running) -> Vec<Run> {
    let export = server.ask(&["journal", "export", "--agent", "pr"]);
    let lines = export.lines();
    lines
        .map(|line| serde_json::from_str(line).expect("every line is a record"))
        .collect()
}

#[test]
fn a_paused_server_writes_nothing_and_takes_it_up_when_it_is_resumed() {
    let desk = Served::start();
    let (world, server) = (&desk.world, &desk.server);

    server.ask(&["pause", "--why", "release day"]);
    let number = world.open_pull("alice", "gears", "Add gears");
    let subject = format!("pull/{number}");
    let keys = desk.deliver();
    server.closed(&keys);
    let about: Vec<Run> = runs(server)
        .into_iter()
        .filter(|run| run.task.event.subject.to_string() == subject)
        .collect();
    assert!(!about.is_empty(), "{}", server.log());
    for run in &about {
        let held = run.reviewed.as_ref().map(|reviewed| &reviewed.held);
        let held = held.expect("it was decided");
        assert!(!held.is_empty());
        assert!(held.iter().all(|held| held.refusal == Refusal::Paused));
    }
    assert!(world.log().writes().is_empty(), "{}", world.log().writes());

    let told: Value = serde_json::from_str(&server.ask(&["resume", "--json"])).expect("JSON");
    assert_eq!(told["looks"], 1, "{told}");
    let began = Instant::now();
    let acted =
        |run: &Run| run.task.event.subject.to_string() == subject && !run.effects.is_empty();
    while !runs(server).iter().any(acted) {
        assert!(began.elapsed() < PATIENCE, "{}", server.log());
    }
    let comments = format!("/repos/octo/widgets/issues/{number}/comments");
    let writes = world.log().writes().on(&comments);
    assert!(!writes.is_empty(), "{}", world.log());
    assert_eq!(world.take_violations(), Vec::<String>::new());
}
