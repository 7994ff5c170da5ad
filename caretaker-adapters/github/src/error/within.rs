//! Errors that GraphQL writes into an answer whose status is one of success.
//!
//! What stands beside them in `data` is not used: half an answer is a failure.

use caretaker_core::{
    model::Timestamp,
    ports::{Kind, PortError},
};
use reqwest::header::HeaderMap;
use serde::Deserialize;

use super::Doing;
use crate::limits;

#[derive(Deserialize)]
struct Answered {
    #[serde(default)]
    errors: Vec<Within>,
}

/// One error; GitHub names what kind it is in `type`, and of a document that does not fit its schema
/// in `extensions.code`.
#[derive(Deserialize)]
struct Within {
    #[serde(rename = "type", default)]
    kind: Option<String>,
    #[serde(default)]
    message: String,
    #[serde(default)]
    extensions: Option<Extensions>,
}

#[derive(Deserialize)]
struct Extensions {
    #[serde(default)]
    code: Option<String>,
}

/// Fails where the answer holds an error. Of several the one that says most about when to ask again
/// counts. A body that cannot be read is left to who reads it.
pub(crate) fn within(
    op: &'static str,
    doing: Doing,
    headers: &HeaderMap,
    body: &[u8],
    now: Timestamp,
) -> Result<(), PortError> {
    let Ok(answered) = serde_json::from_slice::<Answered>(body) else {
        return Ok(());
    };
    let judged = answered
        .errors
        .iter()
        .map(|error| (kind(doing, error, headers, now), error));
    let Some((kind, error)) = judged.min_by_key(|(kind, _)| rank(*kind)) else {
        return Ok(());
    };
    let shown: String = error
        .message
        .chars()
        .filter(|c| !c.is_control())
        .take(200)
        .collect();
    let what = error.word();
    Err(PortError::new(op, kind).detail(format!("GitHub answered {what}: {shown}")))
}

impl Within {
    fn word(&self) -> &str {
        let code = || self.extensions.as_ref()?.code.as_deref();
        self.kind.as_deref().or_else(code).unwrap_or("an error")
    }
}

/// The table. Its words are not published as a list; they are collected from what GitHub answers.
fn kind(doing: Doing, error: &Within, headers: &HeaderMap, now: Timestamp) -> Kind {
    let lower = error.message.to_ascii_lowercase();
    let Some(word) = error.kind.as_deref() else {
        let misfit = error.extensions.as_ref().is_some_and(|e| e.code.is_some());
        // Without either it is "something went wrong while executing your query".
        return if misfit {
            Kind::Invalid
        } else {
            Kind::Unavailable
        };
    };
    match (doing, word) {
        (_, "RATE_LIMITED" | "RATE_LIMIT") => {
            limits::limited(429, headers, &error.message, now).unwrap_or(Kind::RateLimited(None))
        }
        (Doing::Write, "FORBIDDEN") if lower.contains("locked") || lower.contains("archived") => {
            Kind::Refused(403)
        }
        (_, "FORBIDDEN" | "INSUFFICIENT_SCOPES" | "UNAUTHENTICATED") => {
            limits::limited(403, headers, &error.message, now).unwrap_or(Kind::Denied)
        }
        (Doing::Read | Doing::Mint, "NOT_FOUND") => Kind::NotFound,
        (Doing::Write, "NOT_FOUND") => Kind::Refused(404),
        (Doing::Write, "STALE_DATA") => Kind::Refused(409),
        (Doing::Write, "UNPROCESSABLE") => Kind::Refused(422),
        (
            _,
            "UNPROCESSABLE"
            | "MAX_NODE_LIMIT_EXCEEDED"
            | "EXCESSIVE_PAGINATION"
            | "MISSING_PAGINATION_BOUNDARIES",
        ) => Kind::Invalid,
        // Also words that we do not know: whether it took effect cannot be told from them.
        (_, _) => Kind::Unavailable,
    }
}

