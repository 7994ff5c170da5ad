//! A backup that was taken while the server had its hands full takes the place of the store.

use std::thread;

use serde_json::Value;

use super::Served;
use super::running::{Running, key, output};

/// Enough that the first are in hands and the last not yet there when the copy is made.
const PULLS: usize = 12;

#[test]
fn a_restored_backup_of_a_busy_server_goes_on_and_does_nothing_twice() {
    let mut desk = Served::start();
    let elsewhere = tempfile::tempdir().expect("there is room");
    let copy = elsewhere.path().join("copy.db");
    let copy = copy.to_str().expect("paths of tests are text");
    let mut hooks = Vec::new();
    let mut pulls = Vec::new();
    let mut busy = |server: &Running, n: usize| {
        let branch = format!("gear-{n}");
        pulls.push(desk.world.open_pull("alice", &branch, "Add gears"));
        for hook in desk.world.take_deliveries() {
            server.deliver(&hook.event, &hook.guid, hook.body.as_bytes());
            hooks.push(hook);
        }
    };
    let made = thread::scope(|scope| {
        let server = &desk.server;
        (0..PULLS / 2).for_each(|n| busy(server, n));
        let copying = scope.spawn(|| server.ask(&["backup", copy, "--json"]));
        (PULLS / 2..PULLS).for_each(|n| busy(server, n));
        copying.join().expect("it was made")
    });
    busy(&desk.server, PULLS);
    let keys: Vec<_> = hooks
        .iter()
        .map(|hook| key(&hook.event, &hook.guid))
        .collect();
    desk.server.closed(&keys);
    desk.server.signal("KILL");
    desk.server.ended();

    let restored = output(desk.dir.path(), &["restore", copy, "--force"]);
    assert!(restored.status.success(), "{restored:?}");
    desk.start_again();
    let unknown = hooks.iter().filter(|hook| {
        let answer = desk
            .server
            .deliver(&hook.event, &hook.guid, hook.body.as_bytes());
        answer.word() == "accepted"
    });
    let unknown = unknown.count();
    let made: Value = serde_json::from_str(&made).expect("JSON");
    assert_eq!(made["deliveries"], hooks.len() - unknown, "{made}");
    desk.server.closed(&keys);
    for number in pulls {
        let comments = format!("/repos/octo/widgets/issues/{number}/comments");
        let log = desk.world.log().effects().on(&comments);
        assert_eq!(log.count(), 1, "{log}");
    }
    assert_eq!(desk.world.take_violations(), Vec::<String>::new());
}
