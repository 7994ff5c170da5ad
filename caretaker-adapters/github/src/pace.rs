//! How fast we write: GitHub asks for at most one call a second that makes content, and for few at
//! a time.
//!
//! Source: GitHub's "Best practices for using the REST API", on secondary rate limits.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use caretaker_core::{
    model::Span,
    ports::{Clock, Kind, PortError},
};
use reqwest::Method;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Writes of one installation that are under way at a time.
const AT_ONCE: usize = 4;
/// How long a write waits for its turn; it has to leave room for the exchange itself.
const PATIENCE: Span = Span::seconds(4);
/// Installations remembered at a time.
const LINES: usize = 4_096;

/// The turns of everybody we write as.
pub(crate) struct Pace {
    gap: Span,
    lines: Mutex<BTreeMap<String, Line>>,
}

struct Line {
    /// When the next content may be made, on the monotonic clock.
    next: Span,
    at_once: Arc<Semaphore>,
}

impl Default for Line {
    fn default() -> Self {
        Self {
            next: Span::default(),
            at_once: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }
}

/// The right to have a write under way; given back when dropped.
pub(crate) struct Turn {
    _permit: Option<OwnedSemaphorePermit>,
}

impl Pace {
    /// `gap` lies between two calls that make content; without one they are not held back.
    pub(crate) fn new(gap: Span) -> Self {
        Self {
            gap,
            lines: Mutex::new(BTreeMap::new()),
        }
    }

    /// Waits for the turn of a write. `RateLimited`, with nothing sent, where that is longer than a
    /// write may wait.
    pub(crate) async fn turn(
        &self,
        op: &'static str,
        holder: &str,
        makes_content: bool,
        clock: &dyn Clock,
    ) -> Result<Turn, PortError> {
        let at_once = Arc::clone(&self.lines().entry(holder.to_owned()).or_default().at_once);
        let permit = tokio::select! {
            biased;
            permit = at_once.acquire_owned() => permit.ok(),
            () = clock.sleep(PATIENCE) => return Err(too_many(op, PATIENCE)),
        };
        if makes_content {
            let wait = self
                .reserve(holder, clock.monotonic())
                .map_err(|wait| too_many(op, wait))?;
            if wait > Span::default() {
                clock.sleep(wait).await;
            }
        }
        Ok(Turn { _permit: permit })
    }

    /// Takes the next free moment; `Err` with the wait, taking none, where it is too far away.
    fn reserve(&self, holder: &str, now: Span) -> Result<Span, Span> {
        let mut lines = self.lines();
        if lines.len() > LINES {
            lines.retain(|name, line| {
                name == holder || line.next > now || line.at_once.available_permits() < AT_ONCE
            });
        }
        let line = lines.entry(holder.to_owned()).or_default();
        let at = line.next.max(now);
        let wait = Span::millis(at.as_millis() - now.as_millis());
        if wait > PATIENCE {
            return Err(wait);
        }
        line.next = Span::millis(at.as_millis() + self.gap.as_millis());
        Ok(wait)
    }

    fn lines(&self) -> MutexGuard<'_, BTreeMap<String, Line>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn too_many(op: &'static str, wait: Span) -> PortError {
    PortError::new(op, Kind::RateLimited(Some(wait)))
        .detail("more is to be written than GitHub asks for at a time; nothing was sent")
}

/// Whether a call makes what people are told of: comments, reviews, issues, pull requests. Labels,
/// reactions, checks and edits notify nobody.
pub(crate) fn makes_content(method: &Method, path: &str) -> bool {
    const ENDINGS: [&str; 7] = [
        "/comments",
        "/replies",
        "/reviews",
        "/issues",
        "/pulls",
        "/releases",
        "/dispatches",
    ];
    let path = path.split('?').next().unwrap_or_default();
    *method == Method::POST && ENDINGS.iter().any(|ending| path.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use caretaker_core::model::Timestamp;
    use caretaker_testkit::clock::VirtualClock;
    use futures_util::FutureExt;

    use super::*;

    fn clock() -> VirtualClock {
        VirtualClock::at(Timestamp::from_millis(1_700_000_000_000))
    }

    #[test]
    fn content_is_made_once_a_second_and_others_have_their_own_second() {
        let (pace, clock) = (Pace::new(Span::seconds(1)), clock());
        let now = |holder| pace.turn("t", holder, true, &clock).now_or_never();
        assert!(now("one").unwrap().is_ok(), "the first goes at once");
        assert!(now("two").unwrap().is_ok(), "and so does another's");
        let mut second = Box::pin(pace.turn("t", "one", true, &clock));
        assert!(second.as_mut().now_or_never().is_none());
        clock.advance(Span::millis(999));
        assert!(second.as_mut().now_or_never().is_none());
        clock.advance(Span::millis(1));
        assert!(second.now_or_never().unwrap().is_ok());
        let edit = pace.turn("t", "one", false, &clock).now_or_never();
        assert!(edit.unwrap().is_ok(), "an edit makes nothing");
    }

    #[test]
    fn a_turn_too_far_away_is_a_limit_and_takes_no_place() {
        let pace = Pace::new(Span::seconds(1));
        let mut waits = Vec::new();
        for _ in 0..7 {
            waits.push(
                pace.reserve("one", Span::default())
                    .map(Span::whole_seconds),
            );
        }
        let far = Err(Span::seconds(5));
        assert_eq!(waits, [Ok(0), Ok(1), Ok(2), Ok(3), Ok(4), far, far]);
        assert_eq!(pace.reserve("one", Span::seconds(1)), Ok(Span::seconds(4)));
    }

    #[test]
    fn few_writes_are_under_way_at_a_time() {
        let (pace, clock) = (Pace::new(Span::default()), clock());
        let turn = || pace.turn("t", "one", false, &clock);
        let mut held: Vec<_> = (0..AT_ONCE)
            .map(|_| turn().now_or_never().unwrap())
            .collect();
        let mut next = Box::pin(turn());
        assert!(next.as_mut().now_or_never().is_none());
        drop(held.pop());
        held.push(next.now_or_never().unwrap());
        let mut late = Box::pin(turn());
        assert!(late.as_mut().now_or_never().is_none());
        clock.advance(PATIENCE);
        let error = late.now_or_never().unwrap().err().unwrap();
        assert_eq!(error.kind, Kind::RateLimited(Some(PATIENCE)));
    }

    #[test]
    fn only_what_people_are_told_of_is_content() {
        let makes = |path| makes_content(&Method::POST, path);
        assert!(makes("/repos/o/r/issues/1/comments"));
        assert!(makes("/repos/o/r/pulls/1/reviews"));
        assert!(!makes("/repos/o/r/issues/1/labels"));
        assert!(!makes("/repos/o/r/check-runs"));
        assert!(!makes_content(&Method::PATCH, "/repos/o/r/issues/comments"));
    }
}
