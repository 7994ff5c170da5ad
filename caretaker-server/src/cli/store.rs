//! The store as commands read it: beside a running server, or without one.

use std::sync::Arc;

use anyhow::Context as _;
use caretaker_core::agents;
use caretaker_core::drive::journal;
use caretaker_core::drive::opening::INTAKE;
use caretaker_core::model::{AgentName, RepoRef, Run};
use caretaker_core::ports::{Clock, Filter, KnownRepo, Ports, Recorded, Storage};
use caretaker_wiring::clock::SystemClock;
use caretaker_wiring::forge::GithubForge;
use caretaker_wiring::storage::{self, Access};

use crate::settings::Settings;

/// Records read at once.
const PAGE: u32 = 256;

/// The words of outcomes, as filters take them.
pub(super) const OUTCOMES: [&str; 9] = [
    "decided",
    "unheard",
    "superseded",
    "expired",
    "halted",
    "buried",
    "overtaken",
    "interrupted",
    "panicked",
];

/// What commands are given: ports, and the forge as what it is.
pub(super) struct Store {
    pub(super) ports: Ports,
    pub(super) forge: Arc<GithubForge>,
    /// The process that serves the store; 0 while it has not written its id.
    pub(super) serving: Option<u32>,
}

impl Store {
    /// Opens what is there; creates nothing.
    pub(super) async fn open(settings: &Settings) -> anyhow::Result<Self> {
        let storage = settings.open_storage(Access::Beside).await?;
        Self::over(settings, storage)
    }

    /// Puts ports around a storage.
    pub(super) fn over(settings: &Settings, storage: Arc<dyn Storage>) -> anyhow::Result<Self> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::start());
        let forge = settings.open_forge(Arc::clone(&clock))?;
        let serving = storage::serving(&settings.storage_config()).with_context(|| {
            let dir = settings.data_dir.display();
            format!("{dir} cannot be used; name a directory with --data-dir")
        })?;
        Ok(Self {
            ports: Ports {
                forge: Arc::<GithubForge>::clone(&forge),
                storage,
                clock,
            },
            forge,
            serving,
        })
    }

    /// The repository that bears a name.
    pub(super) async fn repo(&self, name: &str) -> anyhow::Result<KnownRepo> {
        let (owner, repo) = split(name)?;
        let known = self.ports.storage.by_name(owner, repo).await?;
        known.with_context(|| {
            format!(
                "nothing is known of {name} yet: no delivery has told of it; \
                 `caretaker run --repo {name}` makes it known"
            )
        })
    }

    /// A closed run as it was recorded, large answers brought back as far as they are kept.
    pub(super) async fn unfolded(&self, recorded: &Recorded) -> anyhow::Result<Run> {
        let mut run = parse(recorded)?;
        journal::unfold(&self.ports, &mut run).await?;
        Ok(run)
    }

    /// Hands on every closed run, oldest first.
    pub(super) async fn each_closed(
        &self,
        filter: &Filter,
        mut each: impl AsyncFnMut(Recorded) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let mut after = 0;
        loop {
            let page = self.ports.storage.closed(filter, after, PAGE).await?;
            let Some(last) = page.last() else {
                return Ok(());
            };
            after = last.seq;
            for recorded in page {
                each(recorded).await?;
            }
        }
    }
}

/// Every name under which this build records runs; the door's own comes last.
pub(super) fn agents() -> impl Iterator<Item = &'static str> {
    let known = agents::all().map(|agent| agent.manifest().name);
    known.chain([INTAKE])
}

/// An agent's name as records have it; the door's own among them.
pub(super) fn agent(name: &str) -> anyhow::Result<AgentName> {
    let known: Vec<_> = agents().collect();
    anyhow::ensure!(
        known.contains(&name),
        "there is no agent `{name}`; there are {}",
        known.join(", ")
    );
    Ok(AgentName::new(name))
}

/// A record as a run.
pub(super) fn parse(recorded: &Recorded) -> anyhow::Result<Run> {
    serde_json::from_str(&recorded.line)
        .with_context(|| format!("record {} of the journal cannot be read", recorded.seq))
}

/// `owner/repo` in its parts.
pub(super) fn split(name: &str) -> anyhow::Result<(&str, &str)> {
    let may_be = |part: &str| {
        let known = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        !part.is_empty() && part.chars().all(known)
    };
    name.split_once('/')
        .filter(|(owner, repo)| may_be(owner) && may_be(repo))
        .with_context(|| format!("`{name}` names no repository; write owner/repo"))
}

/// `owner/repo` as the command line takes it, whether or not anything is known of it.
///
/// # Errors
/// When it is not of that form; says which is.
pub(super) fn named(text: &str) -> Result<String, String> {
    let named = split(text).map(|_parts| text.to_owned());
    named.map_err(|_error| "write owner/repo".to_owned())
}

/// The name of a run's repository.
pub(super) fn repo_name(run: &Run) -> String {
    run.repo
        .as_ref()
        .map_or_else(|| run.task.event.scope.to_string(), RepoRef::full_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_has_exactly_two_parts() {
        assert_eq!(split("a/b").unwrap(), ("a", "b"));
        for wrong in ["a", "a/", "/b", "a/b/c", "a/b#7", "a/b c"] {
            assert!(split(wrong).is_err(), "{wrong}");
        }
    }
}
