//! A row for each error that GitHub documents or is known to answer.

use caretaker_core::model::Span;

use super::*;

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

/// What was done, the status, headers, the body, and what that is.
type Row = (Doing, u16, &'static [Header], &'static str, Kind);
type Header = (&'static str, &'static str);

const PLAIN: &[Header] = &[];
const HTML: &[Header] = &[("content-type", "text/html; charset=utf-8")];
const UNICORN: &str = "<!DOCTYPE html><html><body>Unicorn!</body></html>";
/// 90 s after [`NOW`].
const EXHAUSTED: &[Header] = &[
    ("x-ratelimit-limit", "5000"),
    ("x-ratelimit-remaining", "0"),
    ("x-ratelimit-reset", "1700000090"),
];
const SSO: &[Header] = &[("x-github-sso", "required; url=https://x")];

const MINUTE: Kind = Kind::RateLimited(Some(Span::minutes(1)));

fn of((doing, status, pairs, body, _): &Row) -> PortError {
    let headers: HeaderMap = pairs
        .iter()
        .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
        .collect();
    judge(
        "forge.test",
        *doing,
        *status,
        &headers,
        body.as_bytes(),
        NOW,
    )
}

fn hold(rows: &[Row]) {
    for row in rows {
        let (doing, status, _, body, wanted) = row;
        assert_eq!(of(row).kind, *wanted, "{doing:?} {status} {body}");
    }
}

use Doing::{Mint, Read, Write};

#[test]
fn who_we_are_and_what_we_may() {
    const BAD: &str = r#"{"message":"Bad credentials","status":"401"}"#;
    const LACKS: &str = r#"{"message":"Resource not accessible by integration"}"#;
    const PERSONAL: &str = r#"{"message":"Resource not accessible by personal access token"}"#;
    const SAML: &str = r#"{"message":"Resource protected by organization SAML enforcement."}"#;
    const ALLOWED: &str = r#"{"message":"Although you appear to have the correct authorization credentials, the `octo` organization has an IP allow list enabled, and your IP address is not permitted to access this resource."}"#;
    const SUSPENDED: &str = r#"{"message":"This installation has been suspended"}"#;
    const LAW: &str = r#"{"message":"Repository access blocked","block":{"reason":"dmca","created_at":"2023-01-01T00:00:00Z"}}"#;
    const TOS: &str = r#"{"message":"Repository access blocked","block":{"reason":"tos"}}"#;
    const EXPIRED: &str =
        r#"{"message":"'Expiration time' claim ('exp') must be a numeric value"}"#;
    const UNNAMED: &str = r#"{"message":"There is at least one repository that does not exist or is not accessible to the parent installation."}"#;
    const UNGRANTED: &str =
        r#"{"message":"The permissions requested are not granted to this installation."}"#;
    const FOUND: &str = r#"{"message":"Not Found"}"#;
    hold(&[
        (Read, 401, PLAIN, BAD, Kind::Denied),
        (Write, 401, PLAIN, BAD, Kind::Denied),
        (Mint, 401, PLAIN, EXPIRED, Kind::Denied),
        (Read, 403, PLAIN, LACKS, Kind::Denied),
        (Write, 403, PLAIN, LACKS, Kind::Denied),
        (Write, 403, PLAIN, PERSONAL, Kind::Denied),
        (Read, 403, SSO, SAML, Kind::Denied),
        (Read, 403, PLAIN, ALLOWED, Kind::Denied),
        (Mint, 403, PLAIN, SUSPENDED, Kind::Denied),
        (Mint, 404, PLAIN, FOUND, Kind::Denied),
        (Mint, 422, PLAIN, UNNAMED, Kind::Denied),
        (Mint, 422, PLAIN, UNGRANTED, Kind::Denied),
        (Read, 403, PLAIN, TOS, Kind::Denied),
        (Read, 451, PLAIN, LAW, Kind::Denied),
        (Write, 451, PLAIN, LAW, Kind::Denied),
    ]);
}

