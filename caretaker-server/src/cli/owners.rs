//! `caretaker owners`: how a CODEOWNERS file is read.

use std::fmt::Write as _;
use std::path::PathBuf;

use caretaker_core::explain::plain;
use caretaker_core::merge_gate::code_owners::{self, CodeOwners, Owned, Owner};
use clap::Args;
use serde::Serialize;

use super::Exit;
use super::files::read_input;
use super::out::Out;

/// Report what is wrong with a CODEOWNERS file, and who owns a path
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  caretaker owners .github/CODEOWNERS
  caretaker owners .github/CODEOWNERS src/main.rs docs/guide.md
  git show main:CODEOWNERS | caretaker owners - src/main.rs --json

The file is read as GitHub reads it: the last line that matches a path decides
alone, and a line with anything wrong in it is skipped as a whole, so that what
it should protect is not. Whether an account or team exists is not looked up.

Exit codes: 0 every line counts; 1 lines are skipped, or the file is too big to
count; 2 it cannot be read.")]
pub(super) struct Owners {
    /// The file, or - for stdin
    #[arg(value_name = "FILE|-")]
    file: PathBuf,
    /// Files of the repository, from its root
    #[arg(value_name = "PATH")]
    paths: Vec<String>,
}

/// What reading a file gave.
#[derive(Serialize)]
struct Read {
    file: String,
    too_large: bool,
    problems: Vec<Problem>,
    /// Skipped lines beyond those.
    more_problems: usize,
    paths: Vec<Of>,
}

#[derive(Serialize)]
struct Problem {
    line: usize,
    says: String,
}

/// Who owns a path. No line: none matches. A line and no owners: it leaves the path to nobody.
#[derive(Serialize)]
struct Of {
    path: String,
    line: Option<usize>,
    owners: Vec<String>,
}

impl Owners {
    pub(super) fn run(&self, out: Out) -> anyhow::Result<Exit> {
        let owners = code_owners::parse(&read_input(&self.file)?);
        let read = Read {
            file: if self.file.as_os_str() == "-" {
                "stdin".to_owned()
            } else {
                self.file.display().to_string()
            },
            too_large: owners.too_large,
            problems: problems(&owners),
            more_problems: owners.more_problems,
            paths: self.paths.iter().map(|path| of(&owners, path)).collect(),
        };
        out.show(&read, Read::text)?;
        Ok(if read.too_large || !read.problems.is_empty() {
            Exit::No
        } else {
            Exit::Good
        })
    }
}

fn problems(owners: &CodeOwners) -> Vec<Problem> {
    let problem = |problem: &code_owners::LineProblem| Problem {
        line: problem.line,
        says: problem.fault.to_string(),
    };
    owners.problems.iter().map(problem).collect()
}

fn of(owners: &CodeOwners, path: &str) -> Of {
    // As shells complete it, and as GitHub's own patterns may begin.
    let from_root = path.strip_prefix("./").unwrap_or(path);
    let from_root = from_root.strip_prefix('/').unwrap_or(from_root);
    let (line, owners) = match owners.owners_of(from_root) {
        Owned::NoRule => (None, &[][..]),
        Owned::Nobody { line } => (Some(line), &[][..]),
        Owned::By { owners, line } => (Some(line), owners),
    };
    Of {
        path: from_root.to_owned(),
        line,
        owners: owners.iter().map(name).collect(),
    }
}

fn name(owner: &Owner) -> String {
    match owner {
        Owner::Party(party) => format!("@{party}"),
        Owner::Email(address) => address.clone(),
    }
}

impl Read {
    fn text(&self) -> String {
        let mut text = String::new();
        let mut say = |line: std::fmt::Arguments<'_>| {
            writeln!(text, "{line}").expect("writing to a string cannot fail");
        };
        let file = &self.file;
        for problem in &self.problems {
            say(format_args!(
                "{file} line {}: skipped: {}",
                problem.line, problem.says
            ));
        }
        for path in &self.paths {
            let name = plain(&path.path);
            match path.line {
                None => say(format_args!("{name}: nobody's, no line matches it")),
                Some(line) if path.owners.is_empty() => {
                    say(format_args!("{name}: nobody's, by line {line}"));
                }
                Some(line) => {
                    let owners = plain(&path.owners.join(" or "));
                    say(format_args!("{name}: {owners}, by line {line}"));
                }
            }
        }
        match self.problems.len() + self.more_problems {
            _ if self.too_large => say(format_args!(
                "{file}: bigger than GitHub reads, so that it counts as absent; shorten it"
            )),
            0 => say(format_args!("{file}: every line counts")),
            1 => say(format_args!("{file}: 1 line is skipped")),
            n => say(format_args!("{file}: {n} lines are skipped")),
        }
        text
    }
}
