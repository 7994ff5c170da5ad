//! Status, headers and body of a failed exchange become a [`Kind`]: one table.

mod off;

use caretaker_core::{
    model::Timestamp,
    ports::{Kind, PortError},
};
use reqwest::header::{HeaderMap, HeaderName};
use serde::Deserialize;

use crate::limits;

mod within;

pub(crate) use within::within;

/// What kind of exchange failed: the same status can say different things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Doing {
    /// Asking for something.
    Read,
    /// Changing something.
    Write,
    /// Showing who we are: minting a token.
    Mint,
}

/// The error of an answer whose status is no success.
pub(crate) fn judge(
    op: &'static str,
    doing: Doing,
    status: u16,
    headers: &HeaderMap,
    body: &[u8],
    now: Timestamp,
) -> PortError {
    let message = message(body);
    let kind = kind(doing, status, headers, &message, now);
    PortError::new(op, kind).detail(detail(status, headers, &message))
}

/// The table.
fn kind(doing: Doing, status: u16, headers: &HeaderMap, message: &str, now: Timestamp) -> Kind {
    if matches!(status, 403 | 429)
        && let Some(kind) = limits::limited(status, headers, message, now)
    {
        return kind;
    }
    let lower = message.to_ascii_lowercase();
    match (doing, status) {
        // The subject, not we, stands against it: a locked conversation, an archived repository.
        (Doing::Write, 403) if lower.contains("locked") || lower.contains("archived") => {
            Kind::Refused(403)
        }
        // More than it hands out: a difference of many lines or files, a file of 100 MB.
        (Doing::Read, 403 | 406) if is_too_much(&lower) => Kind::Full,
        // The feature that would answer is switched off: a fact about the repository.
        (Doing::Read, _) if off::is_off(status, &lower) => Kind::Refused(status),
        // Bad credentials; missing permission, SAML, suspended installation; blocked by law. To a
        // minting also: the installation is gone, or the repository is not among its own.
        (_, 401 | 403 | 451) | (Doing::Mint, 404 | 422) => Kind::Denied,
        // 409 is how GitHub says that a repository is empty.
        (Doing::Read, 404 | 409 | 410) => Kind::NotFound,
        // How GitHub says that a commit does not exist.
        (Doing::Read, 422) if lower.contains("no commit found") => Kind::NotFound,
        (Doing::Write, 404 | 405 | 409 | 410 | 422) => Kind::Refused(status),
        // Moved, and a write is not sent again to another address.
        (Doing::Write, 300..=399) => Kind::Conflict,
        // To another host, or in circles.
        (Doing::Read | Doing::Mint, 300..=399) => Kind::Corrupt,
        (_, 408 | 429 | 500..=599) => Kind::Unavailable,
        (_, _) => Kind::Invalid,
    }
}

fn is_too_much(message: &str) -> bool {
    message.contains("too large") || message.contains("exceeded the maximum number of")
}

/// The error of an exchange that brought no answer. Says nothing about whether it took effect.
pub(crate) fn lost(op: &'static str, error: reqwest::Error) -> PortError {
    // The address is left out: it is ours to know, and names from outside stand in it.
    let error = error.without_url();
    let what = if error.is_timeout() {
        "no answer in time"
    } else if error.is_connect() {
        "no connection"
    } else {
        "the connection broke"
    };
    let detail = format!("{what}: {}", deepest(&error));
    let mut lost = PortError::wrap(op, Kind::Unavailable)(error);
    lost.detail = Some(detail);
    lost
}

/// The error of a success whose body is not what was asked for.
pub(crate) fn unintelligible(op: &'static str, why: impl Into<String>) -> PortError {
    PortError::new(op, Kind::Corrupt).detail(why)
}

#[derive(Deserialize)]
struct Said {
    message: String,
}

/// What GitHub said; empty for pages of its proxies.
fn message(body: &[u8]) -> String {
    serde_json::from_slice::<Said>(body)
        .map(|said| said.message)
        .unwrap_or_default()
}

fn detail(status: u16, headers: &HeaderMap, message: &str) -> String {
    const ACCEPTED: HeaderName = HeaderName::from_static("x-accepted-github-permissions");
    const SSO: HeaderName = HeaderName::from_static("x-github-sso");
    const REQUEST: HeaderName = HeaderName::from_static("x-github-request-id");
    let mut detail = format!("GitHub answered {status}");
    if !message.is_empty() {
        let shown: String = message
            .chars()
            .filter(|c| !c.is_control())
            .take(200)
            .collect();
        detail.push_str(": ");
        detail.push_str(&shown);
    }
    let header = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if matches!(status, 403 | 404)
        && let Some(accepted) = header(&ACCEPTED)
    {
        detail.extend(["; grant the permission ", accepted]);
    }
    if headers.contains_key(&SSO) {
        // Its value is an address that authorises; it stays out.
        detail.push_str("; authorise the token for the organisation's single sign-on");
    }
    if let Some(request) = header(&REQUEST) {
        detail.extend([" (request ", request, ")"]);
    }
    detail
}

fn deepest(error: &reqwest::Error) -> String {
    let mut deepest: &dyn std::error::Error = error;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    deepest.to_string()
}

