//! What an operator has to look at, as far as the store shows it from outside the server.
//!
//! The server's own word is `/ready`; here is what can be told without it, and when it is down.

use caretaker_core::model::{Span, Timestamp};
use caretaker_core::ports::{Holder, Storage};
use caretaker_wiring::storage;

use crate::serve::backlog;
use crate::serve::consumer::LEASE_TTL;
use crate::serve::vitals::short_of_room;
use crate::settings::Settings;

/// By how much two looks at the wall clock may differ.
const SLACK: Span = Span::seconds(2);

/// One line for each finding.
pub(super) async fn findings(
    settings: &Settings,
    store: &dyn Storage,
    holder: Option<&Holder>,
    now: Timestamp,
) -> Vec<String> {
    let mut found = Vec::new();
    // A transaction with nothing in it, as the server tries it.
    if let Err(error) = store.commit(None, Vec::new()).await {
        found.push(format!("store: it cannot be written: {error}"));
    }
    match storage::room(&settings.storage_config(), settings.storage_max_bytes).await {
        Ok(room) => {
            let least = settings.storage_least_room_bytes;
            found.extend(room.and_then(|room| short_of_room(room, least)));
        }
        Err(error) => found.push(format!("the room for the store is not known: {error}")),
    }
    if let Ok(depth) = store.depth().await {
        let filled = backlog::filled(&settings.webhook.backlog, &depth.backlog, now);
        found.extend(filled.map(|filled| filled.said));
    }
    found.extend(holder.and_then(|holder| of_lease(holder, now)));
    found
}

/// A lease that a live holder renews ends within its length from now.
fn of_lease(holder: &Holder, now: Timestamp) -> Option<String> {
    let Holder { worker, until, .. } = holder;
    if *until > now + LEASE_TTL + SLACK {
        return Some(format!(
            "the clock was set back: the lease of {worker} ends at {until}, later than a lease lasts"
        ));
    }
    (*until + SLACK < now).then(|| {
        format!(
            "consumer: {worker} has not renewed its lease since it ended at {until}; it is stopped, \
             or the clock was set forward"
        )
    })
}

#[cfg(test)]
mod tests {
    use caretaker_core::ports::Fence;

    use super::*;

    #[test]
    fn a_lease_that_ends_too_late_or_is_over_is_told_and_one_that_is_renewed_is_not() {
        let now = Timestamp::from_millis(1_700_000_000_000);
        let told = |seconds: i64| {
            let holder = Holder {
                worker: "serve 1".to_owned(),
                fence: Fence(1),
                until: now + Span::seconds(seconds),
            };
            of_lease(&holder, now)
        };
        for fine in [0, 3, 15] {
            assert_eq!(told(fine), None, "{fine}");
        }
        assert!(told(86_400).unwrap().contains("set back"));
        assert!(told(-86_400).unwrap().contains("set forward"));
    }
}
