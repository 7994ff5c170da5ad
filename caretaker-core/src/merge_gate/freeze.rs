//! Freeze windows: times in which nothing is merged.

use std::fmt;

use serde::Deserialize;

use crate::model::{Span, Timestamp};

const WEEK: Span = Span::days(7);
const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// When nothing is merged. Empty by default: never.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Vec<String>")]
pub struct Freezes(Vec<Window>);

/// One window: its start belongs to it, its end does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Window {
    /// Once.
    Once { from: Timestamp, until: Timestamp },
    /// Every week, at times counted from Monday 00:00 UTC. An end before the start lies in the
    /// following week.
    Weekly { from: Span, until: Span },
}

/// Why a text is no window, or a list of them none that can be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FreezeFault {
    /// It is not start and end with a `/` between.
    Shape,
    /// Start or end cannot be read.
    Time,
    /// It ends before it starts, or as it starts.
    Empty,
    /// Together with those before it leaves no time in a week in which anything could be merged.
    Always,
}

impl fmt::Display for FreezeFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Shape => "is not a start and an end with `/` between them",
            Self::Time => "has a time that cannot be read",
            Self::Empty => "does not end after it starts",
            Self::Always => "leaves no time of the week without a freeze",
        })
    }
}

impl FreezeFault {
    /// What to write instead.
    pub fn hint(self) -> &'static str {
        match self {
            Self::Shape | Self::Time => {
                "write `2026-12-24T00:00Z/2027-01-02T00:00Z`, or `Fri 16:00/Mon 08:00` (UTC) for every week"
            }
            Self::Empty => "write the start first, as in `2026-12-24T00:00Z/2027-01-02T00:00Z`",
            Self::Always => "to stop merging altogether set `merge_authority.mode: advisory`",
        }
    }
}

impl Freezes {
    /// Adds a window: `2026-12-24T00:00Z/2027-01-02T00:00Z`, seconds and offsets allowed, or
    /// `Fri 16:00/Mon 08:00` for every week, in UTC.
    pub fn add(&mut self, text: &str) -> Result<(), FreezeFault> {
        let window = Window::parse(text)?;
        self.0.push(window);
        if self.covers_the_week() {
            self.0.pop();
            return Err(FreezeFault::Always);
        }
        Ok(())
    }

    /// Until when nothing is merged, if that is so now. Windows that overlap or touch are one, so
    /// at the moment told none is open.
    pub fn open_at(&self, now: Timestamp) -> Option<Timestamp> {
        // Ends: weekly windows leave a gap (`add`), and each other one is passed only once.
        let mut until = now;
        let last_end = |at| self.0.iter().filter_map(|w| w.open_at(at)).max();
        // Not later only where time itself ends.
        while let Some(end) = last_end(until).filter(|end| *end > until) {
            until = end;
        }
        (until > now).then_some(until)
    }

    /// Whether there are no windows.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the weekly windows leave no gap. Looks from an arbitrary week on.
    fn covers_the_week(&self) -> bool {
        let weekly = |w: &&Window| matches!(w, Window::Weekly { .. });
        let start = Timestamp::default();
        let mut until = start;
        while until.since(start) <= WEEK {
            let open = self
                .0
                .iter()
                .filter(weekly)
                .filter_map(|w| w.open_at(until));
            match open.max() {
                Some(end) => until = end,
                None => return false,
            }
        }
        true
    }
}

/// For settings that were validated when they were read.
impl TryFrom<Vec<String>> for Freezes {
    type Error = FreezeFault;

    fn try_from(texts: Vec<String>) -> Result<Self, FreezeFault> {
        let mut freezes = Self::default();
        for text in texts {
            freezes.add(&text)?;
        }
        Ok(freezes)
    }
}

impl Window {
    fn parse(text: &str) -> Result<Self, FreezeFault> {
        let (from, until) = text.split_once('/').ok_or(FreezeFault::Shape)?;
        let (from, until) = (from.trim(), until.trim());
        if from.starts_with(|c: char| c.is_ascii_digit()) {
            let (from, until) = (moment(from)?, moment(until)?);
            let once = Self::Once { from, until };
            return if from < until {
                Ok(once)
            } else {
                Err(FreezeFault::Empty)
            };
        }
        let (from, until) = (of_week(from)?, of_week(until)?);
        if from == until {
            return Err(FreezeFault::Empty);
        }
        Ok(Self::Weekly { from, until })
    }

    fn open_at(&self, now: Timestamp) -> Option<Timestamp> {
        match *self {
            Self::Once { from, until } => (from <= now && now < until).then_some(until),
            Self::Weekly { from, until } => {
                let gone = after(from, since_monday(now));
                let length = after(from, until);
                (gone < length).then(|| now + (length - gone))
            }
        }
    }
}

/// How long after `start` the moment `time` of the week comes next.
fn after(start: Span, time: Span) -> Span {
    Span::millis((time.as_millis() - start.as_millis()).rem_euclid(WEEK.as_millis()))
}

