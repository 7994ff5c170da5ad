//! `caretaker journal`: the recorded runs as lines.

use caretaker_core::drive::journal;
use caretaker_core::ports::Filter;
use clap::{Args, Subcommand};

use super::Exit;
use super::moment::Moment;
use super::out;
use super::progress::Progress;
use super::store::{self, Store};
use crate::settings::Settings;

/// Print recorded runs
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  caretaker journal export > journal.jsonl")]
pub(super) enum Journal {
    Export(Export),
}

/// Print closed runs, oldest first, one JSON object for each line
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  caretaker journal export > journal.jsonl
  caretaker journal export --repo my-org/my-repo --since 7d | caretaker replay -
  caretaker journal export --agent stale --outcome overtaken
  caretaker journal export --no-blobs | jq .outcome

Large answers are put back into their lines, so that the lines replay anywhere;
--no-blobs leaves their hashes instead. Works while the server runs.

Exit codes: 0 printed, also when there are none; 2 there is no store, or the
repository or agent is not known.")]
pub(super) struct Export {
    /// Only of this repository
    #[arg(long, value_name = "OWNER/REPO", value_parser = store::named)]
    repo: Option<String>,
    /// Only closed since: 2026-01-31, 2026-01-31T12:00:00Z, 7d, 12h, 30m
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Only of this agent
    #[arg(long, value_name = "NAME")]
    agent: Option<String>,
    /// Only with this outcome
    #[arg(long, value_name = "WORD", value_parser = store::OUTCOMES)]
    outcome: Option<String>,
    /// Tell how far it is also where stderr is no terminal
    #[arg(long)]
    progress: bool,
    /// Leave large answers out
    #[arg(long)]
    no_blobs: bool,
}

impl Journal {
    pub(super) async fn run(&self, settings: &Settings) -> anyhow::Result<Exit> {
        let Self::Export(export) = self;
        let agent = export.agent.as_deref().map(store::agent).transpose()?;
        let since = export.since.as_deref().map(Moment::of).transpose()?;
        let store = Store::open(settings).await?;
        let repo = match &export.repo {
            Some(name) => Some(store.repo(name).await?.repo.key),
            None => None,
        };
        let filter = Filter {
            repo,
            agent,
            outcome: export.outcome.clone(),
            since: since.map(|since| since.first),
            ..Filter::default()
        };
        let mut progress = Progress::of("records", export.progress);
        store
            .each_closed(&filter, async |recorded| {
                progress.clear();
                if export.no_blobs {
                    out::line(&recorded.line)?;
                } else {
                    out::line(journal::line(&store.unfolded(&recorded).await?))?;
                }
                progress.step();
                Ok(())
            })
            .await?;
        progress.end();
        Ok(Exit::Good)
    }
}
