//! `caretaker explain`: why a run, or everybody's last run about an item, came out as it did.

use std::collections::{BTreeMap, BTreeSet};

use caretaker_core::drive::journal;
use caretaker_core::model::{AgentName, Number, Run, Subject, Timestamp};
use caretaker_core::ports::Filter;
use clap::Args;
use serde::Serialize;

use super::Exit;
use super::asked::Asked;
use super::moment::Moment;
use super::out::Out;
use super::store::{self, Store};
use super::view::View;
use crate::settings::Settings;

/// Tell why: the reasons, what was done, what is held and what would lift it
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  caretaker explain my-org/my-repo#7
  caretaker explain https://github.com/my-org/my-repo/pull/7
  caretaker explain 3fa29c
  caretaker explain my-org/my-repo#7 --json
  caretaker explain my-org/my-repo#7 --at 2026-01-31T12:00:00Z
  caretaker explain my-org/my-repo#7 --at 12h

Of an item it shows each agent's last run, open ones included; with --at the
last one that was closed by then. Of a pull request it tells the smallest sets
of acts that would release it, found by asking the gate again. Works while the
server runs.

Exit codes: 0 told; 1 there is no such run; 2 there is no store, or the
question is not understood.")]
pub(super) struct Explain {
    /// A run's id or the beginning of it, owner/repo#7, or the address of its page
    #[arg(value_name = "RUN|OWNER/REPO#N")]
    what: String,
    /// As it stood then: at the end of a day or second, or a span back from now (`7d`, `12h`, `30m`)
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
}

#[derive(Serialize)]
struct Told {
    runs: Vec<View>,
}

impl Explain {
    pub(super) async fn run(&self, settings: &Settings, out: Out) -> anyhow::Result<Exit> {
        let asked = Asked::parse(&self.what)?;
        let at = self.at.as_deref().map(Moment::of).transpose()?;
        let at = at.map(|at| at.last);
        if let (Asked::Run(_), Some(_)) = (&asked, at) {
            anyhow::bail!("a run stays as it is; --at goes with owner/repo#7");
        }
        let store = Store::open(settings).await?;
        let mut runs = match (&asked, at) {
            (Asked::Item(repo, number), Some(at)) => about_then(&store, repo, *number, at).await?,
            (Asked::Item(repo, number), None) => about(&store, repo, *number).await?,
            (Asked::Run(id), _) => store.ports.storage.run(id).await?.into_iter().collect(),
        };
        for run in &mut runs {
            journal::unfold(&store.ports, run).await?;
        }
        let told = Told {
            runs: runs.iter().map(View::released).collect(),
        };
        let nothing = told.runs.is_empty();
        out.show(&told, |told| {
            if nothing {
                return nothing_about(&asked, at);
            }
            let texts: Vec<_> = told.runs.iter().map(View::text).collect();
            texts.join("\n")
        })?;
        Ok(if nothing { Exit::No } else { Exit::Good })
    }
}

/// That there is no run, and what may be done about that.
fn nothing_about(asked: &Asked, at: Option<Timestamp>) -> String {
    match (asked, at) {
        (Asked::Run(id), _) => format!(
            "no run is called `{id}`; its id may be cut, but not so far that it fits two; \
             `caretaker runs` lists them"
        ),
        (Asked::Item(repo, number), Some(at)) => format!(
            "no run about {repo}#{number} was closed by {at}; `caretaker runs --repo {repo}` lists \
             the last ones"
        ),
        (Asked::Item(repo, number), None) => format!(
            "no run about {repo}#{number} yet; `caretaker run --repo {repo} --subject \
             pull/{number}`, or issue/{number}, looks at it now"
        ),
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
        // Those of agents that this build does not know are among the youngest, or not found.
        let mut latest = store.ports.storage.latest(&filter, LATEST).await?;
        for agent in store::agents() {
            // Each by itself: whoever runs often must not hide the others.
            let own = Filter {
                agent: Some(AgentName::new(agent)),
                ..filter.clone()
            };
            latest.extend(store.ports.storage.latest(&own, 1).await?);
        }
        for recorded in latest {
            closed.push((recorded.seq, store::parse(&recorded)?));
        }
    }
    closed.sort_by_key(|(seq, _)| std::cmp::Reverse(*seq));
    runs.extend(closed.into_iter().map(|(_, run)| run));
    let mut seen = BTreeSet::new();
    runs.retain(|run| seen.insert(run.agent.clone()));
    Ok(runs)
}

/// Each agent's last run about an item that was closed by then, youngest first.
async fn about_then(
    store: &Store,
    repo: &str,
    number: Number,
    at: Timestamp,
) -> anyhow::Result<Vec<Run>> {
    let repo = store.repo(repo).await?.repo;
    let mut last: BTreeMap<AgentName, (u64, Run)> = BTreeMap::new();
    for subject in [Subject::Pull(number), Subject::Issue(number)] {
        let filter = Filter {
            repo: Some(repo.key.clone()),
            subject: Some(subject),
            ..Filter::default()
        };
        store
            .each_closed(&filter, async |recorded| {
                let run = store::parse(&recorded)?;
                if run.closed_at.is_some_and(|closed| closed <= at) {
                    last.insert(run.agent.clone(), (recorded.seq, run));
                }
                Ok(())
            })
            .await?;
    }
    let mut runs: Vec<(u64, Run)> = last.into_values().collect();
    runs.sort_by_key(|(seq, _)| std::cmp::Reverse(*seq));
    Ok(runs.into_iter().map(|(_, run)| run).collect())
}
