//! `retention.…`: for how long what has ended is kept.

use caretaker_core::model::Span;

use super::{Kind, Setting};

/// The longest period in days: a hundred years.
const MOST: i64 = 36_500;

/// Its settings, in the order of the page.
pub(super) const ROWS: &[Setting] = &[
    Setting {
        key: "retention.deliveries_days",
        env: "CARETAKER_RETENTION_DELIVERIES_DAYS",
        flag: None,
        kind: Kind::Number,
        default: "7",
        meaning: "Days that a delivery is kept after it closed, raw body and key: within them a repeat is known as one.",
        read: |draft, text| {
            draft.settings.retention.deliveries = days(
                text,
                3,
                "GitHub's log shows a delivery for so long, and one that is forgotten before would be taken again",
            )?;
            Ok(())
        },
    },
    Setting {
        key: "retention.buried_days",
        env: "CARETAKER_RETENTION_BURIED_DAYS",
        flag: None,
        kind: Kind::Number,
        default: "30",
        meaning: "Days that what was given up is kept and can be brought back; never fewer than `retention.deliveries_days`.",
        read: |draft, text| {
            draft.settings.retention.buried =
                days(text, 3, "GitHub's log shows a delivery for so long")?;
            Ok(())
        },
    },
    Setting {
        key: "retention.skips_days",
        env: "CARETAKER_RETENTION_SKIPS_DAYS",
        flag: None,
        kind: Kind::Number,
        default: "30",
        meaning: "Days that the record of a run without an effect is kept.",
        read: |draft, text| {
            draft.settings.retention.skips =
                days(text, 7, "what was decided lately is looked up there")?;
            Ok(())
        },
    },
    Setting {
        key: "retention.acting_days",
        env: "CARETAKER_RETENTION_ACTING_DAYS",
        flag: None,
        kind: Kind::Number,
        default: "400",
        meaning: "Days that the record of a run with an effect is kept.",
        read: |draft, text| {
            draft.settings.retention.acting = days(
                text,
                30,
                "what was done to a repository has to be explained for a while",
            )?;
            Ok(())
        },
    },
];

/// A number of days within bounds; `why` says what the lower one is for.
fn days(text: &str, least: i64, why: &str) -> Result<Span, String> {
    let read = text.replace('_', "").parse::<i64>().ok();
    let read = read.filter(|days| (least..=MOST).contains(days));
    read.map(Span::days).ok_or_else(|| {
        format!("`{text}` is not it; write a whole number from {least} to {MOST}: {why}")
    })
}
