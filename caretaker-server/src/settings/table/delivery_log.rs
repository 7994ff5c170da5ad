//! `delivery_log.…`: GitHub's own log of what it sent to us.

use caretaker_core::model::Span;

use super::{Kind, Setting, number};

/// Its settings, in the order of the page.
pub(super) const ROWS: &[Setting] = &[
    Setting {
        key: "delivery_log.interval_seconds",
        env: "CARETAKER_DELIVERY_LOG_INTERVAL_SECONDS",
        flag: None,
        kind: Kind::Number,
        default: "300",
        meaning: "How often GitHub's log of the App's deliveries is read for what did not arrive, beside once at start; 0: never.",
        read: |draft, text| {
            let seconds = bounded(text, 86_400, "a day has 86400 seconds")?;
            draft.settings.delivery_log.interval = (seconds > 0).then(|| Span::seconds(seconds));
            Ok(())
        },
    },
    Setting {
        key: "delivery_log.reach_hours",
        env: "CARETAKER_DELIVERY_LOG_REACH_HOURS",
        flag: None,
        kind: Kind::Number,
        default: "72",
        meaning: "How far back it is read. GitHub keeps three days of it.",
        read: |draft, text| {
            number(text, 1)?;
            let hours = bounded(text, 72, "GitHub keeps 72 hours")?;
            draft.settings.delivery_log.reach = Span::hours(hours);
            Ok(())
        },
    },
    Setting {
        key: "delivery_log.pages",
        env: "CARETAKER_DELIVERY_LOG_PAGES",
        flag: None,
        kind: Kind::Number,
        default: "50",
        meaning: "Pages of a hundred rows that are read of it at a time, before what they tell is taken.",
        read: |draft, text| {
            number(text, 1)?;
            let pages = bounded(text, 1_000, "more are read in turn")?;
            draft.settings.delivery_log.pages = u32::try_from(pages).unwrap_or(1);
            Ok(())
        },
    },
];

/// A number up to a bound.
fn bounded(text: &str, most: u64, why: &str) -> Result<i64, String> {
    let read = number(text, 0)?;
    let read = i64::try_from(read).ok().filter(|_| read <= most);
    read.ok_or_else(|| format!("`{text}` is too much; write at most {most}: {why}"))
}
