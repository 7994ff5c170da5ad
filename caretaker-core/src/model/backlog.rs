//! How much may wait before the door takes no more.
//!
//! Three bounds, each for what the others do not see: many small deliveries, few large ones, and a
//! queue that nobody reads although it is short.

use serde::{Deserialize, Serialize};

use super::{Span, Timestamp};

/// What waits, as far as the bounds look at it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backlog {
    /// Deliveries that are neither closed nor buried.
    pub deliveries: u64,
    /// Bytes that these take in the store, as they are kept there.
    pub bytes: u64,
    /// When the oldest delivery was accepted that has not been read yet. One whose items are put
    /// off does not count: one tenant's trouble closes the door to nobody.
    pub unread: Option<Timestamp>,
}

/// The bounds of the backlog. What reaches one is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BacklogLimits {
    /// Open deliveries.
    pub deliveries: u64,
    /// Bytes that open deliveries take.
    pub bytes: u64,
    /// How long a delivery may wait to be read.
    pub age: Span,
}

/// One of the bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bound {
    /// How many deliveries are open.
    Count,
    /// How many bytes they take.
    Bytes,
    /// How long the oldest has waited to be read.
    Age,
}

impl Bound {
    /// As metrics and notes spell it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Bytes => "bytes",
            Self::Age => "age",
        }
    }
}

impl BacklogLimits {
    /// No bound at all.
    pub const NONE: Self = Self {
        deliveries: u64::MAX,
        bytes: u64::MAX,
        age: Span::millis(i64::MAX),
    };

    /// Bounded by count alone.
    pub fn of(deliveries: u64) -> Self {
        Self {
            deliveries,
            ..Self::NONE
        }
    }

    /// How much of each bound is used, in thousandths; from a thousand on it is reached.
    pub fn used(&self, backlog: &Backlog, now: Timestamp) -> [(Bound, u64); 3] {
        let waited = backlog
            .unread
            .map_or(0, |unread| now.since(unread).as_millis());
        let age = |span: i64| u64::try_from(span).unwrap_or(0);
        [
            (Bound::Count, share(backlog.deliveries, self.deliveries)),
            (Bound::Bytes, share(backlog.bytes, self.bytes)),
            (Bound::Age, share(age(waited), age(self.age.as_millis()))),
        ]
    }

    /// The first bound that is reached, if any is: nothing more is taken then.
    pub fn reached(&self, backlog: &Backlog, now: Timestamp) -> Option<Bound> {
        let used = self.used(backlog, now);
        let full = used.into_iter().find(|(_, used)| *used >= 1_000);
        full.map(|(bound, _)| bound)
    }
}

fn share(used: u64, limit: u64) -> u64 {
    let thousandths = u128::from(used) * 1_000 / u128::from(limit.max(1));
    u64::try_from(thousandths).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: BacklogLimits = BacklogLimits {
        deliveries: 10,
        bytes: 1_000,
        age: Span::hours(1),
    };

    fn backlog(deliveries: u64, bytes: u64, minutes: Option<i64>) -> Backlog {
        let unread = minutes.map(|minutes| now() - Span::minutes(minutes));
        Backlog {
            deliveries,
            bytes,
            unread,
        }
    }

    fn now() -> Timestamp {
        Timestamp::from_millis(1_800_000_000_000)
    }

    #[test]
    fn each_bound_is_reached_by_itself_and_not_before() {
        let reached = |backlog| LIMITS.reached(&backlog, now());
        assert_eq!(reached(backlog(9, 999, Some(59))), None);
        assert_eq!(reached(backlog(10, 0, None)), Some(Bound::Count));
        assert_eq!(reached(backlog(1, 1_000, None)), Some(Bound::Bytes));
        assert_eq!(reached(backlog(1, 0, Some(60))), Some(Bound::Age));
        assert_eq!(
            reached(backlog(1, 0, Some(-60))),
            None,
            "the clock was set back"
        );
        let most = backlog(u64::MAX - 1, u64::MAX - 1, Some(1_000_000));
        assert_eq!(BacklogLimits::NONE.reached(&most, now()), None);
    }

    #[test]
    fn what_is_used_is_told_in_thousandths() {
        let used = LIMITS.used(&backlog(5, 1, Some(57)), now());
        assert_eq!(used.map(|(_, used)| used), [500, 1, 950]);
    }
}
