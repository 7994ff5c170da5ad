//! When to come back: derived from the event, so that it replays (decisions §3).

use crate::model::{EventId, Span, Timestamp, derived_below};

/// Failures of our own after which an event is buried.
pub const MOST_FAULTS: u32 = 5;

/// How long outside failures are waited out before an event is buried.
pub const LONGEST_WAIT: Span = Span::days(3);

/// The wait after the `n`th outside failure: 5 s doubling to 10 min, and up to a quarter more.
pub fn backoff(n: u32, event: &EventId) -> Span {
    let base = Span::doubled(Span::seconds(5), n, Span::minutes(10)).as_millis();
    let bound = u64::try_from(base / 4).unwrap_or(0);
    let jitter = derived_below(&["backoff", event.as_str(), &n.to_string()], bound);
    Span::millis(base + i64::try_from(jitter).unwrap_or(0))
}

/// The wait after the `n`th time that the world changed before the effect: 2 s doubling to 5 min.
pub fn overtaken(n: u32) -> Span {
    Span::doubled(Span::seconds(2), n, Span::minutes(5))
}

/// The wait after the `n`th refusal of access with credentials present: three tries over two
/// minutes, because a fresh installation needs a moment; then `None`.
pub fn no_access(n: u32) -> Option<Span> {
    [Span::seconds(10), Span::seconds(30), Span::seconds(80)]
        .get(n as usize)
        .copied()
}

/// The wait of what a pause holds that has lasted so long, in case nobody looks when it ends: as
/// long again, from 10 min to 6 h, and up to a quarter more.
pub fn paused(lasted: Span, event: &EventId) -> Span {
    let base = lasted.clamp(Span::minutes(10), Span::hours(6)).as_millis();
    let bound = u64::try_from(base / 4).unwrap_or(0);
    let jitter = derived_below(&["paused", event.as_str()], bound);
    Span::millis(base + i64::try_from(jitter).unwrap_or(0))
}

/// Whether outside failures have gone on for too long.
pub fn waited_too_long(enqueued_at: Timestamp, now: Timestamp) -> bool {
    now.since(enqueued_at) >= LONGEST_WAIT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_ten_minutes_and_differ_between_events() {
        let (a, b) = (EventId::new("a"), EventId::new("b"));
        assert!(backoff(0, &a) >= Span::seconds(5) && backoff(0, &a) < Span::millis(6_251));
        assert!(backoff(30, &a) >= Span::minutes(10));
        assert!(backoff(30, &a) < Span::seconds(751));
        assert_ne!(backoff(30, &a), backoff(30, &b));
        assert_eq!(backoff(3, &a), backoff(3, &a));
    }

    #[test]
    fn what_a_pause_holds_waits_about_as_long_as_it_has_lasted() {
        let event = EventId::new("a");
        let wait = |lasted| paused(lasted, &event);
        for (lasted, least, most) in [(0, 10, 13), (60, 60, 75), (10_000, 360, 450)] {
            let wait = wait(Span::minutes(lasted));
            assert!(wait >= Span::minutes(least) && wait < Span::minutes(most));
        }
    }

    #[test]
    fn no_access_is_tried_three_times_over_two_minutes() {
        let waits: Vec<_> = (0..).map_while(no_access).collect();
        assert_eq!(waits.iter().map(|w| w.whole_seconds()).sum::<i64>(), 120);
        assert_eq!(waits.len(), 3);
    }
}
