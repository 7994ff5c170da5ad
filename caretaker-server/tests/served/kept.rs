//! What GitHub has said outlives the server: the next one asks whether it still holds.

use caretaker_testkit::world::Log;

use super::Served;

/// Whether such a question was answered with "unchanged".
fn unchanged(log: &Log, on: &str) -> bool {
    let asked = log.on(on);
    asked
        .entries()
        .iter()
        .any(|entry| entry.status == Some(304))
}

#[test]
fn what_was_told_before_a_restart_is_asked_for_conditionally_after_it() {
    const WHO: &str = "GET /user ";
    let mut served = Served::start();
    served.world.label(2, "bob", "bug");
    let keys = served.deliver();
    served.server.closed(&keys);
    let first = served.world.log();
    assert!(!first.on(WHO).is_empty() && !unchanged(&first, WHO));

    served.server.signal("TERM");
    assert!(served.server.ended().success());
    served.start_again();
    served.world.label(2, "bob", "help wanted");
    let keys = served.deliver();
    served.server.closed(&keys);
    let second = served.world.log().since(first.count());
    assert!(unchanged(&second, WHO), "{second}");
}
