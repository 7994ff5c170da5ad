//! `caretaker runs`: what was decided lately, and what is still open.

use caretaker_core::model::{RepoKey, Run};
use caretaker_core::ports::Filter;
use clap::{Args, value_parser};
use serde::Serialize;

use super::Exit;
use super::out::{self, Out};
use super::store::{self, Store};
use super::view::{View, short};
use crate::settings::Settings;

/// Open runs read at most.
const OPEN: u32 = 1_000;

/// List open runs with what stands in their way, and the last closed ones
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  caretaker runs
  caretaker runs --repo my-org/my-repo --agent stale --limit 5
  caretaker runs --outcome buried --json

Works while the server runs. `caretaker explain RUN` tells the reasons of one.

Exit codes: 0 listed, also when there are none; 2 there is no store, or the
repository or agent is not known.")]
pub(super) struct Runs {
    /// Only of this repository
    #[arg(long, value_name = "OWNER/REPO", value_parser = store::named)]
    repo: Option<String>,
    /// Only of this agent
    #[arg(long, value_name = "NAME")]
    agent: Option<String>,
    /// Only closed ones with this outcome
    #[arg(long, value_name = "WORD", value_parser = store::OUTCOMES)]
    outcome: Option<String>,
    /// Closed runs to list
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = value_parser!(u32).range(1..))]
    limit: u32,
}

#[derive(Serialize)]
struct Listed {
    open: Vec<View>,
    closed: Vec<View>,
    #[serde(skip)]
    text: String,
}

impl Runs {
    pub(super) async fn run(&self, settings: &Settings, out: Out) -> anyhow::Result<Exit> {
        let agent = self.agent.as_deref().map(store::agent).transpose()?;
        let store = Store::open(settings).await?;
        let repo = match &self.repo {
            Some(name) => Some(store.repo(name).await?.repo.key),
            None => None,
        };
        let filter = Filter {
            repo,
            agent,
            outcome: self.outcome.clone(),
            ..Filter::default()
        };
        let mut open = Vec::new();
        if self.outcome.is_none() {
            open = store.ports.storage.open_runs(OPEN).await?;
            open.retain(|run| {
                let here = |key: &RepoKey| run.repo.as_ref().is_some_and(|at| at.key == *key);
                filter.repo.as_ref().is_none_or(here)
                    && filter
                        .agent
                        .as_ref()
                        .is_none_or(|agent| run.agent == *agent)
            });
        }
        let mut closed = Vec::new();
        for recorded in store.ports.storage.latest(&filter, self.limit).await? {
            closed.push(store::parse(&recorded)?);
        }
        let listed = Listed {
            open: open.iter().map(View::of).collect(),
            closed: closed.iter().map(View::of).collect(),
            text: text(&open, &closed),
        };
        out.show(&listed, |listed| listed.text.clone())?;
        Ok(Exit::Good)
    }
}

fn text(open: &[Run], closed: &[Run]) -> String {
    let mut text = String::new();
    if !open.is_empty() {
        let head = [
            "OPEN SINCE",
            "RUN",
            "AGENT",
            "ABOUT",
            "PUT OFF",
            "LAST FAILURE",
        ];
        let rows = open.iter().map(|run| {
            let failure = run.last_failure.clone();
            let started = run.looked.is_some();
            [
                run.opened_at.to_string(),
                short(&run.id).to_owned(),
                run.agent.to_string(),
                about(run),
                run.blocked.to_string(),
                failure.unwrap_or_else(|| if started { "effects begun" } else { "–" }.to_owned()),
            ]
        });
        let head = std::iter::once(head.map(str::to_owned));
        text.push_str(&out::table(&head.chain(rows).collect::<Vec<_>>()));
        text.push('\n');
    }
    if closed.is_empty() {
        text.push_str("no closed runs\n");
        return text;
    }
    let head = ["CLOSED", "RUN", "AGENT", "ABOUT", "VERDICT", "OUTCOME"].map(str::to_owned);
    let rows = closed.iter().map(|run| {
        let verdict = run.decision.as_ref().map(|d| d.verdict.clone());
        [
            run.closed_at.map(|at| at.to_string()).unwrap_or_default(),
            short(&run.id).to_owned(),
            run.agent.to_string(),
            about(run),
            verdict.unwrap_or_else(|| "–".to_owned()),
            run.outcome.as_ref().map_or("open", |o| o.word()).to_owned(),
        ]
    });
    text.push_str(&out::table(
        &std::iter::once(head).chain(rows).collect::<Vec<_>>(),
    ));
    text
}

fn about(run: &Run) -> String {
    format!("{} {}", store::repo_name(run), run.task.event.subject)
}
