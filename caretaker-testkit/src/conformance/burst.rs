//! One installation's burst beside another's work, on virtual time: what waiting for a turn costs.

use std::collections::BTreeMap;
use std::sync::Arc;

use caretaker_core::drive::hands;
use caretaker_core::model::{EventId, InstallationId, QueueItem, Settle, Span, Timestamp};
use caretaker_core::ports::{Storage, Write};

use super::worker::{Worker, settle};
use crate::samples::{at, item, pull};

/// Events of the burst: of 200 repositories, 50 pull requests in each.
const BURST: u64 = 10_000;
/// Events of the other installation, and what lies between two of them.
const OTHERS: u64 = 60;
const GAP: i64 = 200;
/// How finely time passes, in milliseconds.
const STEP: i64 = 50;

/// While ten thousand events of one installation wait, 95 of 100 events of another end within a
/// tenth more than what they take where nothing else waits. Handling one of theirs takes 450 to
/// 750 ms, so that they have three in hands; one of the burst takes ten times as long.
pub async fn a_burst_adds_less_than_a_tenth_to_the_wait_of_another(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    let alone = others(&worker, "alone", at(0)).await;
    let later = at(1_000);
    let burst = (0..BURST).map(|n| QueueItem {
        due: later,
        ..item(&format!("burst/{n}"), 1_000 + n % 200, pull(1 + n / 200))
    });
    worker.enqueue_all(burst).await;
    let beside = others(&worker, "beside", later).await;
    assert!(
        beside * 10 <= alone * 11,
        "95 of 100 end within {beside} ms beside the burst, within {alone} ms alone"
    );
    let left = storage.depth().await.expect("depth can be read");
    assert!(
        left.waiting > BURST / 2,
        "it is a burst to the end: {left:?}"
    );
}

/// Lets the other installation's events come and be handled from a time on: milliseconds within
/// which 95 of 100 end.
async fn others(worker: &Worker, name: &str, from: Timestamp) -> i64 {
    let mut come: BTreeMap<EventId, Timestamp> = BTreeMap::new();
    let mut hands: Vec<(Timestamp, EventId)> = Vec::new();
    let mut waited: Vec<i64> = Vec::new();
    let mut now = from;
    let mut handled: i64 = 0;
    while waited.len() < usize::try_from(OTHERS).unwrap_or(usize::MAX) {
        let (ended, busy): (Vec<_>, Vec<_>) = hands.into_iter().partition(|(end, _)| *end <= now);
        hands = busy;
        let mut writes: Vec<Write> = Vec::new();
        for (_, id) in ended {
            writes.push(settle(id.as_str(), Settle::Done));
            waited.extend(come.remove(&id).map(|since| now.since(since).as_millis()));
        }
        let next = now.since(from).as_millis() / GAP;
        if now.since(from).as_millis() % GAP == 0 && next < i64::try_from(OTHERS).unwrap_or(0) {
            let n = next.unsigned_abs();
            let id = format!("{name}/{n}");
            come.insert(EventId::new(&id), now);
            let item = QueueItem {
                installation: Some(InstallationId::new(2)),
                due: now,
                ..item(&id, 10 + n % 20, pull(n))
            };
            writes.push(Write::Enqueue(Box::new(item)));
        }
        if !writes.is_empty() {
            worker.commit(writes).await;
        }
        let took = hands::take(&*worker.storage, worker.fence, now, hands.len()).await;
        for taken in took.expect("the fence is in force") {
            handled += 1;
            let takes = 450 + STEP * (handled * 5 % 7);
            let of_burst = taken.item.installation == Some(InstallationId::new(1));
            let takes = if of_burst { takes * 10 } else { takes };
            hands.push((now + Span::millis(takes), taken.item.event.id));
        }
        now = now + Span::millis(STEP);
    }
    waited.sort_unstable();
    waited[waited.len() * 95 / 100]
}
