//! `caretaker restore`: puts a backup in the place of the store.

use std::path::PathBuf;

use anyhow::Context as _;
use caretaker_core::ports::Clock as _;
use caretaker_wiring::clock::SystemClock;
use caretaker_wiring::storage::{self, Access, Restored};
use clap::Args;
use serde::Serialize;

use super::Exit;
use super::backup::Holds;
use super::interrupt::unless_stopped;
use super::out::Out;
use super::progress::{Progress, size};
use crate::serve::consumer::LEASE;
use crate::settings::Settings;

/// Make a backup the store of the data directory
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  caretaker restore /backups/caretaker-2026-01-31.db --data-dir /var/lib/caretaker
  caretaker restore --force /backups/caretaker.db

Nobody may serve the data directory. The backup is read to its end and checked
before anything is replaced; with --force a store that is there is put aside
beside it, not removed. What a restored backup means, and what to do about the
time since, is in docs/operations.md.

Exit codes: 0 restored; 2 a server runs, there is a store already, the file is
no whole backup that this build reads (a store's own file, copied by itself, is
none), or a signal came.")]
pub(super) struct Restore {
    /// A file made by `caretaker backup`, or a store that `restore` put aside
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Put a store that is there aside
    #[arg(long)]
    force: bool,
    /// Tell how far it is also where stderr is no terminal
    #[arg(long)]
    progress: bool,
}

#[derive(Serialize)]
struct Told {
    data_dir: String,
    #[serde(flatten)]
    holds: Holds,
    aside: Option<String>,
}

impl Restore {
    pub(super) async fn run(&self, settings: &Settings, out: Out) -> anyhow::Result<Exit> {
        let config = settings.storage_config();
        let now = SystemClock::start().now();
        // A store that does not open is what a backup is for.
        if let Ok(store) = settings.open_storage(Access::Beside).await
            && let Ok(Some(holder)) = store.holder(LEASE, now).await
            && holder.worker.starts_with("run ")
        {
            anyhow::bail!("a pass is at work in the store; restore when it is done");
        }
        let stamp: String = now.to_string();
        let stamp = stamp.replace([':', '-'], "");
        let mut progress = Progress::of("restore", self.progress);
        let restored = {
            let mut tell = |done, total| progress.far(done, total);
            let restoring = storage::restore(&config, &self.file, self.force, &stamp, &mut tell);
            unless_stopped(restoring).await
        };
        progress.clear();
        let Restored { holds, aside } = restored?.with_context(|| {
            let dir = settings.data_dir.display();
            format!("stopped by a signal; {dir} is as it was, and the partial copy is removed")
        })?;
        progress.end();
        let told = Told {
            data_dir: settings.data_dir.display().to_string(),
            holds: Holds::of(holds),
            aside: aside.map(|aside| aside.display().to_string()),
        };
        out.show(&told, Told::text)?;
        Ok(Exit::Good)
    }
}

impl Told {
    fn text(&self) -> String {
        let aside = self
            .aside
            .as_ref()
            .map(|aside| format!("aside      {aside}; remove it when all is well\n"));
        format!(
            "restored   {}, {}\n{}\n{}\
             next       `caretaker doctor`, then `caretaker serve`; at GitHub, redeliver what the \
             hooks sent since the backup\n",
            self.data_dir,
            size(self.holds.bytes),
            self.holds.text(),
            aside.unwrap_or_default(),
        )
    }
}
