//! `caretaker completions`: what a shell completes, from the command line's own description.

use clap::{Args, CommandFactory as _, ValueEnum};
use clap_complete::generate;

use super::{Cli, Exit, out};

/// Print the completions of a shell
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  caretaker completions bash > ~/.local/share/bash-completion/completions/caretaker
  caretaker completions zsh > ~/.zfunc/_caretaker
  caretaker completions fish > ~/.config/fish/completions/caretaker.fish

zsh looks into ~/.zfunc when `fpath+=~/.zfunc` stands in ~/.zshrc before
`compinit`.")]
pub(super) struct Completions {
    /// The shell
    shell: Shell,
}

/// Shells with completions.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Shell {
    Bash,
    Zsh,
    Fish,
}

impl Completions {
    pub(super) fn run(&self) -> anyhow::Result<Exit> {
        out::line(render(self.shell)?.trim_end())?;
        Ok(Exit::Good)
    }
}

fn render(shell: Shell) -> anyhow::Result<String> {
    let shell = match shell {
        Shell::Bash => clap_complete::Shell::Bash,
        Shell::Zsh => clap_complete::Shell::Zsh,
        Shell::Fish => clap_complete::Shell::Fish,
    };
    let mut bytes = Vec::new();
    generate(shell, &mut Cli::command(), "caretaker", &mut bytes);
    Ok(String::from_utf8(bytes)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_is_completed_in_every_shell() {
        fn check(command: &clap::Command, above: &[&str], shell: Shell, text: &str) {
            for below in command.get_subcommands() {
                let path = [above, &[below.get_name()]].concat();
                let said = match shell {
                    // One case of the state machine for each command.
                    Shell::Bash => format!(
                        "caretaker__subcmd__{})",
                        path.join("__subcmd__").replace('-', "__subcmd__")
                    ),
                    Shell::Zsh => {
                        format!("_caretaker__subcmd__{}_commands()", path.join("__subcmd__"))
                    }
                    Shell::Fish => format!("-a \"{}\"", below.get_name()),
                };
                assert!(text.contains(&said), "{shell:?} has no {said}");
                check(below, &path, shell, text);
            }
        }
        for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
            check(&Cli::command(), &[], shell, &render(shell).unwrap());
        }
    }
}
