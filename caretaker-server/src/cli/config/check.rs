//! `caretaker config check`: everything that is wrong with a file, by line.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use caretaker_core::config::{self, Problem};
use clap::Args;
use serde::Serialize;

use super::super::Exit;
use super::super::files::{read_input, text_of};
use super::super::out::Out;

/// Report everything that is wrong with a file, by line
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  caretaker config check .github/maintainer/config.yml
  git show main:.github/maintainer/config.yml | caretaker config check - --json

Exit codes: 0 valid; 1 invalid; 2 the file cannot be read.")]
pub(in crate::cli) struct Check {
    /// The file, or - for stdin
    #[arg(value_name = "FILE|-")]
    file: PathBuf,
}

/// What reading a file gave.
#[derive(Serialize)]
pub(in crate::cli) struct Checked {
    file: String,
    valid: bool,
    problems: Vec<Problem>,
    notes: Vec<Problem>,
    /// The settings of a valid file.
    #[serde(skip)]
    pub(in crate::cli) config: Option<config::Config>,
    /// Where its values stand, by path.
    #[serde(skip)]
    pub(in crate::cli) lines: BTreeMap<String, u32>,
}

impl Check {
    pub(super) fn run(&self, out: Out) -> anyhow::Result<Exit> {
        let checked = Checked::read(&self.file)?;
        out.show(&checked, Checked::text)?;
        Ok(if checked.valid { Exit::Good } else { Exit::No })
    }
}

impl Checked {
    /// Reads and checks a file, or stdin for `-`.
    pub(in crate::cli) fn read(file: &Path) -> anyhow::Result<Self> {
        let name = file.display();
        let text = text_of(read_input(file)?, &name.to_string())?;
        let parsed = config::Config::parse(&text);
        Ok(Self {
            file: if file.as_os_str() == "-" {
                "stdin".to_owned()
            } else {
                name.to_string()
            },
            valid: parsed.config.is_some(),
            problems: parsed.problems,
            notes: parsed.notes,
            config: parsed.config,
            lines: parsed.lines,
        })
    }

    /// Its problems and notes, a line each, and what they come to.
    pub(in crate::cli) fn text(&self) -> String {
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
