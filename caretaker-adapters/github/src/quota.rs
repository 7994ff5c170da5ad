//! What is left of GitHub's limits, by who asks and for what: while nothing is left, or GitHub has
//! asked us to wait, no request leaves.
//!
//! Learned from answers alone: from `X-RateLimit-…` of every answer and from what a refusal says
//! ([`limits`]). Kept on the monotonic clock, so that a jump of the system's time opens nothing.
//! No policy but one: what is left of the last fifth serves people and events, not sweeps.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use caretaker_core::{
    model::{Class, Span},
    ports::{Clock, Kind, PortError},
};
use reqwest::header::HeaderMap;

use crate::limits;

/// Sweeps stop when less than one part of so many is left.
const RESERVE: u64 = 5;
/// How long we stay away where GitHub names no time; what it asks for in that case.
const UNNAMED: Span = Span::minutes(1);
/// Buckets remembered at a time.
const BUCKETS: usize = 16_384;

/// Who asks for which of GitHub's resources: each pair has a limit of its own.
type Key = (String, String);

/// The limits of everybody we ask as.
#[derive(Default)]
pub(crate) struct Quota {
    buckets: Mutex<BTreeMap<Key, Bucket>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Bucket {
    limit: u64,
    left: u64,
    /// When the hour ends, and with it what was counted.
    resets: Span,
    /// Until when GitHub asked us to stay away.
    closed: Span,
}

impl Bucket {
    /// How long nothing may leave.
    fn shut(&self, now: Span) -> Option<Span> {
        let until = if self.limit > 0 && self.left == 0 {
            self.closed.max(self.resets)
        } else {
            self.closed
        };
        (until > now).then(|| between(now, until))
    }

    fn spare(&self, class: Class, now: Span) -> Option<Span> {
        let low = self.left.saturating_mul(RESERVE) < self.limit && self.resets > now;
        match class {
            Class::Sweep if low => Some(between(now, self.resets)),
            Class::Sweep | Class::Event | Class::Interactive => None,
        }
    }
}

impl Quota {
    /// `RateLimited`, without a request, where GitHub would refuse it or has asked us to wait.
    pub(crate) fn admit(
        &self,
        op: &'static str,
        holder: &str,
        resource: &str,
        clock: &dyn Clock,
    ) -> Result<(), PortError> {
        let now = clock.monotonic();
        let key = (holder.to_owned(), resource.to_owned());
        match self.buckets().get(&key).and_then(|bucket| bucket.shut(now)) {
            None => Ok(()),
            Some(wait) => Err(
                PortError::new(op, Kind::RateLimited(Some(wait))).detail(format!(
                    "the limit of {resource} requests is used up; nothing was asked"
                )),
            ),
        }
    }

    /// `RateLimited` where what is left is kept for more urgent work than this.
    pub(crate) fn spare(
        &self,
        op: &'static str,
        holder: &str,
        class: Class,
        clock: &dyn Clock,
    ) -> Result<(), PortError> {
        let now = clock.monotonic();
        let buckets = self.buckets();
        let first = (holder.to_owned(), String::new());
        let held = buckets
            .range(first..)
            .take_while(|((name, _), _)| name == holder)
            .filter_map(|(_, bucket)| bucket.spare(class, now))
            .max();
        match held {
            None => Ok(()),
            Some(wait) => Err(PortError::new(op, Kind::RateLimited(Some(wait)))
                .detail("little is left of this hour's requests; it is kept for urgent work")),
        }
    }

    /// Learns from an answer's headers. `resource` is what we took the request to be for; the
    /// answer knows better.
    pub(crate) fn note(
        &self,
        holder: &str,
        resource: &str,
        headers: &HeaderMap,
        clock: &dyn Clock,
    ) {
        let Some(told) = limits::told(headers, clock.now()) else {
            return;
        };
        let now = clock.monotonic();
        let resets = sum(now, told.resets_in);
        let resource = told.resource.as_deref().unwrap_or(resource);
        self.change(holder, resource, now, |bucket| {
            // Answers overtake each other; within one hour the lowest count is the latest. The
            // reset is told in whole seconds.
            let same_hour = bucket.resets > now
                && between(bucket.resets.min(resets), bucket.resets.max(resets)) < Span::seconds(5);
            bucket.left = if same_hour {
                bucket.left.min(told.left)
            } else {
                told.left
            };
            bucket.limit = told.limit;
            bucket.resets = resets;
        });
    }

    /// Stays away, as a refusal asked.
    pub(crate) fn close(
        &self,
        holder: &str,
        resource: &str,
        wait: Option<Span>,
        clock: &dyn Clock,
    ) {
        let now = clock.monotonic();
        let until = sum(now, wait.unwrap_or(UNNAMED));
        self.change(holder, resource, now, |bucket| {
            bucket.closed = bucket.closed.max(until);
        });
    }

    fn change(&self, holder: &str, resource: &str, now: Span, change: impl FnOnce(&mut Bucket)) {
        let mut buckets = self.buckets();
        let key = (holder.to_owned(), resource.to_owned());
        if buckets.len() >= BUCKETS && !buckets.contains_key(&key) {
            // What still says something stays, as far as there is room.
            buckets.retain(|_, bucket| bucket.resets > now || bucket.closed > now);
            if buckets.len() >= BUCKETS {
                buckets.pop_first();
            }
        }
        change(buckets.entry(key).or_default());
    }

