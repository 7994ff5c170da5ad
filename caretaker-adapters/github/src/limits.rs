//! What GitHub says about its limits: how long to stay away.
//!
//! No policy lives here: the span goes into the error, and the driver puts the work off.

use caretaker_core::{
    model::{Span, Timestamp},
    ports::Kind,
};
use reqwest::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};

use crate::quota::Told;

/// Longest wait that is believed; the primary limit resets every hour.
const LONGEST: Span = Span::hours(1);
/// What GitHub asks for when a secondary limit names no time.
pub(crate) const SECONDARY: Span = Span::minutes(1);

const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const RESOURCE: HeaderName = HeaderName::from_static("x-ratelimit-resource");
const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// `RateLimited` where the answer, a 403 or 429, is about a limit.
///
/// `Retry-After` wins over the reset of the hourly limit: taking the later would turn a minute
/// into an hour. Times are measured from the answer's own `Date`, so that our clock's error
/// does not count.
pub(crate) fn limited(
    status: u16,
    headers: &HeaderMap,
    message: &str,
    now: Timestamp,
) -> Option<Kind> {
    let from = date(headers).unwrap_or(now);
    if let Some(wait) = retry_after(headers, from) {
        return Some(Kind::RateLimited(Some(bounded(wait))));
    }
    let lower = message.to_ascii_lowercase();
    if lower.contains("secondary rate limit") || lower.contains("abuse detection") {
        return Some(Kind::RateLimited(Some(SECONDARY)));
    }
    if text(headers, &REMAINING) == Some("0") {
        return Some(Kind::RateLimited(reset(headers, from).map(bounded)));
    }
    if status == 429 || lower.contains("rate limit exceeded") {
        return Some(Kind::RateLimited(reset(headers, from).map(bounded)));
    }
    None
}

/// What an answer tells of the limit it counts against; `None` where it tells nothing whole.
pub(crate) fn told(headers: &HeaderMap, now: Timestamp) -> Option<Told> {
    let number = |name| text(headers, name)?.trim().parse().ok();
    Some(Told {
        resource: text(headers, &RESOURCE).map(str::to_owned),
        limit: number(&LIMIT)?,
        left: number(&REMAINING)?,
        resets_in: reset(headers, date(headers).unwrap_or(now))?.clamp(Span::default(), LONGEST),
    })
}

/// The server's clock as its answer tells it.
pub(crate) fn date(headers: &HeaderMap) -> Option<Timestamp> {
    http_date(text(headers, &DATE)?)
}

fn retry_after(headers: &HeaderMap, from: Timestamp) -> Option<Span> {
    let value = text(headers, &RETRY_AFTER)?.trim();
    if let Ok(seconds) = value.parse::<u32>() {
        return Some(Span::seconds(i64::from(seconds)));
    }
    http_date(value).map(|until| until.since(from))
}

fn reset(headers: &HeaderMap, from: Timestamp) -> Option<Span> {
    let seconds: i64 = text(headers, &RESET)?.trim().parse().ok()?;
    let until = Timestamp::from_millis(seconds.checked_mul(1_000)?);
    Some(until.since(from))
}

/// At least a second, because "now" would be asked again at once.
fn bounded(wait: Span) -> Span {
    wait.clamp(Span::seconds(1), LONGEST)
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Reads `Sun, 06 Nov 1994 08:49:37 GMT`, the one form that senders may write today.
fn http_date(text: &str) -> Option<Timestamp> {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let (_weekday, rest) = text.trim().split_once(", ")?;
    let mut parts = rest.split(' ');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    let (time, zone) = (parts.next()?, parts.next()?);
    let month = MONTHS.iter().position(|name| *name == month)? + 1;
    (zone == "GMT" && parts.next().is_none()).then_some(())?;
    Timestamp::parse_rfc3339(&format!("{year}-{month:02}-{day:0>2}T{time}Z"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(784_111_777_000); // 1994-11-06T08:49:37Z

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
            .collect()
    }

    #[test]
    fn retry_after_is_read_in_seconds_and_as_a_date() {
        let wait = |value| limited(403, &headers(&[("retry-after", value)]), "", NOW);
        assert_eq!(wait("30"), Some(Kind::RateLimited(Some(Span::seconds(30)))));
        assert_eq!(
            wait("Sun, 06 Nov 1994 08:51:37 GMT"),
            Some(Kind::RateLimited(Some(Span::minutes(2))))
        );
        assert_eq!(
            wait("Sun, 06 Nov 1994 08:00:00 GMT"),
            Some(Kind::RateLimited(Some(Span::seconds(1))))
        );
    }

    #[test]
    fn retry_after_wins_over_the_hourly_reset() {
        let both = headers(&[
            ("retry-after", "60"),
            ("x-ratelimit-remaining", "0"),
            ("x-ratelimit-reset", "784115377"),
        ]);
        assert_eq!(
            limited(403, &both, "", NOW),
            Some(Kind::RateLimited(Some(Span::minutes(1))))
        );
    }

    #[test]
    fn the_reset_is_measured_from_the_answers_own_date() {
        let mut exhausted = headers(&[
            ("x-ratelimit-remaining", "0"),
            ("x-ratelimit-reset", "784112377"), // ten minutes after NOW
        ]);
        assert_eq!(
            limited(403, &exhausted, "", NOW),
            Some(Kind::RateLimited(Some(Span::minutes(10))))
        );
        exhausted.insert(DATE, "Sun, 06 Nov 1994 08:54:37 GMT".parse().unwrap());
        assert_eq!(
            limited(403, &exhausted, "", NOW),
            Some(Kind::RateLimited(Some(Span::minutes(5))))
        );
    }

    #[test]
    fn a_secondary_limit_without_a_time_is_a_minute() {
        let message = "You have exceeded a secondary rate limit. Please wait.";
        assert_eq!(
            limited(403, &HeaderMap::new(), message, NOW),
            Some(Kind::RateLimited(Some(Span::minutes(1))))
        );
    }

    #[test]
    fn a_wait_beyond_the_hour_is_not_believed() {
        let far = headers(&[("retry-after", "999999")]);
        assert_eq!(
            limited(429, &far, "", NOW),
            Some(Kind::RateLimited(Some(Span::hours(1))))
        );
        assert_eq!(
            limited(429, &HeaderMap::new(), "", NOW),
            Some(Kind::RateLimited(None))
        );
    }

    #[test]
    fn a_plain_refusal_is_no_limit() {
        let plenty = headers(&[("x-ratelimit-remaining", "4999")]);
        let message = "Resource not accessible by integration";
        assert_eq!(limited(403, &plenty, message, NOW), None);
    }
}
