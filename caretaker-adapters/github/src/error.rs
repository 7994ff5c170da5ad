//! Status, headers and body of a failed exchange become a [`Kind`]: one table.

mod off;

use caretaker_core::{
    model::Timestamp,
    ports::{Kind, PortError},
};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName};
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

/// What a comment or review is answered that comes too soon after another one: a limit, though its
/// status says otherwise.
const TOO_SOON: &str = "submitted too quickly";

/// The table.
fn kind(doing: Doing, status: u16, headers: &HeaderMap, message: &str, now: Timestamp) -> Kind {
    if matches!(status, 403 | 429)
        && let Some(kind) = limits::limited(status, headers, message, now)
    {
        return kind;
    }
    let lower = message.to_ascii_lowercase();
    match (doing, status) {
        // GitHub refuses in JSON. A page for people is a proxy's word: no fact about the subject,
        // nor about our rights, and it cannot say whether a write went through before.
        (_, 401 | 403..=406 | 409 | 410 | 422 | 451) if is_page(headers) => Kind::Unavailable,
        (Doing::Write, 422) if lower.contains(TOO_SOON) => {
            Kind::RateLimited(Some(limits::SECONDARY))
        }
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

fn is_page(headers: &HeaderMap) -> bool {
    let media = headers.get(CONTENT_TYPE);
    media.is_some_and(|media| media.as_bytes().starts_with(b"text/html"))
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
    } else if is_distrusted(&error) {
        "the certificate is not to be trusted; install its authority on this machine"
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
    /// What is wrong with a body that was refused, one by one.
    #[serde(default)]
    errors: Vec<Fault>,
}

/// One reason; some routes say it in words alone.
#[derive(Deserialize)]
#[serde(untagged)]
enum Fault {
    Coded {
        #[serde(default)]
        resource: String,
        #[serde(default)]
        field: String,
        code: String,
        #[serde(default)]
        message: String,
    },
    Said(String),
    Other(serde::de::IgnoredAny),
}

/// What GitHub said, its reasons one by one included; empty for pages of its proxies.
fn message(body: &[u8]) -> String {
    // `errors` of a form that no route is known to have take nothing from the rest.
    #[derive(Deserialize)]
    struct Plain {
        message: String,
    }
    let Ok(said) = serde_json::from_slice::<Said>(body) else {
        let plain = serde_json::from_slice::<Plain>(body);
        return plain.map(|said| said.message).unwrap_or_default();
    };
    let mut message = said.message;
    for fault in said.errors {
        match fault {
            Fault::Coded {
                resource,
                field,
                code,
                message: words,
            } => {
                message.extend(["; ", &resource, ".", &field, " ", &code]);
                if !words.is_empty() {
                    message.extend([": ", &words]);
                }
            }
            Fault::Said(words) => message.extend(["; ", &words]),
            Fault::Other(_) => {}
        }
    }
    message
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
    causes(error)
        .last()
        .map(ToString::to_string)
        .unwrap_or_default()
}

/// Whether the other side could not prove who it is.
fn is_distrusted(error: &reqwest::Error) -> bool {
    causes(error).any(|cause| {
        matches!(
            cause.downcast_ref(),
            Some(rustls::Error::InvalidCertificate(_))
        )
    })
}

/// An error and what it was made of, step by step.
fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn std::error::Error + 'static)> {
    let first: &(dyn std::error::Error + 'static) = error;
    std::iter::successors(Some(first), |error| {
        // The source of an input error leaves out what is in it.
        let within = error.downcast_ref::<std::io::Error>();
        match within.and_then(std::io::Error::get_ref) {
            Some(within) => Some(within),
            None => error.source(),
        }
    })
}

#[cfg(test)]
mod tests;
