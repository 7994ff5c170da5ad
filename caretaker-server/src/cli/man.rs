//! `caretaker man`: manual pages, from the command line's own description.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, Command, CommandFactory as _};

use super::{Cli, Exit, files, out};

/// Print a manual page, or write all of them
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  caretaker man | man -l -
  caretaker man journal export | man -l -
  caretaker man --dir ~/.local/share/man/man1

Exit codes: 0 printed or written; 2 there is no such command, or the pages
cannot be written.")]
pub(super) struct Man {
    /// The command, without `caretaker` [default: all of it]
    #[arg(value_name = "COMMAND")]
    command: Vec<String>,
    /// Write a page for every command into this directory
    #[arg(long, value_name = "DIR", conflicts_with = "command")]
    dir: Option<PathBuf>,
}

impl Man {
    pub(super) fn run(&self) -> anyhow::Result<Exit> {
        let pages = pages()?;
        let Some(dir) = &self.dir else {
            let name = [&["caretaker".to_owned()], &self.command[..]].concat();
            let page = pages.get(&name.join("-")).with_context(|| {
                let name = self.command.join(" ");
                format!("there is no command `{name}`; `caretaker help` lists them")
            })?;
            out::line(page.trim_end())?;
            return Ok(Exit::Good);
        };
        let unwritable = || format!("{} cannot be written", dir.display());
        fs::create_dir_all(dir).with_context(unwritable)?;
        for (name, page) in &pages {
            files::write(&dir.join(format!("{name}.1")), page).with_context(unwritable)?;
        }
        Ok(Exit::Good)
    }
}

/// Every page by its name, `caretaker-journal-export`.
fn pages() -> anyhow::Result<BTreeMap<String, String>> {
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    let mut pages = BTreeMap::new();
    add(&command, &mut pages)?;
    Ok(pages)
}

fn add(command: &Command, pages: &mut BTreeMap<String, String>) -> anyhow::Result<()> {
    for below in command.get_subcommands() {
        add(below, pages)?;
    }
    let name = command.get_display_name().unwrap_or(command.get_name());
    let mut bytes = Vec::new();
    clap_mangen::Man::new(command.clone()).render(&mut bytes)?;
    pages.insert(name.to_owned(), String::from_utf8(bytes)?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_a_page_that_is_named_above_it_and_shows_examples() {
        fn check(command: &Command, above: &str, pages: &BTreeMap<String, String>) {
            for below in command.get_subcommands() {
                let name = format!("{above}-{}", below.get_name());
                let page = pages.get(&name);
                let page = page.unwrap_or_else(|| panic!("{name} has no page"));
                assert!(page.contains("Examples:"), "{name}");
                let link = format!("{}(1)", name.replace('-', "\\-"));
                assert!(pages[above].contains(&link), "{above} does not name {link}");
                check(below, &name, pages);
            }
        }
        check(&Cli::command(), "caretaker", &pages().unwrap());
    }
}
