//! How far the log has been read. Pure.
//!
//! Two clocks meet here. How far rows go back is measured by the forge's times in them; whether
//! we looked too long ago is measured by our own.

use serde::{Deserialize, Serialize};

use crate::model::{AppId, Span, Timestamp};
use crate::ports::Kind;

/// Rows can appear some minutes after their time (GitHub's "Troubleshooting webhooks").
const LATE: Span = Span::minutes(10);

/// How far we have read, as it is remembered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Whose log it is.
    pub app: AppId,
    /// When a walk that came to its end began, by our clock: up to then nothing is missed.
    pub looked: Option<Timestamp>,
    /// Time of the newest row that such a walk saw.
    top: Option<Timestamp>,
    /// A walk that has not come to its end.
    pub(super) walk: Option<Walk>,
    /// The hook's number, which keys of deliveries are made with.
    pub(super) hook: Option<String>,
    /// Since when the log cannot be read.
    pub unread: Option<Unread>,
}

/// Why the log cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unread {
    /// Since when.
    pub since: Timestamp,
    /// The kind of failure, in words.
    pub why: String,
}

/// On the way from the newest row back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Walk {
    /// When it began, by our clock.
    began: Timestamp,
    /// Rows before this time are left alone.
    pub(super) from: Timestamp,
    /// Time of its first row.
    pub(super) top: Option<Timestamp>,
    /// The next page; `None` for the newest.
    pub(super) cursor: Option<String>,
}

/// A walk to go on with.
pub(super) struct Begun {
    pub(super) walk: Walk,
    /// When we looked last, if the log, or what we may read of it, does not go back so far.
    pub(super) gap: Option<Timestamp>,
}

impl Position {
    /// Nothing has been read.
    pub(super) fn of(app: AppId) -> Self {
        Self {
            app,
            looked: None,
            top: None,
            walk: None,
            hook: None,
            unread: None,
        }
    }

    /// The walk that is under way, or a new one.
    pub(super) fn begin(&self, now: Timestamp, reach: Span) -> Begun {
        if let Some(walk) = &self.walk {
            return Begun {
                walk: walk.clone(),
                gap: None,
            };
        }
        let horizon = now - reach;
        let walk = Walk {
            began: now,
            from: self.top.map_or(horizon, |top| (top - LATE).max(horizon)),
            top: None,
            cursor: None,
        };
        Begun {
            walk,
            gap: self.looked.filter(|looked| *looked < horizon),
        }
    }

    /// Notes that all that the walk read is taken.
    pub(super) fn passed(&mut self, walk: Walk, over: bool) {
        if over {
            self.looked = Some(walk.began);
            self.top = walk.top.max(self.top);
            self.walk = None;
        } else {
            self.walk = Some(walk);
        }
    }

    /// Notes that the log could be read.
    pub(super) fn read(&mut self) {
        self.unread = None;
    }

    /// Notes that it could not, and since when.
    pub(super) fn unread(&mut self, now: Timestamp, kind: Kind) {
        let since = self.unread.as_ref().map_or(now, |unread| unread.since);
        // How long to wait changes each time, and says nothing of the cause.
        let kind = match kind {
            Kind::RateLimited(_) => Kind::RateLimited(None),
            other => other,
        };
        let why = kind.to_string();
        self.unread = Some(Unread { since, why });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Span = Span::days(1);
    const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    fn new() -> Position {
        Position::of(AppId::new(7))
    }

    fn read_until(top: Timestamp, looked: Timestamp) -> Position {
        let mut position = new();
        let mut walk = position.begin(looked, DAY).walk;
        walk.top = Some(top);
        position.passed(walk, true);
        position
    }

    #[test]
    fn the_first_walk_goes_as_far_as_it_may_and_misses_nothing_we_ever_had() {
        let Begun { walk, gap } = new().begin(NOW, DAY);
        assert_eq!((walk.from, gap), (NOW - DAY, None));
    }

    #[test]
    fn a_walk_goes_back_to_the_newest_row_of_the_one_before_and_a_little_further() {
        let before = read_until(NOW - Span::hours(2), NOW - Span::hours(1));
        let Begun { walk, gap } = before.begin(NOW, DAY);
        assert_eq!((walk.from, gap), (NOW - Span::hours(2) - LATE, None));
    }

    #[test]
    fn an_app_to_which_nothing_happens_has_no_gap() {
        let before = read_until(NOW - Span::days(9), NOW - Span::minutes(5));
        let Begun { walk, gap } = before.begin(NOW, DAY);
        assert_eq!((walk.from, gap), (NOW - DAY, None));
    }

    #[test]
    fn who_looked_before_the_log_begins_has_a_gap() {
        let before = read_until(NOW - Span::days(2), NOW - Span::days(2));
        let Begun { walk, gap } = before.begin(NOW, DAY);
        assert_eq!((walk.from, gap), (NOW - DAY, Some(NOW - Span::days(2))));
    }

    #[test]
    fn a_walk_that_was_cut_goes_on_where_it_was() {
        let mut position = read_until(NOW - Span::hours(1), NOW - Span::hours(1));
        let mut walk = position.begin(NOW, DAY).walk;
        walk.top = Some(NOW);
        walk.cursor = Some("v1_5".to_owned());
        position.passed(walk.clone(), false);
        let later = NOW + Span::minutes(5);
        assert_eq!(position.begin(later, DAY).walk, walk);
        position.passed(walk, true);
        assert_eq!((position.looked, position.top), (Some(NOW), Some(NOW)));
    }

    #[test]
    fn the_beginning_of_a_failure_stays_until_the_log_can_be_read() {
        let mut position = new();
        position.unread(NOW, Kind::RateLimited(Some(DAY)));
        let first = position.clone();
        position.unread(NOW + DAY, Kind::RateLimited(Some(Span::seconds(1))));
        assert_eq!(position, first, "nothing new to remember");
        position.unread(NOW + DAY, Kind::Denied);
        let unread = position.unread.clone().unwrap();
        assert_eq!((unread.since, unread.why.as_str()), (NOW, "not permitted"));
        position.read();
        assert_eq!(position, new());
    }
}
