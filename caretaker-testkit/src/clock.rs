//! Virtual time: stands still until a test moves it.
//!
//! Not tokio's paused clock, under which pools fail to connect and loopback answers seem to take
//! for ever (decisions §12). Nothing here waits in real time.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use async_trait::async_trait;
use caretaker_core::model::{Span, Timestamp};
use caretaker_core::ports::Clock;

/// A clock that a test moves by hand. Clones show the same time.
#[derive(Clone)]
pub struct VirtualClock {
    hands: Arc<Mutex<Hands>>,
}

struct Hands {
    now: Timestamp,
    passed: Span,
    /// Who waits, by when and in which order they came.
    sleepers: BTreeMap<(Span, u64), Waker>,
    slept: u64,
}

impl VirtualClock {
    /// A clock that shows `now`; its monotonic time starts at zero.
    pub fn at(now: Timestamp) -> Self {
        let hands = Hands {
            now,
            passed: Span::default(),
            sleepers: BTreeMap::new(),
            slept: 0,
        };
        Self {
            hands: Arc::new(Mutex::new(hands)),
        }
    }

    /// Lets time pass and wakes everybody whose time has come.
    pub fn advance(&self, span: Span) {
        let mut woken = Vec::new();
        {
            let mut hands = self.hands();
            hands.now = hands.now + span;
            hands.passed = sum(hands.passed, span);
            let due = (hands.passed, u64::MAX);
            let later = hands.sleepers.split_off(&due);
            woken.extend(std::mem::replace(&mut hands.sleepers, later).into_values());
        }
        for waker in woken {
            waker.wake();
        }
    }

    /// Jumps to the earliest moment somebody waits for; says how much time passed, `None` when
    /// nobody waits.
    pub fn advance_to_next(&self) -> Option<Span> {
        let span = self.until_next()?;
        self.advance(span);
        Some(span)
    }

    /// How long until the first sleeper wakes; `None` when nobody waits.
    pub fn until_next(&self) -> Option<Span> {
        let hands = self.hands();
        let ((until, _), _) = hands.sleepers.first_key_value()?;
        Some(Span::millis(until.as_millis() - hands.passed.as_millis()))
    }

    /// Moves the wall clock alone, as a correction of the system's time does; nobody wakes.
    pub fn set_wall(&self, now: Timestamp) {
        self.hands().now = now;
    }

    /// How many wait.
    pub fn sleepers(&self) -> usize {
        self.hands().sleepers.len()
    }

    fn hands(&self) -> MutexGuard<'_, Hands> {
        self.hands.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn sum(a: Span, b: Span) -> Span {
    Span::millis(a.as_millis().saturating_add(b.as_millis()))
}

#[async_trait]
impl Clock for VirtualClock {
    fn now(&self) -> Timestamp {
        self.hands().now
    }

    fn monotonic(&self) -> Span {
        self.hands().passed
    }

    async fn sleep(&self, span: Span) {
        let sleep = {
            let mut hands = self.hands();
            hands.slept += 1;
            Sleep {
                clock: self.clone(),
                place: (sum(hands.passed, span), hands.slept),
            }
        };
        sleep.await;
    }
}

/// Waits for a moment; leaves the line when dropped.
struct Sleep {
    clock: VirtualClock,
    place: (Span, u64),
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut hands = self.clock.hands();
        if hands.passed >= self.place.0 {
            return Poll::Ready(());
        }
        let waker = context.waker().clone();
        hands.sleepers.insert(self.place, waker);
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        self.clock.hands().sleepers.remove(&self.place);
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn clock() -> VirtualClock {
        VirtualClock::at(Timestamp::from_millis(1_000))
    }

    #[test]
    fn both_times_stand_still_until_moved() {
        let clock = clock();
        assert_eq!(clock.now().as_millis(), 1_000);
        assert_eq!(clock.monotonic(), Span::default());
        clock.clone().advance(Span::seconds(2));
        assert_eq!(clock.now().as_millis(), 3_000);
        assert_eq!(clock.monotonic(), Span::seconds(2));
    }

    #[test]
    fn a_sleeper_wakes_when_its_time_has_passed_and_not_before() {
        let clock = clock();
        let mut sleep = clock.sleep(Span::seconds(5));
        assert!(sleep.as_mut().now_or_never().is_none());
        clock.advance(Span::millis(4_999));
        assert!(sleep.as_mut().now_or_never().is_none());
        clock.advance(Span::millis(1));
        assert!(sleep.as_mut().now_or_never().is_some());
        assert!(clock.sleep(Span::default()).now_or_never().is_some());
    }

    #[tokio::test]
    async fn moving_the_clock_wakes_the_task_that_waits() {
        let clock = clock();
        let waiting = clock.clone();
        let mut tasks = tokio::task::JoinSet::new();
        tasks.spawn(async move { waiting.sleep(Span::days(400)).await });
        while clock.sleepers() == 0 {
            tokio::task::yield_now().await;
        }
        clock.advance(Span::days(400));
        tasks.join_next().await.unwrap().unwrap();
    }

    #[test]
    fn jumps_to_the_earliest_sleeper_and_leaves_the_others() {
        let clock = clock();
        let mut late = clock.sleep(Span::seconds(9));
        let mut early = clock.sleep(Span::seconds(3));
        let mut twin = clock.sleep(Span::seconds(3));
        assert_eq!(clock.advance_to_next(), None, "nobody polled yet");
        for sleep in [&mut late, &mut early, &mut twin] {
            assert!(sleep.as_mut().now_or_never().is_none());
        }
        assert_eq!(clock.sleepers(), 3);
        assert_eq!(clock.advance_to_next(), Some(Span::seconds(3)));
        assert!(early.as_mut().now_or_never().is_some());
        assert!(twin.as_mut().now_or_never().is_some());
        assert!(late.as_mut().now_or_never().is_none());
        assert_eq!(clock.until_next(), Some(Span::seconds(6)));
    }

    #[test]
    fn a_sleeper_that_gives_up_leaves_the_line() {
        let clock = clock();
        let mut sleep = clock.sleep(Span::seconds(3));
        assert!(sleep.as_mut().now_or_never().is_none());
        drop(sleep);
        assert_eq!(clock.sleepers(), 0);
        assert_eq!(clock.advance_to_next(), None);
    }

    #[test]
    fn a_corrected_wall_clock_wakes_nobody() {
        let clock = clock();
        let mut sleep = clock.sleep(Span::seconds(3));
        assert!(sleep.as_mut().now_or_never().is_none());
        clock.set_wall(Timestamp::from_millis(9_000_000));
        assert!(sleep.as_mut().now_or_never().is_none());
        assert_eq!(clock.monotonic(), Span::default());
        assert_eq!(clock.now().as_millis(), 9_000_000);
    }
}
