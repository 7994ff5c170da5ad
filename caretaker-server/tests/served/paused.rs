//! The operator's switch on a server that runs, from the command line beside it.

#[expect(dead_code, reason = "the hostile tests use the rest")]
mod running;

use std::sync::Arc;
use std::time::Instant;

use caretaker_core::model::{DedupKey, Refusal, Run};
use caretaker_testkit::story::ACT;
use caretaker_testkit::world::World;
use caretaker_wiring::clock::SystemClock;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use running::{PATIENCE, Running, key};

const TOKEN: &str = "a token of tests";
const LOGIN: &str = "caretaker-user";

/// A GitHub over HTTP with one repository in which every agent may act.
fn github(runtime: &Runtime) -> (World, String) {
    let world = World::new(Arc::new(SystemClock::start())).unwatched();
    world.config(ACT);
    world.accept_token(TOKEN, LOGIN);
    world.as_token_of(LOGIN);
    world.trust(LOGIN);
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"));
    let listener = listener.expect("there is a free port");
    let address = listener.local_addr().expect("it listens");
    let serving = world.clone();
    runtime.spawn(async move { serving.serve(listener, None).await });
    (world, format!("http://{address}"))
}

/// Hands over what GitHub has sent; the keys under which it is kept.
fn deliver(world: &World, server: &Running) -> Vec<DedupKey> {
    let hooks = world.take_deliveries().into_iter();
    hooks
        .map(|hook| {
            let answer = server.deliver(&hook.event, &hook.guid, hook.body.as_bytes());
            assert_eq!(answer.status, 202, "{}", answer.text);
            key(&hook.event, &hook.guid)
        })
        .collect()
}

fn runs(server: &Running) -> Vec<Run> {
    let export = server.ask(&["journal", "export", "--agent", "pr"]);
    let lines = export.lines();
    lines
        .map(|line| serde_json::from_str(line).expect("every line is a record"))
        .collect()
}

#[test]
fn a_paused_server_writes_nothing_and_takes_it_up_when_it_is_resumed() {
    let runtime = Runtime::new().expect("threads can be started");
    let (world, url) = github(&runtime);
    let dir = tempfile::tempdir().expect("there is room");
    let env = [
        ("CARETAKER_GITHUB_API_URL", url.as_str()),
        ("GITHUB_TOKEN", TOKEN),
        ("CARETAKER_MODE_CEILING", "act"),
    ];
    let server = Running::serve(dir.path(), &env);

    server.ask(&["pause", "--why", "release day"]);
    let number = world.open_pull("alice", "gears", "Add gears");
    let subject = format!("pull/{number}");
    let keys = deliver(&world, &server);
    server.closed(&keys);
    let about: Vec<Run> = runs(&server)
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
    while !runs(&server).iter().any(acted) {
        assert!(began.elapsed() < PATIENCE, "{}", server.log());
    }
    let comments = format!("/repos/octo/widgets/issues/{number}/comments");
    let writes = world.log().writes().on(&comments);
    assert!(!writes.is_empty(), "{}", world.log());
    assert_eq!(world.take_violations(), Vec::<String>::new());
}
