//! `caretaker config`: checks a repository's configuration file, prints its schema.

use std::fmt::Write as _;
use std::path::PathBuf;

use caretaker_core::config::{self, Problem, schema};
use clap::{Args, Subcommand};
use serde::Serialize;

use super::out::{self, Out};
use super::{Exit, read_input};

/// Check the configuration of a repository
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  caretaker config check .github/maintainer/config.yml
  caretaker config schema > config.schema.json")]
pub(super) enum Config {
    Check(Check),
    Schema(Schema),
}

/// Report everything that is wrong with a file, by line
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  caretaker config check .github/maintainer/config.yml
  git show main:.github/maintainer/config.yml | caretaker config check - --json

Exit codes: 0 valid; 1 invalid; 2 the file cannot be read.")]
pub(super) struct Check {
    /// The file, or - for stdin
    #[arg(value_name = "FILE|-")]
    file: PathBuf,
}

/// Print the JSON Schema of the configuration file, for editors
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  caretaker config schema > config.schema.json")]
pub(super) struct Schema {}

#[derive(Serialize)]
struct Checked {
    file: String,
    valid: bool,
    problems: Vec<Problem>,
    notes: Vec<Problem>,
}

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

impl Check {
    fn run(&self, out: Out) -> anyhow::Result<Exit> {
        let bytes = read_input(&self.file)?;
        let name = self.file.display();
        let text = String::from_utf8(bytes).map_err(|error| {
            let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            let line = good.split(|byte| *byte == b'\n').count();
            anyhow::anyhow!("{name} line {line}: it is not UTF-8 text; save it as UTF-8")
        })?;
        let parsed = config::Config::parse(&text);
        let checked = Checked {
            file: if self.file.as_os_str() == "-" {
                "stdin".to_owned()
            } else {
                name.to_string()
            },
            valid: parsed.config.is_some(),
            problems: parsed.problems,
            notes: parsed.notes,
        };
        out.show(&checked, Checked::text)?;
        Ok(if checked.valid { Exit::Good } else { Exit::No })
    }
}

impl Checked {
    fn text(&self) -> String {
        let mut text = String::new();
        let mut say = |line: std::fmt::Arguments<'_>| {
            writeln!(text, "{line}").expect("writing to a string cannot fail");
        };
        let name = &self.file;
        for problem in &self.problems {
            say(format_args!("{name} {problem}"));
        }
        for note in &self.notes {
            say(format_args!("{name} {note} (note)"));
        }
        match self.problems.len() {
            0 => say(format_args!("{name}: valid")),
            1 => say(format_args!("{name}: invalid, 1 problem")),
            n => say(format_args!("{name}: invalid, {n} problems")),
        }
        text
    }
}