/// Which of several errors speaks for the answer: waiting before giving up, giving up before "no
/// such thing".
fn rank(kind: Kind) -> u8 {
    match kind {
        Kind::RateLimited(_) => 0,
        Kind::Unavailable => 1,
        Kind::Denied => 2,
        Kind::Refused(_) => 3,
        Kind::Conflict | Kind::Fenced | Kind::Full | Kind::Invalid | Kind::Corrupt => 4,
        Kind::NotFound => 5,
    }
}

#[cfg(test)]
mod tests {
    use caretaker_core::model::Span;

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    fn of(doing: Doing, errors: &str) -> Option<Kind> {
        let headers: HeaderMap = [(
            reqwest::header::HeaderName::from_static("x-ratelimit-reset"),
            (NOW.as_seconds() + 90).to_string().parse().unwrap(),
        )]
        .into_iter()
        .collect();
        let body = format!(r#"{{"data":{{"repository":null}},"errors":{errors}}}"#);
        within("forge.test", doing, &headers, body.as_bytes(), NOW)
            .err()
            .map(|error| error.kind)
    }

    #[test]
    fn every_known_word_has_its_row() {
        use Doing::{Read, Write};
        let limited = Kind::RateLimited(Some(Span::seconds(90)));
        let minute = Kind::RateLimited(Some(Span::minutes(1)));
        for (doing, word, message, wanted) in [
            (Read, "NOT_FOUND", "Could not resolve", Kind::NotFound),
            (Write, "NOT_FOUND", "Could not resolve", Kind::Refused(404)),
            (Read, "FORBIDDEN", "Resource not accessible", Kind::Denied),
            (Write, "FORBIDDEN", "Resource not accessible", Kind::Denied),
            (Read, "FORBIDDEN", "a secondary rate limit", minute),
            (Write, "FORBIDDEN", "was archived", Kind::Refused(403)),
            (Read, "INSUFFICIENT_SCOPES", "needs repo", Kind::Denied),
            (Read, "UNAUTHENTICATED", "log in", Kind::Denied),
            (Read, "RATE_LIMITED", "exceeded", limited),
            (Write, "RATE_LIMIT", "already exceeded", limited),
            (
                Write,
                "UNPROCESSABLE",
                "is in clean status",
                Kind::Refused(422),
            ),
            (Read, "UNPROCESSABLE", "", Kind::Invalid),
            (Write, "STALE_DATA", "head moved", Kind::Refused(409)),
            (Read, "SERVICE_UNAVAILABLE", "", Kind::Unavailable),
            (Read, "RESOURCE_LIMITS_EXCEEDED", "", Kind::Unavailable),
            (Read, "MAX_NODE_LIMIT_EXCEEDED", "", Kind::Invalid),
            (Read, "EXCESSIVE_PAGINATION", "", Kind::Invalid),
            (Read, "MISSING_PAGINATION_BOUNDARIES", "", Kind::Invalid),
            (Write, "SOMETHING_NEW", "", Kind::Unavailable),
        ] {
            let errors = format!(r#"[{{"type":"{word}","message":"{message}"}}]"#);
            assert_eq!(of(doing, &errors), Some(wanted), "{doing:?} {errors}");
        }
    }

    #[test]
    fn a_document_that_does_not_fit_is_our_fault_and_a_nameless_error_is_not() {
        let misfit =
            r#"[{"message":"Field 'x' doesn't exist","extensions":{"code":"undefinedField"}}]"#;
        assert_eq!(of(Doing::Read, misfit), Some(Kind::Invalid));
        let nameless = r#"[{"message":"Something went wrong while executing your query."}]"#;
        assert_eq!(of(Doing::Write, nameless), Some(Kind::Unavailable));
    }

    #[test]
    fn of_several_the_one_that_can_pass_counts() {
        let both = r#"[{"type":"NOT_FOUND","message":""},{"type":"FORBIDDEN","message":""}]"#;
        assert_eq!(of(Doing::Read, both), Some(Kind::Denied));
        let three = r#"[{"type":"NOT_FOUND"},{"type":"FORBIDDEN"},{"message":"wrong"}]"#;
        assert_eq!(of(Doing::Read, three), Some(Kind::Unavailable));
    }

    #[test]
    fn no_error_is_none() {
        assert_eq!(of(Doing::Read, "[]"), None);
    }
}
