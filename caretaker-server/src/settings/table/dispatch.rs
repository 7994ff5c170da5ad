//! What has no section: what is done with accepted deliveries, and how far it may go.

use caretaker_core::model::Mode;

use crate::settings::DispatchMode;

use super::{Kind, Setting, switch, word};

/// Its settings, in the order of the page.
pub(super) const ROWS: &[Setting] = &[
    Setting {
        key: "dispatch_mode",
        env: "CARETAKER_WEBHOOK_DISPATCH_MODE",
        flag: None,
        kind: Kind::Word(&["off", "shadow", "active"]),
        default: "active",
        meaning: "`off`: accept and keep, handle nothing. `shadow`: handle, and only observe. \
                  `active`: no limit of its own.",
        read: |draft, text| {
            let words = [
                DispatchMode::Off,
                DispatchMode::Shadow,
                DispatchMode::Active,
            ]
            .map(|mode| (mode.name(), mode));
            draft.settings.dispatch_mode = word(text, &words)?;
            Ok(())
        },
    },
    Setting {
        key: "mode_ceiling",
        env: "CARETAKER_MODE_CEILING",
        flag: None,
        kind: Kind::Word(&["observe", "propose", "act"]),
        default: "`act` with an allow-list, else `observe`",
        meaning: "How far agents may go anywhere; a repository's own `safety.mode` may only lower it.",
        read: |draft, text| {
            draft.settings.mode_ceiling =
                Some(word(text, &Mode::ALL.map(|mode| (mode.name(), mode)))?);
            Ok(())
        },
    },
    Setting {
        key: "dry_run",
        env: "CARETAKER_DRY_RUN",
        flag: None,
        kind: Kind::Switch,
        default: "false",
        meaning: "Observe only, whatever else is set.",
        read: |draft, text| {
            draft.settings.dry_run = switch(text)?;
            Ok(())
        },
    },
    Setting {
        key: "scheduler_enabled",
        env: "CARETAKER_SCHEDULER_ENABLED",
        flag: None,
        kind: Kind::Switch,
        default: "true",
        meaning: "Whether scheduled agents get their ticks.",
        read: |draft, text| {
            draft.settings.scheduler_enabled = switch(text)?;
            Ok(())
        },
    },
];
