//! `webhook.…`: what the door accepts.

use caretaker_core::intake::AllowList;
use caretaker_core::model::{Secret, Span};

use super::{Kind, Setting, number};

/// The largest body that GitHub sends.
const LARGEST_BODY: usize = 25 * 1024 * 1024;
/// The longest that a delivery may wait: ten years, in seconds.
const AGE: i64 = 10 * 365 * 86_400;

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
        key: "webhook.secrets",
        env: "CARETAKER_WEBHOOK_SECRETS",
        flag: None,
        kind: Kind::List,
        default: "none",
        meaning: "Further secrets in force, at most 8: `env:NAME`, `file:PATH`, or \
                  `app/123=env:NAME` for the deliveries of one App. Any that fits is accepted.",
        read: |draft, text| {
            draft.webhook_secrets = entries(text);
            Ok(())
        },
    },
    Setting {
        key: "webhook.allow_list",
        env: "CARETAKER_WEBHOOK_ALLOW_LIST",
        flag: None,
        kind: Kind::List,
        default: "empty: everybody, observed only",
        meaning: "Who may send: `owner`, `owner/repo`, `owner/prefix-*` or `installation:123`. \
                  Others get 403.",
        read: |draft, text| {
            let entries = entries(text);
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
                .ok()
                .filter(|bytes| *bytes <= LARGEST_BODY)
                .ok_or_else(|| {
                    format!("`{text}` is more than GitHub sends; write at most {LARGEST_BODY}")
                })?;
            Ok(())
        },
    },
    Setting {
        key: "webhook.backlog_limit",
        env: "CARETAKER_WEBHOOK_BACKLOG_LIMIT",
        flag: None,
        kind: Kind::Number,
        default: "100000",
        meaning: "Accepted deliveries that may be open; with so many the door answers 503.",
        read: |draft, text| {
            draft.settings.webhook.backlog.deliveries = number(text, 1)?;
            Ok(())
        },
    },
    Setting {
        key: "webhook.backlog_max_bytes",
        env: "CARETAKER_WEBHOOK_BACKLOG_MAX_BYTES",
        flag: None,
        kind: Kind::Number,
        default: "2147483648",
        meaning: "Bytes that open deliveries may take in the store, compressed as they are there; \
                  with so many the door answers 503.",
        read: |draft, text| {
            draft.settings.webhook.backlog.bytes = number(text, 1)?;
            Ok(())
        },
    },
    Setting {
        key: "webhook.backlog_max_age_seconds",
        env: "CARETAKER_WEBHOOK_BACKLOG_MAX_AGE_SECONDS",
        flag: None,
        kind: Kind::Number,
        default: "604800",
        meaning: "How long an accepted delivery may wait to be read before the door answers 503: \
                  nobody works it off.",
        read: |draft, text| {
            draft.settings.webhook.backlog.age = i64::try_from(number(text, 1)?)
                .ok()
                .filter(|seconds| *seconds <= AGE)
                .map(Span::seconds)
                .ok_or_else(|| format!("`{text}` is too long; write at most {AGE}"))?;
            Ok(())
        },
    },
];

/// The texts between commas.
fn entries(text: &str) -> Vec<String> {
    let entries = text.split(',').map(str::trim);
    let named = entries.filter(|entry| !entry.is_empty());
    named.map(str::to_owned).collect()
}
