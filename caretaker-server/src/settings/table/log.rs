//! `log.…`: how the log is written.

use crate::settings::{LogFormat, LogLevel};

use super::{Kind, Setting, word};

/// Its settings, in the order of the page.
pub(super) const ROWS: &[Setting] = &[
    Setting {
        key: "log.format",
        env: "CARETAKER_LOG_FORMAT",
        flag: None,
        kind: Kind::Word(&["text", "json"]),
        default: "text",
        meaning: "Form of the log on stderr.",
        read: |draft, text| {
            let words = [("text", LogFormat::Text), ("json", LogFormat::Json)];
            draft.settings.log.format = word(text, &words)?;
            Ok(())
        },
    },
    Setting {
        key: "log.level",
        env: "CARETAKER_LOG_LEVEL",
        flag: None,
        kind: Kind::Word(&["error", "warn", "info", "debug", "trace"]),
        default: "info",
        meaning: "The least important lines that are written.",
        read: |draft, text| {
            let words = [
                LogLevel::Error,
                LogLevel::Warn,
                LogLevel::Info,
                LogLevel::Debug,
                LogLevel::Trace,
            ]
            .map(|level| (level.name(), level));
            draft.settings.log.level = word(text, &words)?;
            Ok(())
        },
    },
];
