//! What to say of a backlog that fills up, in `/ready`, `status` and the log.

use caretaker_core::model::{Backlog, BacklogLimits, Bound, Timestamp};

/// Thousandths of a bound from which on it is worth a word.
const ALMOST: u64 = 800;

/// What to say of the fullest bound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filled {
    /// Whether it is reached: the door turns everything new away.
    pub full: bool,
    /// The sentence.
    pub said: String,
}

/// Says it once a bound is almost reached.
pub fn filled(limits: &BacklogLimits, backlog: &Backlog, now: Timestamp) -> Option<Filled> {
    let (bound, used) = limits
        .used(backlog, now)
        .into_iter()
        .max_by_key(|(_, used)| *used)?;
    let full = used >= 1_000;
    let is = if full { "full" } else { "almost full" };
    let (what, setting) = words(bound);
    (used >= ALMOST).then(|| Filled {
        full,
        said: format!(
            "backlog: it is {is} by {what} ({}% of {setting}); find out why deliveries are not \
             worked off, or raise it",
            used / 10
        ),
    })
}

fn words(bound: Bound) -> (&'static str, &'static str) {
    match bound {
        Bound::Count => ("count", "webhook.backlog_limit"),
        Bound::Bytes => ("bytes", "webhook.backlog_max_bytes"),
        Bound::Age => ("age", "webhook.backlog_max_age_seconds"),
    }
}

#[cfg(test)]
mod tests {
    use caretaker_core::model::Span;

    use super::*;

    #[test]
    fn the_fullest_bound_is_told_from_four_fifths_on_and_full_is_said_so() {
        let now = Timestamp::from_millis(1_800_000_000_000);
        let limits = BacklogLimits {
            deliveries: 10,
            bytes: 100,
            age: Span::hours(10),
        };
        let told = |deliveries, bytes, hours| {
            let unread = Some(now - Span::hours(hours));
            let backlog = Backlog {
                deliveries,
                bytes,
                unread,
            };
            filled(&limits, &backlog, now)
        };
        assert_eq!(told(7, 79, 7), None);
        let almost = told(8, 81, 7).unwrap();
        assert!(!almost.full, "{almost:?}");
        assert!(
            almost.said.contains("81% of webhook.backlog_max_bytes"),
            "{almost:?}"
        );
        assert!(told(10, 0, 0).unwrap().full);
        let old = told(1, 1, 10).unwrap();
        assert!(old.full && old.said.contains("by age"), "{old:?}");
    }
}
