//! A command over HTTP, from its delivery to the reaction that people see.

use std::thread;
use std::time::Instant;

use caretaker_core::model::{Run, Span};
use caretaker_testkit::world::{Fault, Release, World};

use super::running::{PATIENCE, Running};
use super::{LOGIN, Served};

/// Lets others go on until GitHub keeps a call waiting.
pub(super) fn until_held(world: &World, server: &Running) {
    let began = Instant::now();
    while world.held_calls().is_empty() {
        assert!(began.elapsed() < PATIENCE, "{}", server.log());
        thread::yield_now();
    }
}

#[test]
fn a_command_is_answered_in_time_while_another_subject_hangs_on_github() {
    let desk = Served::start();
    let (world, server) = (&desk.world, &desk.server);
    let keys = desk.deliver();
    server.closed(&keys);

    let hanging = Fault::on("/repos/octo/widgets/issues/2");
    world.fault(hanging.times(u32::MAX).hold());
    world.comment(2, "carol", "It still squeaks.");
    desk.deliver();
    until_held(world, server);

    let comment = world.comment(1, "bob", "@caretaker hold");
    let keys = desk.deliver();
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
