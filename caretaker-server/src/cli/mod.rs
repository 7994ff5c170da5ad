//! The command line: one file for each command, results on stdout, everything else on stderr.
//!
//! Exit codes are the same everywhere: 0 as hoped, 1 the answer is no, 2 wrong usage or something
//! that is needed is missing. `replay` and `run` have one more each.

mod agents;
mod ask;
mod asked;
mod attention;
mod backup;
mod completions;
mod config;
mod deliveries;
mod doctor;
mod explain;
mod files;
mod interrupt;
mod journal;
mod man;
mod moment;
mod out;
mod owners;
mod pause;
mod progress;
mod replay;
mod restore;
mod resume;
mod route;
mod run;
mod runs;
mod serve;
mod status;
mod store;
mod view;
mod webhook_secret;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Parser, Subcommand};

use crate::settings::{Settings, Sources};
use out::Out;

/// Keeps the repositories of an organisation in order: decides about pull requests and issues,
/// records every decision with its reasons, and can replay each of them.
#[derive(Debug, Parser)]
#[command(name = "caretaker", version, after_help = EXIT_CODES)]
struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "\
Exit codes: 0 as hoped; 1 the answer is no; 2 wrong usage, or something that is
needed is missing. Where a command has others, its own help names them.";

/// What every command takes.
#[derive(Debug, Args)]
struct Common {
    /// Settings in YAML; see docs/settings.md
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where the store lies [default: ./caretaker-data]
    #[arg(long, global = true, value_name = "DIR")]
    data_dir: Option<String>,
    /// Print the result as JSON
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::Serve),
    Agents(agents::Agents),
    Route(route::Route),
    Replay(replay::Replay),
    Explain(explain::Explain),
    Runs(runs::Runs),
    #[command(subcommand)]
    Deliveries(deliveries::Deliveries),
    Status(status::Status),
    Pause(pause::Pause),
    Resume(resume::Resume),
    Backup(backup::Backup),
    Restore(restore::Restore),
    Run(run::Run),
    #[command(subcommand)]
    Journal(journal::Journal),
    #[command(subcommand)]
    Config(config::Config),
    Owners(owners::Owners),
    Ask(ask::Ask),
    WebhookSecret(webhook_secret::WebhookSecret),
    Doctor(doctor::Doctor),
    Completions(completions::Completions),
    Man(man::Man),
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Exit {
    /// As hoped.
    Good,
    /// The answer is no.
    No,
    /// What the command needs is missing.
    Missing,
    /// Evidence was removed by retention.
    Gone,
    /// The server does not take what it was given.
    Silent,
}

impl Exit {
    fn code(self) -> u8 {
        match self {
            Self::Good => 0,
            Self::No => 1,
            Self::Missing => 2,
            Self::Gone => 3,
            Self::Silent => 4,
        }
    }
}

/// Reads the process's arguments and does what they say.
pub async fn main() -> ExitCode {
    let cli = Cli::parse();
    match Box::pin(run(cli)).await {
        Ok(exit) => ExitCode::from(exit.code()),
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            out::complain(format_args!("caretaker: {error:#}"));
            ExitCode::from(Exit::Missing.code())
        }
    }
}

/// Whoever read our output has seen enough.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

async fn run(cli: Cli) -> anyhow::Result<Exit> {
    let out = Out::new(cli.common.json);
    let common = &cli.common;
    match cli.command {
        Command::Serve(command) => command.run(common.settings(command.flags())?).await,
        Command::Agents(command) => command.run(out),
        Command::Route(command) => command.run(out),
        Command::Replay(command) => {
            // Its --config is a repository's: the same id, so it stands there in `common` too.
            let settings = command.settings();
            let settings = command
                .reads_the_store()
                .then(|| common.settings_of(settings, []));
            command.run(settings.transpose()?.as_ref(), out).await
        }
        Command::Explain(command) => command.run(&common.settings([])?, out).await,
        Command::Runs(command) => command.run(&common.settings([])?, out).await,
        Command::Deliveries(command) => command.run(&common.settings([])?, out).await,
        Command::Status(command) => command.run(&common.settings([])?, out).await,
        Command::Pause(command) => command.run(&common.settings([])?, out).await,
        Command::Resume(command) => command.run(&common.settings([])?, out).await,
        Command::Backup(command) => command.run(&common.settings([])?, out).await,
        Command::Restore(command) => command.run(&common.settings([])?, out).await,
        Command::Run(command) => {
            let settings = common.settings([])?;
            crate::logging::init(settings.log);
            Box::pin(command.run(&settings, out)).await
        }
        Command::Journal(command) => command.run(&common.settings([])?).await,
        Command::Config(command) => command.run(|| common.settings([]), out).await,
        Command::Owners(command) => command.run(out),
        Command::Ask(command) => Box::pin(command.run(|| common.settings([]), out)).await,
        Command::WebhookSecret(command) => command.run(&common.settings([])?, out),
        Command::Doctor(command) => command.run(&common.settings([])?, out).await,
        Command::Completions(command) => command.run(),
        Command::Man(command) => command.run(),
    }
}

impl Common {
    /// The settings of this process; `flags` are those of the command itself.
    fn settings(
        &self,
        flags: impl IntoIterator<Item = (&'static str, String)>,
    ) -> anyhow::Result<Settings> {
        self.settings_of(self.config.as_deref(), flags)
    }

    /// The same with a file of its own.
    fn settings_of(
        &self,
        file: Option<&Path>,
        flags: impl IntoIterator<Item = (&'static str, String)>,
    ) -> anyhow::Result<Settings> {
        let file = match file {
            None => None,
            Some(path) => {
                let name = path.display().to_string();
                let text = files::read_file(path)
                    .with_context(|| format!("{name} was named as the server's settings"))?;
                Some((name, text))
            }
        };
        let env: BTreeMap<String, String> = std::env::vars_os()
            .filter_map(|(name, text)| Some((name.into_string().ok()?, text.into_string().ok()?)))
            .collect();
        let data_dir = self.data_dir.clone().map(|dir| ("data_dir", dir));
        let flags = flags.into_iter().chain(data_dir).collect();
        Ok(Settings::load(&Sources { file, env, flags })?)
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::settings;

    #[test]
    fn the_arguments_are_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_shows_examples() {
        fn check(command: &clap::Command) {
            for below in command.get_subcommands() {
                if below.has_subcommands() {
                    check(below);
                } else {
                    let help = below.clone().render_long_help().to_string();
                    assert!(
                        help.contains("Examples:\n  caretaker "),
                        "{}",
                        below.get_name()
                    );
                }
            }
        }
        check(&Cli::command());
    }

    #[test]
    fn no_sentence_is_torn_on_a_narrow_terminal() {
        fn check(command: &clap::Command) {
            let text = command.get_after_help().map(ToString::to_string);
            for line in text.unwrap_or_default().lines() {
                // Examples are commands, which are as long as they are.
                let fits = line.starts_with("  ") || line.chars().count() < 80;
                assert!(fits, "{}: {line}", command.get_name());
            }
            command.get_subcommands().for_each(check);
        }
        check(&Cli::command());
    }

    #[test]
    fn flags_of_settings_are_flags_of_the_command_line() {
        let command = Cli::command();
        let known: Vec<String> = command
            .get_subcommands()
            .chain([&command])
            .flat_map(clap::Command::get_arguments)
            .filter_map(|arg| arg.get_long())
            .map(|long| format!("--{long}"))
            .collect();
        for flag in settings::every().filter_map(|setting| setting.flag) {
            assert!(known.iter().any(|name| name == flag), "{flag}");
        }
    }
}
