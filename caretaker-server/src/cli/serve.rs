//! `caretaker serve`: receives webhooks and acts on them.

use clap::Args;

use super::Exit;
use crate::settings::Settings;
use crate::{logging, serve};

/// Receive webhooks, decide, act, and record why
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  caretaker serve
  caretaker serve --listen 0.0.0.0:8000 --data-dir /var/lib/caretaker
  caretaker serve --config caretaker.yaml

Without any settings it listens on 127.0.0.1:8000, keeps its store in
./caretaker-data, makes up a webhook secret (`caretaker webhook-secret` shows
it) and only observes. Stops on SIGTERM or Ctrl-C within ten seconds; a second
signal is not needed, and nothing that was accepted is lost.")]
pub(super) struct Serve {
    /// Where to listen; port 0 takes a free one, which the log names [default: 127.0.0.1:8000]
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
}

impl Serve {
    /// The settings that its own flags stand for.
    pub(super) fn flags(&self) -> Vec<(&'static str, String)> {
        self.listen
            .iter()
            .map(|listen| ("listen", listen.clone()))
            .collect()
    }

    pub(super) async fn run(&self, settings: Settings) -> anyhow::Result<Exit> {
        logging::init(settings.log);
        serve::run(settings).await?;
        Ok(Exit::Good)
    }
}
