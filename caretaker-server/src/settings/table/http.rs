//! `http.…`: what connections may cost.

use caretaker_core::model::Span;

use super::{Kind, Setting, number};

/// Its settings, in the order of the page.
pub(super) const ROWS: &[Setting] = &[
    Setting {
        key: "http.max_connections",
        env: "CARETAKER_HTTP_MAX_CONNECTIONS",
        flag: None,
        kind: Kind::Number,
        default: "512",
        meaning: "Connections at once; one more closes the one that has waited longest for a \
                  request. Stay below the process's limit of open files.",
        read: |draft, text| {
            draft.settings.http.max_connections = usize::try_from(number(text, 1)?)
                .ok()
                .filter(|many| *many <= 1_000_000)
                .ok_or_else(|| {
                    format!("`{text}` connections are too many; write at most 1000000")
                })?;
            Ok(())
        },
    },
    Setting {
        key: "http.header_timeout_seconds",
        env: "CARETAKER_HTTP_HEADER_TIMEOUT_SECONDS",
        flag: None,
        kind: Kind::Number,
        default: "10",
        meaning: "How long a connection may be silent before a request, and a request's head may \
                  take, before it is closed.",
        read: |draft, text| {
            draft.settings.http.header_timeout = seconds(text)?;
            Ok(())
        },
    },
    Setting {
        key: "http.body_timeout_seconds",
        env: "CARETAKER_HTTP_BODY_TIMEOUT_SECONDS",
        flag: None,
        kind: Kind::Number,
        default: "30",
        meaning: "How long a body may take before it is answered with 408.",
        read: |draft, text| {
            draft.settings.http.body_timeout = seconds(text)?;
            Ok(())
        },
    },
];

/// A span of one second to an hour.
fn seconds(text: &str) -> Result<Span, String> {
    let read = i64::try_from(number(text, 1)?).ok();
    let read = read.filter(|seconds| *seconds <= 3_600);
    read.map(Span::seconds)
        .ok_or_else(|| format!("`{text}` seconds are too many; write at most 3600"))
}
