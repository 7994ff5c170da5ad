//! `webhook.…`: what the door accepts.

use caretaker_core::intake::AllowList;
use caretaker_core::model::Secret;

use super::{Kind, Setting, number};

/// Its settings, in the order of the page.
pub(super) const ROWS: &[Setting] = &[
    Setting {
        key: "webhook.secret",
        env: "CARETAKER_GITHUB_APP_WEBHOOK_SECRET",
        flag: None,
        kind: Kind::Secret,
        default: "generated, see `caretaker webhook-secret`",
        meaning: "What GitHub signs deliveries with.",
        read: |draft, text| {
            draft.settings.webhook.secret = Some(Secret::new(text));
            Ok(())
        },
    },
    Setting {
        key: "webhook.secret_env",
        env: "CARETAKER_GITHUB_APP_WEBHOOK_SECRET_ENV",
        flag: None,
        kind: Kind::Text,
        default: "none",
        meaning: "Name of the variable that holds that secret; the secret itself is used before it.",
        read: |draft, text| {
            draft.webhook_secret_env = Some(text.to_owned());
            Ok(())
        },
    },
    Setting {
        key: "webhook.allow_list",
        env: "CARETAKER_WEBHOOK_ALLOW_LIST",
        flag: None,
        kind: Kind::List,
        default: "empty: everybody, observed only",
        meaning: "Who may send: `owner`, `owner/repo` or `installation:123`. Others get 403.",
        read: |draft, text| {
            let entries: Vec<String> = text
                .split(',')
                .map(|entry| entry.trim().to_owned())
                .filter(|entry| !entry.is_empty())
                .collect();
            AllowList::parse(&entries).map_err(|wrong| {
                let wrong: Vec<_> = wrong.iter().map(ToString::to_string).collect();
                wrong.join("; ")
            })?;
            draft.settings.webhook.allow_list = entries;
            Ok(())
        },
    },
    Setting {
        key: "webhook.max_body_bytes",
        env: "CARETAKER_WEBHOOK_MAX_BODY_BYTES",
        flag: None,
        kind: Kind::Number,
        default: "26214400",
        meaning: "Largest accepted body. GitHub sends at most 25 MiB. Larger ones get 413.",
        read: |draft, text| {
            draft.settings.webhook.max_body_bytes = usize::try_from(number(text, 1)?)
                .map_err(|_too_large| format!("`{text}` bytes do not fit into memory"))?;
            Ok(())
        },
    },
    Setting {
        key: "webhook.backlog_limit",
        env: "CARETAKER_WEBHOOK_BACKLOG_LIMIT",
        flag: None,
        kind: Kind::Number,
        default: "100000",
        meaning: "Accepted deliveries that may wait; beyond that the door answers 503.",
        read: |draft, text| {
            draft.settings.webhook.backlog_limit = number(text, 1)?;
            Ok(())
        },
    },
];
