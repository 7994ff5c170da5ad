//! Signals that end long work: it is dropped, takes back what it began, and that is said.

use anyhow::Context as _;
use tokio::signal::unix::{SignalKind, signal};

/// What the work came to; `None` when SIGINT or SIGTERM came first, and the work is dropped.
///
/// # Errors
/// That of the work.
pub(super) async fn unless_stopped<T>(
    work: impl Future<Output = anyhow::Result<T>>,
) -> anyhow::Result<Option<T>> {
    let mut interrupt = signal(SignalKind::interrupt()).context("listening for SIGINT")?;
    let mut terminate = signal(SignalKind::terminate()).context("listening for SIGTERM")?;
    tokio::select! {
        biased;
        _ = interrupt.recv() => Ok(None),
        _ = terminate.recv() => Ok(None),
        done = work => done.map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_signal_ends_the_work_and_not_the_process() {
        struct Begun<'a>(&'a mut bool);
        impl Drop for Begun<'_> {
            fn drop(&mut self) {
                *self.0 = true;
            }
        }
        let mut taken_back = false;
        let begun = Begun(&mut taken_back);
        let work = async move {
            let _begun = begun;
            let me = std::process::id().to_string();
            let sent = std::process::Command::new("kill")
                .args(["-INT", &me])
                .status()?;
            assert!(sent.success());
            std::future::pending::<anyhow::Result<()>>().await
        };
        assert_eq!(unless_stopped(work).await.unwrap(), None);
        assert!(taken_back);
    }

    #[tokio::test]
    async fn without_one_the_work_comes_to_its_end() {
        assert_eq!(unless_stopped(async { Ok(7) }).await.unwrap(), Some(7));
        let failed = unless_stopped::<()>(async { anyhow::bail!("no") }).await;
        assert_eq!(failed.unwrap_err().to_string(), "no");
    }
}
