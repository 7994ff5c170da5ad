//! `caretaker config`: a repository's configuration file: begin one, check it, print its schema.

mod check;
mod effective;
mod init;

use caretaker_core::config::schema;
use clap::{Args, Subcommand};

pub(super) use self::check::Checked;
use super::Exit;
use super::out::{self, Out};
use crate::settings::Settings;

/// Work on the configuration of a repository
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  caretaker config init
  caretaker config check .github/maintainer/config.yml
  caretaker config effective my-org/my-repo safety
  caretaker config schema > config.schema.json")]
pub(super) enum Config {
    Init(init::Init),
    Check(check::Check),
    Effective(effective::Effective),
    Schema(Schema),
}

/// Print the JSON Schema of the configuration file, for editors
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  caretaker config schema > config.schema.json")]
pub(super) struct Schema {}

impl Config {
    pub(super) async fn run(
        &self,
        settings: impl FnOnce() -> anyhow::Result<Settings>,
        out: Out,
    ) -> anyhow::Result<Exit> {
        match self {
            Self::Init(init) => init.run(out),
            Self::Check(check) => check.run(out),
            Self::Effective(effective) => effective.run(settings, out).await,
            Self::Schema(Schema {}) => {
                out::line(schema::render().trim_end())?;
                Ok(Exit::Good)
            }
        }
    }
}
