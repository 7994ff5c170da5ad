//! Moments as people write them.

use anyhow::Context as _;
use caretaker_core::model::{Span, Timestamp};
use caretaker_core::ports::Clock as _;
use caretaker_wiring::clock::SystemClock;

/// What a text for a time stands for: from its first to its last millisecond. Records are kept in
/// milliseconds and shown in seconds, so a second that we printed is meant wholly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) first: Timestamp,
    pub(super) last: Timestamp,
}

impl Moment {
    /// Reads it as [`Moment::parse`] does, spans reaching back from this moment.
    ///
    /// # Errors
    /// Those of [`Moment::parse`].
    pub(super) fn of(text: &str) -> anyhow::Result<Self> {
        Self::parse(text, SystemClock::start().now())
    }

    /// Reads RFC 3339, a day, or a span back from now (`7d`, `12h`, `30m`), which is a point.
    ///
    /// # Errors
    /// When it is none of them, or lies before 1970.
    fn parse(text: &str, now: Timestamp) -> anyhow::Result<Self> {
        let lasting = |first: Timestamp, span: Span| Self {
            first,
            last: first + Span::millis(span.as_millis() - 1),
        };
        if let Some(at) = Timestamp::parse_rfc3339(text) {
            // With a fraction it is exact.
            let second = if text.contains('.') { 1 } else { 1_000 };
            return Ok(lasting(at, Span::millis(second)));
        }
        if let Some(day) = Timestamp::parse_rfc3339(&format!("{text}T00:00:00Z")) {
            return Ok(lasting(day, Span::days(1)));
        }
        let unit = text.chars().last().and_then(|unit| match unit {
            'd' => Some(Span::days(1)),
            'h' => Some(Span::hours(1)),
            'm' => Some(Span::minutes(1)),
            _ => None,
        });
        let back = unit.and_then(|unit| {
            let count: i64 = text[..text.len() - 1].parse().ok()?;
            let span = unit.as_millis().checked_mul(count)?;
            (0..=now.as_millis())
                .contains(&span)
                .then(|| now - Span::millis(span))
        });
        let at = back.with_context(|| {
            format!("`{text}` is no time; write 2026-01-31, 2026-01-31T12:00:00Z, 7d, 12h or 30m")
        })?;
        Ok(lasting(at, Span::millis(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        Timestamp::parse_rfc3339("2026-02-10T00:00:00Z").unwrap()
    }

    #[test]
    fn moments_are_read_as_people_write_them() {
        for (text, first, last) in [
            (
                "2026-01-31",
                "2026-01-31T00:00:00Z",
                "2026-01-31T23:59:59.999Z",
            ),
            (
                "2026-01-31T12:00:00Z",
                "2026-01-31T12:00:00Z",
                "2026-01-31T12:00:00.999Z",
            ),
            (
                "2026-01-31T12:00:00.5Z",
                "2026-01-31T12:00:00.5Z",
                "2026-01-31T12:00:00.5Z",
            ),
            ("7d", "2026-02-03T00:00:00Z", "2026-02-03T00:00:00Z"),
            ("12h", "2026-02-09T12:00:00Z", "2026-02-09T12:00:00Z"),
        ] {
            let [first, last] = [first, last].map(|at| Timestamp::parse_rfc3339(at).unwrap());
            assert_eq!(Moment::parse(text, now()).unwrap(), Moment { first, last });
        }
    }

    #[test]
    fn what_is_no_time_or_no_time_of_ours_is_refused() {
        for wrong in [
            "",
            "d",
            "7",
            "-7d",
            "7w",
            "é",
            "99999999999d",
            "99999999999999999999d",
        ] {
            assert!(Moment::parse(wrong, now()).is_err(), "{wrong}");
        }
    }
}
