//! Stopping: on a signal, or when a part fails.

use anyhow::Context as _;
use caretaker_core::model::Span;
use caretaker_core::ports::Ports;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// From the signal to the end.
const LONGEST: Span = Span::seconds(9);

/// What tells us from outside to stop; heard from the moment it is made.
pub(super) struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// # Errors
    /// When the system lets us hear none.
    pub(super) fn listen() -> anyhow::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate()).context("listening for SIGTERM")?,
            interrupt: signal(SignalKind::interrupt()).context("listening for SIGINT")?,
        })
    }
}

/// Ends when the server is told to stop.
pub(super) async fn requested(mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        if stop.changed().await.is_err() {
            return;
        }
    }
}

/// Waits for a signal or the failure of a part; stops the others and waits for them. What is still
/// running after nine seconds is left to recovery.
///
/// # Errors
/// That of the part that failed.
pub(super) async fn supervise(
    mut signals: Signals,
    mut tasks: JoinSet<anyhow::Result<()>>,
    stop: watch::Sender<bool>,
    ports: &Ports,
) -> anyhow::Result<()> {
    let failed = loop {
        tokio::select! {
            _ = signals.terminate.recv() => break None,
            _ = signals.interrupt.recv() => break None,
            Some(ended) = tasks.join_next() => match ended.context("a part of the server panicked") {
                Ok(Ok(())) => {}
                Ok(Err(error)) | Err(error) => break Some(error),
            },
        }
    };
    tracing::info!("stopping: taking nothing new, finishing what is in hands");
    stop.send_replace(true);
    let until = ports.clock.monotonic() + LONGEST;
    loop {
        let left = until - ports.clock.monotonic();
        tokio::select! {
            ended = tasks.join_next() => match ended {
                Some(_) => {}
                None => break,
            },
            () = ports.clock.sleep(left) => {
                tracing::warn!("some work did not end in time; recovery settles it at the next start");
                break;
            }
        }
    }
    tracing::info!("stopped");
    failed.map_or(Ok(()), Err)
}