#[test]
fn limits() {
    const PRIMARY: &str = r#"{"message":"API rate limit exceeded for installation ID 9."}"#;
    const SECONDARY: &str = r#"{"message":"You have exceeded a secondary rate limit. Please wait a few minutes before you try again."}"#;
    const ABUSE: &str = r#"{"message":"You have triggered an abuse detection mechanism. Please wait a few minutes before you try again."}"#;
    const CREATION: &str = r#"{"message":"You have exceeded a secondary rate limit and have been temporarily blocked from content creation."}"#;
    const QUICK: &str = r#"{"message":"Validation Failed","errors":[{"resource":"IssueComment","code":"unprocessable","field":"data","message":"was submitted too quickly"}]}"#;
    const SEVEN: Kind = Kind::RateLimited(Some(Span::seconds(7)));
    const NINETY: Kind = Kind::RateLimited(Some(Span::seconds(90)));
    hold(&[
        (Read, 403, EXHAUSTED, PRIMARY, NINETY),
        (Read, 429, EXHAUSTED, PRIMARY, NINETY),
        (Mint, 403, EXHAUSTED, PRIMARY, NINETY),
        (Read, 403, PLAIN, PRIMARY, Kind::RateLimited(None)),
        (Write, 403, PLAIN, SECONDARY, MINUTE),
        (Write, 429, PLAIN, SECONDARY, MINUTE),
        (Write, 403, PLAIN, CREATION, MINUTE),
        (Write, 403, PLAIN, ABUSE, MINUTE),
        (Write, 403, &[("retry-after", "7")], SECONDARY, SEVEN),
        (Read, 429, &[("retry-after", "7")], "", SEVEN),
        (Read, 429, PLAIN, "", Kind::RateLimited(None)),
        // A limit also where a proxy tells it.
        (Read, 429, HTML, UNICORN, Kind::RateLimited(None)),
        (Write, 422, PLAIN, QUICK, MINUTE),
    ]);
}

#[test]
fn what_is_not_there() {
    const FOUND: &str = r#"{"message":"Not Found","documentation_url":"https://docs.github.com/rest","status":"404"}"#;
    const EMPTY: &str = r#"{"message":"Git Repository is empty."}"#;
    const DELETED: &str = r#"{"message":"This issue was deleted"}"#;
    const DISABLED: &str = r#"{"message":"Issues are disabled for this repo"}"#;
    const COMMIT: &str = r#"{"message":"No commit found for SHA: 00"}"#;
    const ALERTS: &str = r#"{"message":"Dependabot alerts are disabled for this repository."}"#;
    const SCANNING: &str = r#"{"message":"Secret scanning is disabled on this repository."}"#;
    const LINES: &str =
        r#"{"message":"Sorry, the diff exceeded the maximum number of lines (20000)"}"#;
    const BLOB: &str = r#"{"message":"This API returns blobs up to 100 MB in size. The requested blob is too large to fetch via the API"}"#;
    hold(&[
        (Read, 404, PLAIN, FOUND, Kind::NotFound),
        (Read, 404, PLAIN, "", Kind::NotFound),
        (Write, 404, PLAIN, FOUND, Kind::Refused(404)),
        (Read, 409, PLAIN, EMPTY, Kind::NotFound),
        (Read, 410, PLAIN, DELETED, Kind::NotFound),
        (Write, 410, PLAIN, DISABLED, Kind::Refused(410)),
        (Read, 422, PLAIN, COMMIT, Kind::NotFound),
        (Read, 403, PLAIN, ALERTS, Kind::Refused(403)),
        (Read, 404, PLAIN, SCANNING, Kind::Refused(404)),
        (Read, 406, PLAIN, LINES, Kind::Full),
        (Read, 403, PLAIN, BLOB, Kind::Full),
    ]);
}

#[test]
fn what_stands_against_a_write() {
    const LOCKED: &str = r#"{"message":"Unable to create comment because issue is locked."}"#;
    const ARCHIVED: &str = r#"{"message":"Repository was archived so is read-only."}"#;
    const UNMERGEABLE: &str = r#"{"message":"Pull Request is not mergeable"}"#;
    const BASE: &str = r#"{"message":"Base branch was modified. Review and try the merge again."}"#;
    const HEAD: &str = r#"{"message":"Head branch was modified. Review and try the merge again."}"#;
    const CONFLICT: &str = r#"{"message":"Merge conflict"}"#;
    const EXISTS: &str = r#"{"message":"Validation Failed","errors":[{"resource":"Label","code":"already_exists","field":"name"}]}"#;
    const REFERENCE: &str = r#"{"message":"Reference already exists"}"#;
    const ANCHOR: &str =
        r#"{"message":"Unprocessable Entity","errors":["Line must be part of the diff"]}"#;
    const PULL: &str = r#"{"message":"Validation Failed","errors":[{"resource":"PullRequest","code":"custom","message":"A pull request already exists for octo:feature."}]}"#;
    const SPAM: &str = r#"{"message":"Validation failed, or the endpoint has been spammed."}"#;
    const EXPECTED: &str = r#"{"message":"expected_head_sha does not match the current head"}"#;
    hold(&[
        (Write, 403, PLAIN, LOCKED, Kind::Refused(403)),
        (Write, 403, PLAIN, ARCHIVED, Kind::Refused(403)),
        (Write, 405, PLAIN, UNMERGEABLE, Kind::Refused(405)),
        (Write, 405, PLAIN, BASE, Kind::Refused(405)),
        (Write, 409, PLAIN, HEAD, Kind::Refused(409)),
        (Write, 409, PLAIN, CONFLICT, Kind::Refused(409)),
        (Write, 422, PLAIN, EXISTS, Kind::Refused(422)),
        (Write, 422, PLAIN, REFERENCE, Kind::Refused(422)),
        (Write, 422, PLAIN, ANCHOR, Kind::Refused(422)),
        (Write, 422, PLAIN, PULL, Kind::Refused(422)),
        (Write, 422, PLAIN, SPAM, Kind::Refused(422)),
        (Write, 422, PLAIN, EXPECTED, Kind::Refused(422)),
    ]);
}