#[cfg(test)]
mod tests {
    use caretaker_core::model::Span;

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    fn of(doing: Doing, status: u16, pairs: &[(&'static str, &str)], body: &str) -> Kind {
        let headers: HeaderMap = pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
            .collect();
        judge("forge.test", doing, status, &headers, body.as_bytes(), NOW).kind
    }

    #[test]
    fn every_documented_failure_has_its_row() {
        use Doing::{Mint, Read, Write};
        type Row<'a> = (Doing, u16, &'a [(&'static str, &'a str)], String, Kind);
        const PLAIN: &[(&str, &str)] = &[];
        let said = |text: &str| format!("{{\"message\":\"{text}\"}}");
        let no_permission = said("Resource not accessible by integration");
        let html = "<html><body>Unicorn!</body></html>".to_owned();
        let reset = (NOW.as_seconds() + 90).to_string();
        let exhausted: &[(&'static str, &str)] = &[
            ("x-ratelimit-remaining", "0"),
            ("x-ratelimit-reset", &reset),
        ];
        let sso: &[(&'static str, &str)] = &[("x-github-sso", "required; url=https://x")];
        let rows: Vec<Row<'_>> = vec![
            (Read, 401, PLAIN, said("Bad credentials"), Kind::Denied),
            (Write, 401, PLAIN, said("Bad credentials"), Kind::Denied),
            (Read, 403, PLAIN, no_permission.clone(), Kind::Denied),
            (Write, 403, PLAIN, no_permission, Kind::Denied),
            (
                Read,
                403,
                sso,
                said("Resource protected by organization SAML enforcement."),
                Kind::Denied,
            ),
            (
                Read,
                403,
                exhausted,
                said("API rate limit exceeded"),
                Kind::RateLimited(Some(Span::seconds(90))),
            ),
            (
                Write,
                403,
                PLAIN,
                said("You have exceeded a secondary rate limit"),
                Kind::RateLimited(Some(Span::minutes(1))),
            ),
            (
                Write,
                403,
                PLAIN,
                said("You have triggered an abuse detection mechanism"),
                Kind::RateLimited(Some(Span::minutes(1))),
            ),
            (
                Read,
                429,
                &[("retry-after", "7")],
                String::new(),
                Kind::RateLimited(Some(Span::seconds(7))),
            ),
            (Read, 429, PLAIN, String::new(), Kind::RateLimited(None)),
            (
                Write,
                403,
                PLAIN,
                said("Unable to create comment because issue is locked."),
                Kind::Refused(403),
            ),
            (
                Write,
                403,
                PLAIN,
                said("Repository was archived so is read-only."),
                Kind::Refused(403),
            ),
            (
                Read,
                406,
                PLAIN,
                said("Sorry, the diff exceeded the maximum number of lines (20000)"),
                Kind::Full,
            ),
            (
                Read,
                403,
                PLAIN,
                said(
                    "This API returns blobs up to 100 MB in size. The requested blob is too large",
                ),
                Kind::Full,
            ),
            (Read, 404, PLAIN, said("Not Found"), Kind::NotFound),
            (
                Read,
                403,
                PLAIN,
                said("Dependabot alerts are disabled for this repository."),
                Kind::Refused(403),
            ),
            (
                Read,
                404,
                PLAIN,
                said("Secret scanning is disabled on this repository."),
                Kind::Refused(404),
            ),
            (Write, 404, PLAIN, said("Not Found"), Kind::Refused(404)),
            (Mint, 404, PLAIN, said("Not Found"), Kind::Denied),
            (
                Mint,
                422,
                PLAIN,
                said("There is at least one repository that does not exist"),
                Kind::Denied,
            ),
            (
                Write,
                405,
                PLAIN,
                said("Pull Request is not mergeable"),
                Kind::Refused(405),
            ),
            (Read, 405, PLAIN, String::new(), Kind::Invalid),
            (
                Read,
                409,
                PLAIN,
                said("Git Repository is empty."),
                Kind::NotFound,
            ),
            (
                Write,
                409,
                PLAIN,
                said("Head branch was modified"),
                Kind::Refused(409),
            ),
            (
                Read,
                410,
                PLAIN,
                said("This issue was deleted"),
                Kind::NotFound,
            ),
            (
                Write,
                410,
                PLAIN,
                said("Issues are disabled"),
                Kind::Refused(410),
            ),
            (
                Read,
                422,
                PLAIN,
                said("No commit found for SHA: 00"),
                Kind::NotFound,
            ),
            (Read, 422, PLAIN, said("Validation Failed"), Kind::Invalid),
            (
                Write,
                422,
                PLAIN,
                said("Validation Failed"),
                Kind::Refused(422),
            ),
            (
                Read,
                451,
                PLAIN,
                said("Repository access blocked"),
                Kind::Denied,
            ),
            (
                Read,
                400,
                PLAIN,
                said("Problems parsing JSON"),
                Kind::Invalid,
            ),
            (Write, 415, PLAIN, String::new(), Kind::Invalid),
            (Read, 500, PLAIN, html.clone(), Kind::Unavailable),
            (Write, 502, PLAIN, html, Kind::Unavailable),
            (Write, 503, PLAIN, String::new(), Kind::Unavailable),
            (Read, 504, PLAIN, String::new(), Kind::Unavailable),
            (Mint, 500, PLAIN, String::new(), Kind::Unavailable),
            (Read, 302, PLAIN, String::new(), Kind::Corrupt),
            (Write, 307, PLAIN, String::new(), Kind::Conflict),
        ];
        for (doing, status, headers, body, wanted) in rows {
            assert_eq!(
                of(doing, status, headers, &body),
                wanted,
                "{doing:?} {status} {body}"
            );
        }
    }

    #[test]
    fn a_missing_permission_is_named_and_the_sso_address_is_not() {
        let headers: HeaderMap = [
            ("x-accepted-github-permissions", "checks=write"),
            (
                "x-github-sso",
                "required; url=https://github.com/orgs/x/sso?authorization_request=SECRET",
            ),
        ]
        .into_iter()
        .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
        .collect();
        let error = judge("forge.test", Doing::Read, 403, &headers, b"{}", NOW);
        let shown = error.to_string();
        assert!(shown.contains("checks=write"), "{shown}");
        assert!(!shown.contains("SECRET"), "{shown}");
    }
}
