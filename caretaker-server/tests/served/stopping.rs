//! A signal to a server that has work in hands and a delivery on its way.

use std::net::TcpStream;

use caretaker_core::model::{DedupKey, Run, label};
use caretaker_testkit::world::{Fault, Release};

use super::commands::until_held;
use super::running::{answers, key, output};
use super::{LOGIN, Served};

#[test]
fn a_server_that_is_terminated_ends_what_it_began_and_takes_nothing_new() {
    ends_in_peace("TERM");
}

#[test]
fn a_server_that_is_interrupted_ends_what_it_began_and_takes_nothing_new() {
    ends_in_peace("INT");
}

fn ends_in_peace(signal: &str) {
    let mut desk = Served::start();
    let keys = desk.deliver();
    desk.server.closed(&keys);
    let silent = TcpStream::connect(desk.server.address()).expect("the server listens");

    desk.world.fault(Fault::on_write().hold());
    let comment = desk.world.comment(1, "bob", "@caretaker hold");
    let begun = desk.deliver();
    until_held(&desk.world, &desk.server);
    desk.world.comment(2, "carol", "It still squeaks.");
    let hooks = desk.world.take_deliveries();
    let [hook] = hooks.as_slice() else {
        panic!("one comment, one delivery: {hooks:?}")
    };
    let body = hook.body.as_bytes();
    let arriving = desk.server.begin(&hook.event, &hook.guid, body);

    desk.server.signal(signal);
    desk.server.says("stopping: ");
    desk.server.refuses();
    assert_eq!(arriving.finish().word(), "accepted");
    assert_eq!(desk.world.release(Release::Perform), 1);
    desk.server.says("stopped");
    let log = desk.server.log();
    assert_eq!(desk.server.ended().code(), Some(0), "{log}");
    assert!(!log.contains("did not end in time"), "{log}");
    drop(silent);

    let export = output(desk.dir.path(), &["journal", "export"]).stdout;
    let export = String::from_utf8(export).expect("output is UTF-8");
    let runs = export.lines().map(serde_json::from_str);
    let runs: Vec<Run> = runs.collect::<Result<_, _>>().expect("each is a record");
    let ended = |run: &&Run| {
        let of = |key: &DedupKey| answers(run, key.as_str());
        run.agent.as_str() == "commands" && begun.iter().any(of)
    };
    assert_eq!(runs.iter().filter(ended).count(), 1, "{log}");

    desk.start_again();
    desk.server.closed(&[key(&hook.event, &hook.guid)]);
    assert_eq!(desk.world.labels(1), [label::HOLD]);
    let words: Vec<_> = desk.world.reactions(comment).into_iter().collect();
    assert_eq!(words, [(LOGIN.to_owned(), "+1".to_owned())]);
    assert_eq!(desk.world.take_violations(), Vec::<String>::new());
}