#[test]
fn what_we_did_wrong() {
    const PARSING: &str = r#"{"message":"Problems parsing JSON"}"#;
    const HASH: &str = r#"{"message":"Body should be a JSON object"}"#;
    const INVALID: &str = r#"{"message":"Validation Failed","errors":[{"resource":"Search","field":"q","code":"missing"}]}"#;
    const VERSION: &str = r#"{"message":"Not a supported version"}"#;
    hold(&[
        (Read, 400, PLAIN, VERSION, Kind::Invalid),
        (Write, 400, PLAIN, PARSING, Kind::Invalid),
        (Write, 400, PLAIN, HASH, Kind::Invalid),
        (Read, 405, PLAIN, "", Kind::Invalid),
        (Read, 422, PLAIN, INVALID, Kind::Invalid),
        (Write, 413, PLAIN, "", Kind::Invalid),
        (Write, 415, PLAIN, "", Kind::Invalid),
    ]);
}

#[test]
fn what_is_out_of_order_on_the_way() {
    const WRONG: &str = r#"{"message":"Server Error"}"#;
    hold(&[
        (Read, 408, PLAIN, "", Kind::Unavailable),
        (Read, 500, PLAIN, WRONG, Kind::Unavailable),
        (Write, 500, PLAIN, WRONG, Kind::Unavailable),
        (Mint, 500, PLAIN, "", Kind::Unavailable),
        (Read, 502, HTML, UNICORN, Kind::Unavailable),
        (Write, 502, HTML, UNICORN, Kind::Unavailable),
        (Write, 503, PLAIN, "", Kind::Unavailable),
        (Read, 504, PLAIN, "", Kind::Unavailable),
        // A proxy that stands between refuses for reasons of its own.
        (Read, 404, HTML, UNICORN, Kind::Unavailable),
        (Read, 403, HTML, UNICORN, Kind::Unavailable),
        (Write, 403, HTML, UNICORN, Kind::Unavailable),
        (Write, 404, HTML, UNICORN, Kind::Unavailable),
        (Mint, 401, HTML, UNICORN, Kind::Unavailable),
        (Read, 410, HTML, UNICORN, Kind::Unavailable),
        (Write, 409, HTML, UNICORN, Kind::Unavailable),
        (Read, 302, PLAIN, "", Kind::Corrupt),
        (Mint, 307, PLAIN, "", Kind::Corrupt),
        (Write, 307, PLAIN, "", Kind::Conflict),
    ]);
}

#[test]
fn a_missing_permission_is_named_and_the_sso_address_is_not() {
    const SECRET: &[Header] = &[
        ("x-accepted-github-permissions", "checks=write"),
        (
            "x-github-sso",
            "required; url=https://github.com/orgs/x/sso?authorization_request=SECRET",
        ),
    ];
    let shown = of(&(Read, 403, SECRET, "{}", Kind::Denied)).to_string();
    assert!(shown.contains("checks=write"), "{shown}");
    assert!(!shown.contains("SECRET"), "{shown}");
}

#[test]
fn what_was_refused_is_told_with_its_reasons() {
    const EXISTS: &str = r#"{"message":"Validation Failed","errors":[{"resource":"Label","code":"already_exists","field":"name"},"and more",{"odd":[]}]}"#;
    const ODD: &str = r#"{"message":"Validation Failed","errors":"none"}"#;
    let shown = of(&(Write, 422, PLAIN, EXISTS, Kind::Invalid)).to_string();
    let said = "GitHub answered 422: Validation Failed; Label.name already_exists; and more";
    assert!(shown.ends_with(said), "{shown}");
    let shown = of(&(Write, 422, PLAIN, ODD, Kind::Invalid)).to_string();
    assert!(shown.ends_with("422: Validation Failed"), "{shown}");
}