fn since_monday(now: Timestamp) -> Span {
    // The epoch was a Thursday.
    let shifted = i128::from(now.as_millis()) + i128::from(Span::days(3).as_millis());
    let rest = shifted.rem_euclid(i128::from(WEEK.as_millis()));
    Span::millis(i64::try_from(rest).unwrap_or_default())
}

/// A time of ISO 8601 with `Z` or an offset; seconds may be left out.
fn moment(text: &str) -> Result<Timestamp, FreezeFault> {
    let whole = Timestamp::parse_rfc3339(text).or_else(|| {
        let (minutes, zone) = text.split_at_checked("2026-12-24T00:00".len())?;
        Timestamp::parse_rfc3339(&format!("{minutes}:00{zone}"))
    });
    whole.ok_or(FreezeFault::Time)
}

/// A day and a time, `Fri 16:00`.
fn of_week(text: &str) -> Result<Span, FreezeFault> {
    let read = || {
        let (day, time) = text.split_once(' ')?;
        let day = DAYS
            .iter()
            .position(|name| name.eq_ignore_ascii_case(day))?;
        let (hour, minute) = time.trim().split_once(':')?;
        let two = |digits: &str, below: i64| {
            let plain = digits.len() == 2 && digits.bytes().all(|b| b.is_ascii_digit());
            let number: i64 = plain.then(|| digits.parse().ok())??;
            (number < below).then_some(number)
        };
        let day = Span::days(i64::try_from(day).ok()?);
        Some(day + Span::hours(two(hour, 24)?) + Span::minutes(two(minute, 60)?))
    };
    read().ok_or(FreezeFault::Time)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn freezes(texts: &[&str]) -> Freezes {
        let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
        texts.try_into().unwrap()
    }

    fn at(text: &str) -> Timestamp {
        Timestamp::parse_rfc3339(text).unwrap()
    }

    fn until(freezes: &Freezes, now: &str) -> Option<String> {
        freezes.open_at(at(now)).map(|until| until.to_string())
    }

    #[test]
    fn a_window_holds_from_its_start_to_just_before_its_end() {
        let table: &[(&str, &str, Option<&str>)] = &[
            (
                "2026-12-24T00:00Z/2027-01-02T00:00Z",
                "2026-12-23T23:59:59Z",
                None,
            ),
            (
                "2026-12-24T00:00Z/2027-01-02T00:00Z",
                "2026-12-24T00:00:00Z",
                Some("2027-01-02T00:00:00Z"),
            ),
            (
                "2026-12-24T00:00Z/2027-01-02T00:00Z",
                "2027-01-01T23:59:59Z",
                Some("2027-01-02T00:00:00Z"),
            ),
            (
                "2026-12-24T00:00Z/2027-01-02T00:00Z",
                "2027-01-02T00:00:00Z",
                None,
            ),
            (
                "2026-12-24T00:00:30+01:00/2026-12-25T00:00Z",
                "2026-12-23T23:00:30Z",
                Some("2026-12-25T00:00:00Z"),
            ),
            (
                "2026-12-24T00:00:30+01:00/2026-12-25T00:00Z",
                "2026-12-23T23:00:29Z",
                None,
            ),
            // 2026-11-20 was a Friday.
            ("Fri 16:00/Mon 08:00", "2026-11-20T15:59:59Z", None),
            (
                "Fri 16:00/Mon 08:00",
                "2026-11-20T16:00:00Z",
                Some("2026-11-23T08:00:00Z"),
            ),
            (
                "Fri 16:00/Mon 08:00",
                "2026-11-22T23:59:59Z",
                Some("2026-11-23T08:00:00Z"),
            ),
            ("Fri 16:00/Mon 08:00", "2026-11-23T08:00:00Z", None),
            (
                "Fri 16:00/Mon 08:00",
                "1969-12-27T00:00:00Z",
                Some("1969-12-29T08:00:00Z"),
            ),
            (
                "mon 09:00 / Mon 09:01",
                "2026-11-23T09:00:59Z",
                Some("2026-11-23T09:01:00Z"),
            ),
            ("Mon 09:01/Mon 09:00", "2026-11-23T09:00:00Z", None),
            (
                "Mon 09:01/Mon 09:00",
                "2026-11-23T08:59:00Z",
                Some("2026-11-23T09:00:00Z"),
            ),
            (
                "Mon 09:01/Mon 09:00",
                "2026-11-23T09:01:00Z",
                Some("2026-11-30T09:00:00Z"),
            ),
        ];
        for (window, now, expected) in table {
            assert_eq!(
                until(&freezes(&[window]), now).as_deref(),
                *expected,
                "{window} {now}"
            );
        }
        assert_eq!(Freezes::default().open_at(Timestamp::default()), None);
    }

    #[test]
    fn windows_that_touch_or_overlap_are_one() {
        let both = freezes(&[
            "Fri 16:00/Sat 00:00",
            "Sat 00:00/Mon 08:00",
            "2026-11-23T07:00Z/2026-11-24T00:00Z",
        ]);
        let now = "2026-11-20T17:00:00Z";
        assert_eq!(until(&both, now).as_deref(), Some("2026-11-24T00:00:00Z"));
        let apart = freezes(&["Fri 16:00/Fri 23:59", "Sat 00:00/Mon 08:00"]);
        assert_eq!(until(&apart, now).as_deref(), Some("2026-11-20T23:59:00Z"));
    }

    #[test]
    fn what_is_no_window_says_why_and_shows_one_that_is() {
        use FreezeFault as F;
        let table = [
            ("", F::Shape),
            ("2026-12-24T00:00Z", F::Shape),
            ("christmas/newyear", F::Time),
            ("2026-12-24/2027-01-02", F::Time),
            ("2026-12-24T00:00/2027-01-02T00:00", F::Time),
            ("2026-02-30T00:00Z/2027-01-02T00:00Z", F::Time),
            ("2026-12-24T00:00Z/Mon 08:00", F::Time),
            ("Fri 16:00/2026-12-24T00:00Z", F::Time),
            ("Fri/Mon", F::Time),
            ("Fri 24:00/Mon 08:00", F::Time),
            ("Fri 16:60/Mon 08:00", F::Time),
            ("Fri 4:00/Mon 08:00", F::Time),
            ("Friday 16:00/Mon 08:00", F::Time),
            ("Fri 16:00/Mon 08:00/Tue 01:00", F::Time),
            ("2027-01-02T00:00Z/2026-12-24T00:00Z", F::Empty),
            ("2027-01-02T00:00Z/2027-01-02T00:00Z", F::Empty),
            ("Fri 16:00/Fri 16:00", F::Empty),
            ("é026-12-24T00:00Z/ééééééééééé", F::Time),
            ("2026-12-24T00:0é/ééééééééééé", F::Time),
        ];
        for (text, fault) in table {
            assert_eq!(Freezes::default().add(text), Err(fault), "{text}");
        }
        for fault in [F::Shape, F::Time, F::Empty] {
            let example = fault.hint().split('`').nth(1).unwrap();
            assert_eq!(Freezes::default().add(example), Ok(()), "{example}");
        }
    }

    #[test]
    fn a_week_without_a_gap_is_refused_and_the_list_stays_as_it_was() {
        let mut most = freezes(&["Mon 00:00/Sun 23:00"]);
        let before = most.clone();
        assert_eq!(most.add("Sun 22:00/Mon 01:00"), Err(FreezeFault::Always));
        assert_eq!(most, before);
        assert_eq!(most.add("Sun 23:01/Mon 01:00"), Ok(()));
    }

    #[derive(Clone, Debug)]
    struct Minutes {
        weekly: bool,
        from: i64,
        length: i64,
    }

    fn windows() -> impl Strategy<Value = Vec<Minutes>> {
        let one = (any::<bool>(), 0_i64..10_080, 1_i64..4_000);
        let one = one.prop_map(|(weekly, from, length)| Minutes {
            weekly,
            from,
            length,
        });
        prop::collection::vec(one, 0..6)
    }

    fn written(window: &Minutes) -> String {
        let (from, until) = (window.from, window.from + window.length);
        if window.weekly {
            let name = |m: i64| {
                let day = usize::try_from(m / 1_440 % 7).unwrap();
                format!("{} {:02}:{:02}", DAYS[day], m / 60 % 24, m % 60)
            };
            return format!("{}/{}", name(from), name(until));
        }
        // A Monday.
        let moment = |m: i64| (at("2026-11-16T00:00:00Z") + Span::minutes(m)).to_string();
        format!("{}/{}", moment(from), moment(until))
    }

    proptest! {
        #[test]
        fn the_answer_is_that_of_counting_minutes(windows in windows(), now in 0_i64..20_160) {
            let mut freezes = Freezes::default();
            let kept: Vec<_> = windows.iter().filter(|w| freezes.add(&written(w)).is_ok()).collect();
            let frozen = |minute: i64| kept.iter().any(|w| {
                let gone = minute - w.from;
                let gone = if w.weekly { gone.rem_euclid(10_080) } else { gone };
                (0..w.length).contains(&gone)
            });
            let end = (now..now + 100_000).find(|minute| !frozen(*minute)).unwrap();
            let start = at("2026-11-16T00:00:00Z");
            let expected = (end > now).then(|| start + Span::minutes(end));
            prop_assert_eq!(freezes.open_at(start + Span::minutes(now)), expected);
        }

        #[test]
        fn any_text_is_a_window_or_a_fault(text in ".{0,60}", shaped in "[0-9TZ:+ /aeFfimnorMS-]{0,45}") {
            let mut freezes = Freezes::default();
            for text in [text, shaped] {
                prop_assert!(freezes.add(&text).is_err() || !freezes.is_empty());
            }
            for now in [i64::MIN, -1, 0, i64::MAX] {
                let _: Option<Timestamp> = freezes.open_at(Timestamp::from_millis(now));
            }
        }

        #[test]
        fn time_itself_may_end(from in 0_i64..10_080) {
            let weekly = written(&Minutes { weekly: true, from, length: 10_079 });
            let _: Option<Timestamp> = freezes(&[&weekly]).open_at(Timestamp::from_millis(i64::MAX));
        }
    }
}
