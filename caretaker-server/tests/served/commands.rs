//! A command over HTTP, from its delivery to the reaction that people see.

#[expect(dead_code, reason = "the hostile tests use the rest")]
mod running;

use std::sync::Arc;
use std::thread;
use std::time::Instant;

use caretaker_core::model::{DedupKey, Run, Span};
use caretaker_testkit::story::ACT;
use caretaker_testkit::world::{Fault, Release, World};
use caretaker_wiring::clock::SystemClock;
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

/// Lets others go on until GitHub keeps a call waiting.
fn until_held(world: &World, server: &Running) {
    let began = Instant::now();
    while world.held_calls().is_empty() {
        assert!(began.elapsed() < PATIENCE, "{}", server.log());
        thread::yield_now();
    }
}

#[test]
fn a_command_is_answered_in_time_while_another_subject_hangs_on_github() {
    let runtime = Runtime::new().expect("threads can be started");
    let (world, url) = github(&runtime);
    let dir = tempfile::tempdir().expect("there is room");
    let env = [
        ("CARETAKER_GITHUB_API_URL", url.as_str()),
        ("GITHUB_TOKEN", TOKEN),
        ("CARETAKER_MODE_CEILING", "act"),
    ];
    let server = Running::serve(dir.path(), &env);
    let keys = deliver(&world, &server);
    server.closed(&keys);

    let hanging = Fault::on("/repos/octo/widgets/issues/2");
    world.fault(hanging.times(u32::MAX).hold());
    world.comment(2, "carol", "It still squeaks.");
    deliver(&world, &server);
    until_held(&world, &server);

    let comment = world.comment(1, "bob", "@caretaker hold");
    let keys = deliver(&world, &server);
    let runs = server.closed(&keys);
    let run: &Run = runs
        .iter()
        .find(|run| run.agent.as_str() == "commands")
        .expect("the command was decided");
    let log = world.log();
    let reaction = log.entries().iter().find(|entry| {
        entry.write
            && entry
                .about
                .contains(&format!("comments/{comment}/reactions"))
    });
    let reacted = reaction.unwrap_or_else(|| panic!("no reaction:\n{log}")).at;
    let waited = reacted.since(run.task.event.accepted());
    assert!(waited <= Span::seconds(5), "{waited}\n{log}");
    assert!(world.labels(1).contains(&"caretaker:hold".to_owned()));
    let words: Vec<_> = world.reactions(comment).into_iter().collect();
    assert_eq!(words, [(LOGIN.to_owned(), "+1".to_owned())]);
    let closed: Vec<_> = runs
        .iter()
        .map(|run| run.task.event.subject.to_string())
        .collect();
    assert!(
        !closed.contains(&"issue/2".to_owned()),
        "it still hangs: {closed:?}"
    );

    world.clear_faults();
    world.release(Release::Refuse);
}
