//! A holder of the lease that is stopped in the middle of its work (SIGSTOP, a frozen container),
//! succeeded meanwhile, and wakes: one effect each time, whatever it had got to.

#![expect(clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::sync::{Arc, Mutex};

use caretaker_core::drive;
use caretaker_core::ports::{Fence, PortError};

use super::*;

/// Another process takes the lease, as soon as this is called.
fn succession(story: &Story) -> (impl FnOnce() + Send + use<>, Arc<Mutex<Option<Fence>>>) {
    let ports = story.plain_ports().clone();
    let given = Arc::new(Mutex::new(None));
    let next = Arc::clone(&given);
    let take = move || {
        // The world ends the first one's lease before its time; in earnest fifteen seconds pass.
        let acquired =
            ports
                .storage
                .acquire("consumer", "story", ports.clock.now(), Span::seconds(15));
        let fence = acquired.now_or_never().expect("memory answers at once");
        *next.lock().unwrap() = Some(fence.unwrap());
    };
    (take, given)
}

/// The first holder handles the request about issue 2, through whatever befalls it.
async fn handled_by_the_first(story: &Story) -> Result<(), PortError> {
    let (plain, worker) = (story.plain_ports(), story.worker());
    let ports = story.faulty().around(plain);
    let taken = plain
        .storage
        .take(worker.lease.fence(), story.now(), 9)
        .await
        .unwrap();
    let [taken] = taken.as_slice() else {
        panic!("one item waits: {taken:?}")
    };
    Box::pin(drive::handle(&ports, worker, taken))
        .await
        .map(|_handled| ())
}

/// Stops the first holder right before a call, and lets another one take over and go on.
async fn stopped_before(call: &str) -> Story {
    let mut story = quiet().await;
    ask(&mut story);
    let (succeed, given) = succession(&story);
    story.faulty().before(call, succeed);
    let woke = handled_by_the_first(&story).await.unwrap_err();
    assert!(drive::is_fenced(&woke), "{woke}");
    assert!(given.lock().unwrap().is_some(), "it was stopped at {call}");
    story
}

async fn goes_on(mut story: Story) {
    story.crash().await;
    story.settle().await;
    assert_eq!(ends(&story).last().unwrap(), "warn decided");
    is_warned_once(&story);
}

#[tokio::test]
async fn stopped_before_the_claim_it_sends_nothing_when_it_wakes() {
    let story = stopped_before("claim/").await;
    is_untouched(&story);
    goes_on(story).await;
}

#[tokio::test]
async fn stopped_after_the_claim_and_before_the_look_at_its_lease_it_sends_nothing() {
    let mut story = quiet().await;
    story.stop_renewing();
    let while_claiming = story.let_pass(Span::seconds(16));
    story.faulty().before("claim/", while_claiming);
    ask(&mut story);
    story.settle_once().await;
    is_untouched(&story);
    assert_eq!(story.faulty().not_struck(), Vec::<String>::new());
    goes_on(story).await;
}

#[tokio::test]
async fn stopped_after_the_bytes_left_its_effect_is_found_and_not_repeated() {
    let story = stopped_before("finish").await;
    let written = story.log().effects().on("octo/widgets#2");
    assert_eq!(written.count(), 1, "{written}");
    goes_on(story).await;
}
