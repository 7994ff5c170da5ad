//! `caretaker pause`: nothing is written on the forge until `caretaker resume`.

use std::fmt::Write as _;

use caretaker_core::drive::pausing;
use caretaker_core::model::{Pause as Paused, RepoKey};
use caretaker_core::ports::PortError;
use clap::Args;
use serde::Serialize;

use super::Exit;
use super::out::Out;
use super::store::{self, Store};
use crate::settings::Settings;

/// The longest reason, in bytes.
const WHY: usize = 500;

/// Write nothing on GitHub until `caretaker resume`, in one repository or everywhere
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  caretaker pause --why \"release day\"
  caretaker pause --repo my-org/my-repo

Events are taken, decided and recorded as ever, and what would be written is
held; `caretaker resume` has those items looked at again. Works beside a
running server, which obeys before its next effect, and without one. It
survives restarts. A call that is under way just now is not taken back.

Exit codes: 0 paused; 2 there is no store, or the repository is not known.")]
pub(super) struct Pause {
    /// Only this repository [default: everywhere]
    #[arg(long, value_name = "OWNER/REPO", value_parser = named)]
    repo: Option<String>,
    /// Why, for those who look at it later; a repeated pause keeps its reason where none is given
    #[arg(long, value_name = "TEXT", value_parser = line)]
    why: Option<String>,
    /// Who says so [default: the user of this process]
    #[arg(long, value_name = "NAME", value_parser = line)]
    by: Option<String>,
}

/// A pause, for people and for programs.
#[derive(Debug, Serialize)]
pub(super) struct View {
    /// `None`: everywhere.
    repository: Option<String>,
    since: String,
    by: String,
    why: Option<String>,
    /// The command that ends it.
    undo: String,
}

#[derive(Serialize)]
struct Told {
    paused: Vec<View>,
    #[serde(skip)]
    consumer: &'static str,
}

impl Pause {
    pub(super) async fn run(&self, settings: &Settings, out: Out) -> anyhow::Result<Exit> {
        let store = Store::open(settings).await?;
        let place = place(&store, self.repo.as_deref()).await?;
        if let Some(key) = &place
            && store.ports.storage.by_key(key).await?.is_none()
        {
            anyhow::bail!(
                "no repository has the key {key}: no delivery has told of one; name it owner/repo, \
                 or make it known with `caretaker run --repo owner/repo`"
            );
        }
        let by = self.by.clone().unwrap_or_else(user);
        let mut why = self.why.clone();
        if why.is_none() {
            let pauses = store.ports.storage.pauses().await?;
            let before = pauses.into_iter().find(|(paused, _)| *paused == place);
            why = before.and_then(|(_, before)| before.why);
        }
        pausing::pause(&store.ports, place.as_ref(), by, why).await?;
        let told = Told {
            paused: all(&store).await?,
            consumer: match store.serving {
                Some(_) => "the server obeys before its next effect",
                None => "no server runs; the next one obeys",
            },
        };
        out.show(&told, Told::text)?;
        Ok(Exit::Good)
    }
}

impl Told {
    fn text(&self) -> String {
        let mut text = lines(&self.paused);
        writeln!(
            text,
            "nothing is written there from now on; {}",
            self.consumer
        )
        .expect("writing to a string cannot fail");
        text
    }
}

impl View {
    /// Where, since when, who and why.
    pub(super) fn said(&self) -> String {
        let place = self.repository.as_deref().unwrap_or("everywhere");
        let why = self.why.as_ref().map(|why| format!(": {why}"));
        format!(
            "{place} since {} by {}{}",
            self.since,
            self.by,
            why.unwrap_or_default()
        )
    }

    /// How to end it.
    pub(super) fn undo(&self) -> &str {
        &self.undo
    }
}

/// What is paused, a line each.
pub(super) fn lines(paused: &[View]) -> String {
    let mut text = String::new();
    for view in paused {
        writeln!(text, "paused     {} (`{}`)", view.said(), view.undo)
            .expect("writing to a string cannot fail");
    }
    text
}

/// Everything that is paused.
pub(super) async fn all(store: &Store) -> Result<Vec<View>, PortError> {
    let mut views = Vec::new();
    for (repo, Paused { at, by, why }) in store.ports.storage.pauses().await? {
        let repository = match &repo {
            None => None,
            Some(key) => {
                let known = store.ports.storage.by_key(key).await?;
                Some(known.map_or_else(|| key.to_string(), |known| known.repo.full_name()))
            }
        };
        let undo = match &repository {
            None => "caretaker resume".to_owned(),
            Some(name) => format!("caretaker resume --repo {name}"),
        };
        views.push(View {
            repository,
            since: at.to_string(),
            by,
            why,
            undo,
        });
    }
    Ok(views)
}

/// The repository that is meant: by its name, or by its key where the name has gone to another. A
/// key need not be known.
pub(super) async fn place(store: &Store, name: Option<&str>) -> anyhow::Result<Option<RepoKey>> {
    Ok(match name {
        None => None,
        Some(name) => match RepoKey::parse(name) {
            Some(key) => Some(key),
            None => Some(store.repo(name).await?.repo.key),
        },
    })
}

/// What [`place`] can find: a repository's name, or its key.
pub(super) fn named(text: &str) -> Result<String, String> {
    match RepoKey::parse(text) {
        Some(_) => Ok(text.to_owned()),
        None => store::named(text),
    }
}

/// One line that can be shown on any terminal.
fn line(text: &str) -> Result<String, String> {
    if text.trim().is_empty() || text.len() > WHY || text.chars().any(char::is_control) {
        return Err(format!("write one line of at most {WHY} bytes"));
    }
    Ok(text.to_owned())
}

fn user() -> String {
    let named = ["SUDO_USER", "USER", "LOGNAME", "USERNAME"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok());
    let named = named.and_then(|name| line(&name).ok());
    named.unwrap_or_else(|| "the command line".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_one_short_line() {
        assert_eq!(line("release day – ü").unwrap(), "release day – ü");
        for wrong in ["", "  ", "a\nb", "\u{1b}[2J", &"x".repeat(501)] {
            assert!(line(wrong).is_err(), "{wrong:?}");
        }
    }
}
