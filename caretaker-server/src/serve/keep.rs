//! Keeps a part of the server running: one that fails or panics is counted and started again.
//!
//! Needs: no part may end silently and leave the process half dead, none may take the whole process
//! with it, and one that cannot run must not burn the machine. Design: each part is a task of its
//! own; after a failure it waits a second, then twice as long each time up to a minute, until it has
//! run for a while.

use std::sync::Arc;

use caretaker_core::model::Span;
use caretaker_core::ports::Clock;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::vitals::{HEALTHY_AFTER, Vitals};

/// The wait after the first failure.
const FIRST: Span = Span::seconds(1);
/// The longest wait.
const LONGEST: Span = Span::seconds(60);

/// Runs a part until it ends well or the server stops. `start` makes it anew each time.
///
/// # Errors
/// Never; a part of the server that ends well is done.
pub(super) async fn keep<F>(
    part: &'static str,
    clock: Arc<dyn Clock>,
    vitals: Arc<Vitals>,
    mut stop: watch::Receiver<bool>,
    mut start: impl FnMut() -> F + Send,
) -> anyhow::Result<()>
where
    F: Future<Output = anyhow::Result<()>> + Send + 'static,
{
    let mut wait = FIRST;
    loop {
        let began = clock.monotonic();
        let mut task = JoinSet::new();
        task.spawn(start());
        let why = match task.join_next().await {
            None | Some(Ok(Ok(()))) => return Ok(()),
            Some(Ok(Err(error))) => format!("{error:#}"),
            Some(Err(_panic)) => "it panicked".to_owned(),
        };
        if *stop.borrow() {
            return Ok(());
        }
        let now = clock.monotonic();
        if now - began >= HEALTHY_AFTER {
            wait = FIRST;
        }
        let failures = vitals.part_failed(part, began, now);
        tracing::error!(part, why, failures, again_in = %wait, "a part of the server failed");
        tokio::select! {
            () = clock.sleep(wait) => {}
            _ = stop.changed() => return Ok(()),
        }
        wait = LONGEST.min(wait + wait);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use caretaker_core::model::Timestamp;
    use caretaker_testkit::clock::VirtualClock;

    use super::*;

    struct Kept {
        clock: VirtualClock,
        vitals: Arc<Vitals>,
        starts: Arc<AtomicUsize>,
        stop: watch::Sender<bool>,
        task: JoinSet<anyhow::Result<()>>,
    }

    /// A part that does the given thing at its n-th start.
    fn kept(does: impl Fn(usize) -> anyhow::Result<()> + Send + Sync + 'static) -> Kept {
        let clock = VirtualClock::at(Timestamp::from_millis(0));
        let vitals = Arc::new(Vitals::new(true, true));
        let starts = Arc::new(AtomicUsize::new(0));
        let (stop, stopped) = watch::channel(false);
        let (does, count) = (Arc::new(does), Arc::clone(&starts));
        let start = move || {
            let (does, n) = (Arc::clone(&does), count.fetch_add(1, Ordering::SeqCst));
            async move { does(n) }
        };
        let mut task = JoinSet::new();
        let time: Arc<dyn Clock> = Arc::new(clock.clone());
        task.spawn(keep("sweeper", time, Arc::clone(&vitals), stopped, start));
        Kept {
            clock,
            vitals,
            starts,
            stop,
            task,
        }
    }

    impl Kept {
        /// Lets it go on until it waits, and gives the time that it waits for.
        async fn waits(&self) -> Span {
            loop {
                if let Some(left) = self.clock.until_next() {
                    return left;
                }
                tokio::task::yield_now().await;
            }
        }

        fn missing(&self) -> Vec<String> {
            self.vitals.report(true, self.clock.monotonic()).missing
        }
    }

    #[tokio::test]
    async fn a_part_that_panics_is_started_again_until_it_ends_well() {
        let mut kept = kept(|n| {
            assert!(n > 1, "the first two fail");
            Ok(())
        });
        assert_eq!(kept.waits().await, Span::seconds(1));
        assert_eq!(kept.missing(), Vec::<String>::new(), "once may happen");
        kept.clock.advance(Span::seconds(1));
        assert_eq!(kept.waits().await, Span::seconds(2));
        let missing = kept.missing();
        assert!(missing[0].starts_with("sweeper"), "{missing:?}");
        kept.clock.advance(Span::seconds(2));
        kept.task.join_next().await.unwrap().unwrap().unwrap();
        assert_eq!(kept.starts.load(Ordering::SeqCst), 3);
        assert_eq!(kept.vitals.failures("sweeper"), 2);
    }

    #[tokio::test]
    async fn waits_grow_to_a_minute_and_stopping_ends_them() {
        let mut kept = kept(|_n| anyhow::bail!("no disk"));
        let mut waits = Vec::new();
        for _ in 0..8 {
            let wait = kept.waits().await;
            waits.push(wait.as_millis() / 1_000);
            kept.clock.advance(wait);
            while kept.clock.until_next().is_some() {
                tokio::task::yield_now().await;
            }
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
        kept.waits().await;
        kept.stop.send_replace(true);
        kept.task.join_next().await.unwrap().unwrap().unwrap();
    }
}