    fn buckets(&self) -> MutexGuard<'_, BTreeMap<Key, Bucket>> {
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Which of GitHub's limits a path counts against, as `X-RateLimit-Resource` names them.
pub(crate) fn resource_of(path: &str) -> &'static str {
    if path.starts_with("/search/") {
        "search"
    } else {
        "core"
    }
}

/// What an answer tells of a limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) resource: Option<String>,
    pub(crate) limit: u64,
    pub(crate) left: u64,
    pub(crate) resets_in: Span,
}

fn between(from: Span, to: Span) -> Span {
    Span::millis(to.as_millis().saturating_sub(from.as_millis()))
}

fn sum(a: Span, b: Span) -> Span {
    Span::millis(a.as_millis().saturating_add(b.as_millis()))
}

#[cfg(test)]
mod tests {
    use caretaker_core::model::Timestamp;
    use caretaker_testkit::clock::VirtualClock;
    use reqwest::header::HeaderName;

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    fn headers(left: u64, resets_in: i64) -> HeaderMap {
        let reset = (NOW.as_seconds() + resets_in).to_string();
        let left = left.to_string();
        let pairs = [
            ("x-ratelimit-limit", "100"),
            ("x-ratelimit-remaining", left.as_str()),
            ("x-ratelimit-reset", reset.as_str()),
            ("x-ratelimit-resource", "core"),
        ];
        let pairs = pairs.into_iter();
        pairs
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
            .collect()
    }

    fn wait(result: Result<(), PortError>) -> Option<i64> {
        match result {
            Ok(()) => None,
            Err(error) => match error.kind {
                Kind::RateLimited(Some(wait)) => Some(wait.whole_seconds()),
                kind => panic!("{kind:?}"),
            },
        }
    }

    #[test]
    fn nothing_leaves_between_the_last_request_and_the_reset() {
        let (quota, clock) = (Quota::default(), VirtualClock::at(NOW));
        let admit = |holder, resource| wait(quota.admit("t", holder, resource, &clock));
        quota.note("installation 1", "core", &headers(1, 600), &clock);
        assert_eq!(admit("installation 1", "core"), None);
        quota.note("installation 1", "core", &headers(0, 600), &clock);
        assert_eq!(admit("installation 1", "core"), Some(600));
        assert_eq!(admit("installation 1", "graphql"), None, "another resource");
        assert_eq!(
            admit("installation 2", "core"),
            None,
            "another installation"
        );
        // A jump of the wall clock opens nothing.
        clock.set_wall(NOW + Span::hours(2));
        assert_eq!(admit("installation 1", "core"), Some(600));
        clock.advance(Span::seconds(600));
        assert_eq!(admit("installation 1", "core"), None);
    }

    #[test]
    fn an_older_answer_that_comes_late_does_not_give_back_what_was_spent() {
        let (quota, clock) = (Quota::default(), VirtualClock::at(NOW));
        quota.note("i", "core", &headers(0, 600), &clock);
        quota.note("i", "core", &headers(7, 600), &clock);
        assert_eq!(wait(quota.admit("t", "i", "core", &clock)), Some(600));
        quota.note("i", "core", &headers(99, 4_200), &clock);
        assert_eq!(
            wait(quota.admit("t", "i", "core", &clock)),
            None,
            "a new hour"
        );
    }

    #[test]
    fn a_refusal_that_asks_to_wait_is_obeyed_and_a_shorter_one_shortens_nothing() {
        let (quota, clock) = (Quota::default(), VirtualClock::at(NOW));
        let admit = || wait(quota.admit("t", "i", "core", &clock));
        quota.close("i", "core", Some(Span::seconds(90)), &clock);
        quota.close("i", "core", Some(Span::seconds(5)), &clock);
        assert_eq!(admit(), Some(90));
        clock.advance(Span::seconds(90));
        assert_eq!(admit(), None);
        quota.close("i", "core", None, &clock);
        assert_eq!(admit(), Some(60), "where no time is named");
    }

    #[test]
    fn the_last_fifth_is_not_for_sweeps() {
        let (quota, clock) = (Quota::default(), VirtualClock::at(NOW));
        let spare = |class| wait(quota.spare("t", "i", class, &clock));
        assert_eq!(spare(Class::Sweep), None, "nothing is known yet");
        quota.note("i", "core", &headers(20, 600), &clock);
        assert_eq!(spare(Class::Sweep), None);
        quota.note("i", "core", &headers(19, 600), &clock);
        assert_eq!(spare(Class::Sweep), Some(600));
        assert_eq!(spare(Class::Event), None);
        assert_eq!(spare(Class::Interactive), None);
        assert_eq!(wait(quota.spare("t", "j", Class::Sweep, &clock)), None);
        clock.advance(Span::seconds(600));
        assert_eq!(spare(Class::Sweep), None);
    }

    #[test]
    fn the_number_of_buckets_is_bounded_and_what_still_counts_is_kept_longest() {
        let (quota, clock) = (Quota::default(), VirtualClock::at(NOW));
        for n in 0..BUCKETS {
            quota.note(&format!("old {n}"), "core", &headers(5, 1), &clock);
        }
        clock.advance(Span::seconds(2));
        quota.close("i", "core", Some(Span::minutes(5)), &clock);
        quota.close("j", "core", Some(Span::minutes(5)), &clock);
        assert_eq!(quota.buckets().len(), 2);
    }
}
