//! `caretaker explain`: why a run, or everybody's last run about an item, came out as it did.

use std::collections::BTreeSet;

use caretaker_core::model::{Number, Run, RunId, Subject};
use caretaker_core::ports::Filter;
use clap::Args;
use serde::Serialize;

use super::Exit;
use super::out::Out;
use super::store::{self, Store};
use super::view::View;
use crate::settings::Settings;

/// Tell why: the reasons, what was done, what is held and what would lift it
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  caretaker explain my-org/my-repo#7
  caretaker explain 3fa29c
  caretaker explain my-org/my-repo#7 --json

Of an item it shows each agent's last run, open ones included. Works while the server runs.

Exit codes: 0 told; 1 there is no such run; 2 there is no store, or the
question is not understood.")]
pub(super) struct Explain {
    /// A run's id or the beginning of it, or owner/repo#7
    #[arg(value_name = "RUN|OWNER/REPO#N")]
    what: String,
}

#[derive(Serialize)]
struct Told {
    runs: Vec<View>,
}

impl Explain {
    pub(super) async fn run(&self, settings: &Settings, out: Out) -> anyhow::Result<Exit> {
        let store = Store::open(settings).await?;
        let runs = if let Some((repo, number)) = self.what.split_once('#') {
            let number = number.parse().map_err(|_no_number| {
                anyhow::anyhow!("`{}` names no item; write owner/repo#7", self.what)
            })?;
            about(&store, repo, Number::new(number)).await?
        } else {
            let id = RunId::new(&self.what);
            store.ports.storage.run(&id).await?.into_iter().collect()
        };
        let told = Told {
            runs: runs.iter().map(View::of).collect(),
        };
        let nothing = told.runs.is_empty();
        out.show(&told, |told| {
            if nothing {
                return format!(
                    "no run about `{}`; a run's id may be cut, but not so far that it fits two; \
                     `caretaker runs` lists them",
                    self.what
                );
            }
            let texts: Vec<_> = told.runs.iter().map(View::text).collect();
            texts.join("\n")
        })?;
        Ok(if nothing { Exit::No } else { Exit::Good })
    }
}

/// Each agent's last run about an item, youngest first; an open one goes before closed ones.
async fn about(store: &Store, repo: &str, number: Number) -> anyhow::Result<Vec<Run>> {
    const LATEST: u32 = 200;
    const OPEN: u32 = 1_000;
    let repo = store.repo(repo).await?.repo;
    let subjects = [Subject::Pull(number), Subject::Issue(number)];
    let mut runs: Vec<Run> = store.ports.storage.open_runs(OPEN).await?;
    runs.retain(|run| {
        let here = run.repo.as_ref().is_some_and(|at| at.key == repo.key);
        here && subjects.contains(&run.task.event.subject)
    });
    let mut closed = Vec::new();
    for subject in subjects {
        let filter = Filter {
            repo: Some(repo.key.clone()),
            subject: Some(subject),
            ..Filter::default()
        };
        for recorded in store.ports.storage.latest(&filter, LATEST).await? {
            closed.push((recorded.seq, store::parse(&recorded)?));
        }
    }
    closed.sort_by_key(|(seq, _)| std::cmp::Reverse(*seq));
    runs.extend(closed.into_iter().map(|(_, run)| run));
    let mut seen = BTreeSet::new();
    runs.retain(|run| seen.insert(run.agent.clone()));
    Ok(runs)
}
