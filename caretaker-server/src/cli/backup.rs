//! `caretaker backup`: a copy of the store in one file, made while the server works.

use std::path::PathBuf;

use anyhow::Context as _;
use caretaker_wiring::storage::{self, Copied};
use clap::Args;
use serde::Serialize;

use super::Exit;
use super::interrupt::unless_stopped;
use super::out::Out;
use super::progress::{Progress, size};
use crate::settings::Settings;

/// Copy the store into one file, also while the server works
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  caretaker backup /backups/caretaker-2026-01-31.db
  caretaker backup --force /backups/caretaker.db --json

The copy is one moment of the store, whole, for our user alone (mode 0600), and
on disk when this returns. The webhook secret and the settings are not in it. A
signal removes what was begun. docs/operations.md tells what a restored backup
means.

Exit codes: 0 copied; 2 there is no store, the file exists or cannot be
written, something is there that is no regular file (--force replaces no link,
folder or device either), or a signal came.")]
pub(super) struct Backup {
    /// The copy; outside of the data directory
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Overwrite the file that is there
    #[arg(long)]
    force: bool,
    /// Tell how far it is also where stderr is no terminal
    #[arg(long)]
    progress: bool,
}

/// What a copy holds, for people and for programs.
#[derive(Debug, Serialize)]
pub(super) struct Holds {
    pub(super) bytes: u64,
    schema: usize,
    deliveries: u64,
    items: u64,
    runs: u64,
}

#[derive(Serialize)]
struct Told {
    file: String,
    #[serde(flatten)]
    holds: Holds,
}

impl Backup {
    pub(super) async fn run(&self, settings: &Settings, out: Out) -> anyhow::Result<Exit> {
        let config = settings.storage_config();
        let mut progress = Progress::of("backup", self.progress);
        let copied = {
            let mut tell = |done, total| progress.far(done, total);
            let copying = storage::backup(&config, &self.file, self.force, &mut tell);
            unless_stopped(copying).await
        };
        progress.clear();
        let file = self.file.display();
        let copied = copied?.with_context(|| {
            format!("stopped by a signal; {file} is as it was, and the partial copy is removed")
        })?;
        progress.end();
        let told = Told {
            file: self.file.display().to_string(),
            holds: Holds::of(copied),
        };
        out.show(&told, Told::text)?;
        Ok(Exit::Good)
    }
}

impl Holds {
    pub(super) fn of(copied: Copied) -> Self {
        let Copied {
            bytes,
            schema,
            deliveries,
            items,
            runs,
        } = copied;
        Self {
            bytes,
            schema,
            deliveries,
            items,
            runs,
        }
    }

    pub(super) fn text(&self) -> String {
        format!(
            "holds      {} deliveries, {} items, {} closed runs",
            self.deliveries, self.items, self.runs
        )
    }
}

impl Told {
    fn text(&self) -> String {
        format!(
            "kept       {}, {}\n{}\nrestore    `caretaker restore {}`, while no server runs\n",
            self.file,
            size(self.holds.bytes),
            self.holds.text(),
            self.file
        )
    }
}
