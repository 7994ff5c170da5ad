//! The process's own time.

use std::time::{Duration, Instant, SystemTime};

use async_trait::async_trait;
use caretaker_core::model::{Span, Timestamp};
use caretaker_core::ports::Clock;

/// The system's clocks; monotonic time starts at zero with it.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    started: Instant,
}

impl SystemClock {
    /// A clock whose monotonic time starts now.
    pub fn start() -> Self {
        Self {
            started: Instant::now(),
        }
    }
}

#[async_trait]
impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        #[expect(
            clippy::disallowed_methods,
            reason = "the one place where the port meets the system's clock"
        )]
        let now = SystemTime::now();
        // A clock set before 1970 shows negative time instead of none.
        let ms = match now.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(since) => millis(since),
            Err(before) => -millis(before.duration()),
        };
        Timestamp::from_millis(ms)
    }

    fn monotonic(&self) -> Span {
        Span::millis(millis(self.started.elapsed()))
    }

    async fn sleep(&self, span: Span) {
        let span = Duration::from_millis(span.as_millis().try_into().unwrap_or_default());
        #[expect(
            clippy::disallowed_methods,
            reason = "the one place where the port meets the runtime's timer"
        )]
        tokio::time::sleep(span).await;
    }
}

fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn sleeping_moves_the_monotonic_clock_at_least_as_far() {
        let clock = SystemClock::start();
        let before = clock.monotonic();
        clock.sleep(Span::millis(2)).await;
        assert!(clock.monotonic() >= before + Span::millis(2));
        clock.sleep(Span::millis(-5)).await;
    }

    #[test]
    fn the_wall_clock_is_past_the_day_this_was_written() {
        let then = Timestamp::parse_rfc3339("2026-11-21T00:00:00Z").unwrap();
        assert!(SystemClock::start().now() > then);
    }
}
