//! `caretaker config init`: a commented file to begin with.

use std::fs;
use std::path::PathBuf;

use anyhow::Context as _;
use caretaker_core::config::{PATH, starter};
use clap::Args;
use serde::Serialize;

use super::super::Exit;
use super::super::files;
use super::super::out::{self, Out};

/// Write a configuration file to begin with: every key with its meaning, commented out
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  caretaker config init
  caretaker config init my-repo/.github/maintainer/config.yml
  caretaker config init --stdout | less

The file only observes, as no file does: its mode is to be raised by hand. What
is there already is never overwritten.

Exit codes: 0 written; 1 there is such a file already; 2 it cannot be written.")]
pub(in crate::cli) struct Init {
    /// Where to write it
    #[arg(value_name = "FILE", default_value = PATH)]
    file: PathBuf,
    /// Print it instead
    #[arg(long, conflicts_with = "file")]
    stdout: bool,
}

#[derive(Serialize)]
struct Written {
    file: String,
    written: bool,
}

impl Init {
    pub(super) fn run(&self, out: Out) -> anyhow::Result<Exit> {
        if self.stdout {
            out::line(starter::render().trim_end())?;
            return Ok(Exit::Good);
        }
        let name = self.file.display().to_string();
        let unwritable = || format!("{name} cannot be written");
        if let Some(folder) = self.file.parent() {
            fs::create_dir_all(folder).with_context(unwritable)?;
        }
        let written = files::write_new(&self.file, &starter::render()).with_context(unwritable)?;
        let exit = if written { Exit::Good } else { Exit::No };
        out.show(
            &Written {
                file: name,
                written,
            },
            Written::text,
        )?;
        Ok(exit)
    }
}

impl Written {
    fn text(&self) -> String {
        let file = &self.file;
        if self.written {
            format!("{file}: written; raise safety.mode when you trust it, then commit it")
        } else {
            format!(
                "{file} is there already and stays as it is; \
                 `caretaker config init --stdout` shows what would be written"
            )
        }
    }
}
