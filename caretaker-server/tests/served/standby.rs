//! Two servers on one store: one works, the other stands by and takes over.

use caretaker_core::model::{DedupKey, Span, Timestamp};
use caretaker_core::ports::Clock as _;
use caretaker_testkit::world::{Fault, Release};
use caretaker_wiring::clock::SystemClock;
use serde_json::Value;

use super::Served;
use super::commands::until_held;
use super::running::http::Request;
use super::running::{Running, answers, output};

/// When a server first said this.
fn said_at(server: &Running, message: &str) -> Timestamp {
    let log = server.log();
    let mut lines = log
        .lines()
        .map(|line| serde_json::from_str(line).expect("each line is JSON"));
    let line = lines.find(|line: &Value| line["message"] == message);
    let line = line.unwrap_or_else(|| panic!("never said {message}:\n{log}"));
    let at = line["timestamp"].as_str().expect("each line has its time");
    Timestamp::parse_rfc3339(at).expect("in the one form")
}

fn status(desk: &Served) -> Value {
    let status = output(desk.dir.path(), &["status", "--json"]);
    serde_json::from_slice(&status.stdout).expect("JSON")
}

/// What each delivery ended in: one final record of each agent, and one comment on each pull.
fn once_each(desk: &Served, server: &Running, keys: &[DedupKey], pulls: &[u64]) {
    let runs = server.closed(keys);
    for key in keys {
        let mut ended: Vec<_> = runs
            .iter()
            .filter(|run| answers(run, key.as_str()) && run.joined.is_empty())
            .map(|run| (run.agent.to_string(), run.task.event.id.clone()))
            .collect();
        let records = ended.len();
        ended.sort();
        ended.dedup();
        assert_eq!(ended.len(), records, "{key} twice:\n{}", server.log());
    }
    for number in pulls {
        let comments = format!("/repos/octo/widgets/issues/{number}/comments");
        let log = desk.world.log().effects().on(&comments);
        assert_eq!(log.count(), 1, "{log}\n{}", server.log());
    }
    assert_eq!(desk.world.take_violations(), Vec::<String>::new());
}

#[test]
fn a_second_server_takes_deliveries_and_stands_by_and_commands_work_beside_both() {
    let desk = Served::start();
    desk.server.says("holding the lease");
    let second = desk.second();
    second.says("standing by");

    let ready = second.send(&Request::of("GET", "/ready", b""));
    assert_eq!(ready.status, 200, "{}", ready.text);
    assert!(ready.text.contains("standing by"), "{}", ready.text);
    let first = desk.server.send(&Request::of("GET", "/ready", b""));
    assert!(!first.text.contains("standing by"), "{}", first.text);
    let told = status(&desk);
    assert_eq!(told["serving_pid"], desk.server.pid(), "{told}");
    assert_eq!(told["standing_by_pid"], second.pid(), "{told}");
    assert_eq!(told["consumer"], "working", "{told}");
    assert!(second.ask(&["status"]).contains("standing by"));

    let number = desk.world.open_pull("alice", "gears", "Add gears");
    let keys = desk.deliver_to(&second);
    once_each(&desk, &second, &keys, &[number]);
    let log = second.log();
    assert!(!log.contains("run closed"), "the first one works:\n{log}");
    for command in [
        &["pause", "--why", "tests"][..],
        &["resume"],
        &["runs"],
        &["doctor"],
        &["journal", "export"],
    ] {
        let beside = output(desk.dir.path(), command);
        let code = beside.status.code();
        assert!(matches!(code, Some(0 | 1)), "{command:?}: {beside:?}");
    }
}

#[test]
fn a_killed_server_is_succeeded_at_once_and_nothing_is_lost_or_done_twice() {
    let mut desk = Served::start();
    desk.server.says("holding the lease");
    let second = desk.second();
    second.says("standing by");
    let mut keys = desk.deliver();
    let mut pulls = Vec::new();
    for n in 0..12 {
        let branch = format!("gear-{n}");
        pulls.push(desk.world.open_pull("alice", &branch, "Add gears"));
        let to = if n % 2 == 0 { &desk.server } else { &second };
        keys.extend(desk.deliver_to(to));
        if n == 8 {
            desk.world.fault(Fault::on_write().hold());
        }
    }
    until_held(&desk.world, &desk.server);

    let killed = SystemClock::start().now();
    desk.server.signal("KILL");
    desk.server.ended();
    // GitHub does what the dead one asked for.
    desk.world.release(Release::Perform);
    second.says("holding the lease");
    let took = said_at(&second, "holding the lease").since(killed);
    // A second on an idle machine; the lease itself would have lasted fifteen.
    assert!(took <= Span::seconds(5), "{took}\n{}", second.log());
    once_each(&desk, &second, &keys, &pulls);
    let told = status(&desk);
    assert_eq!(told["serving_pid"], second.pid(), "{told}");
    assert_eq!(told["standing_by_pid"], Value::Null, "{told}");
}

#[test]
fn a_server_that_stops_in_peace_hands_over_at_once() {
    let mut desk = Served::start();
    desk.server.says("holding the lease");
    let second = desk.second();
    second.says("standing by");
    desk.server.signal("TERM");
    assert_eq!(desk.server.ended().code(), Some(0));
    let ended = SystemClock::start().now();
    second.says("holding the lease");
    let took = said_at(&second, "holding the lease").since(ended);
    assert!(took <= Span::seconds(5), "{took}");
    let number = desk.world.open_pull("alice", "gears", "Add gears");
    let keys = desk.deliver_to(&second);
    once_each(&desk, &second, &keys, &[number]);
}

#[test]
fn a_server_stopped_after_the_bytes_left_is_succeeded_and_does_nothing_when_it_wakes() {
    let desk = Served::start();
    let keys = desk.deliver();
    desk.server.closed(&keys);
    let second = desk.second();
    second.says("standing by");

    desk.world.fault(Fault::on_write().hold());
    let number = desk.world.open_pull("alice", "gears", "Add gears");
    let keys = desk.deliver();
    until_held(&desk.world, &desk.server);
    desk.server.signal("STOP");
    desk.world.release(Release::Perform);
    // Fifteen seconds until nothing has moved for as long as a lease lasts, fifteen more until
    // what was begun is settled.
    second.says("holding the lease");
    once_each(&desk, &second, &keys, &[number]);
    let held = said_at(&second, "holding the lease");
    let settled = said_at(&second, "run closed");
    assert!(settled.since(held) >= Span::seconds(15), "{}", second.log());

    desk.server.signal("CONT");
    desk.server.says("standing by");
    once_each(&desk, &second, &keys, &[number]);
    let told = status(&desk);
    assert_eq!(told["serving_pid"], second.pid(), "{told}");
    assert_eq!(told["standing_by_pid"], desk.server.pid(), "{told}");
    second.signal("KILL");
    let log = desk.server.log();
    desk.server.until_said_again("holding the lease", &log);
}
