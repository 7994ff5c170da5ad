//! `caretaker config`: a repository's configuration file: begin one, check it, print its schema.

mod check;

use caretaker_core::config::schema;
use clap::{Args, Subcommand};

pub(super) use self::check::Checked;
use super::Exit;
use super::out::{self, Out};

/// Work on the configuration of a repository
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  caretaker config check .github/maintainer/config.yml
  caretaker config schema > config.schema.json")]
pub(super) enum Config {
    Check(check::Check),
    Schema(Schema),
}

/// Print the JSON Schema of the configuration file, for editors
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  caretaker config schema > config.schema.json")]
pub(super) struct Schema {}

impl Config {
    pub(super) fn run(&self, out: Out) -> anyhow::Result<Exit> {
        match self {
            Self::Check(check) => check.run(out),
            Self::Schema(Schema {}) => {
                out::line(schema::render().trim_end())?;
                Ok(Exit::Good)
            }
        }
    }
}
