//! `caretaker deliveries`: what came in and where it stands; what was given up goes back.
//!
//! | Module | What |
//! |---|---|
//! | `given_up` | `redrive` and `drop` |
//! | `view` | a delivery as it is shown |

mod given_up;
mod view;

use anyhow::Context as _;
use caretaker_core::model::{DedupKey, Timestamp};
use caretaker_core::ports::{Standing, StandingItem};
use clap::{Args, Subcommand, value_parser};
use serde::Serialize;

use super::Exit;
use super::moment::Moment;
use super::out::Out;
use super::store::{self, Store};
use crate::settings::Settings;
use given_up::{Drop, Redrive};
use view::{RunView, View, table, word};

/// Deliveries read at once.
const PAGE: u32 = 100;
/// The words of states, as filters take them.
const STATES: [&str; 4] = ["waiting", "open", "closed", "buried"];

/// Look at webhook deliveries, and bring back what was given up
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  caretaker deliveries list --failed
  caretaker deliveries show 72d3162e-cc78-11e3-81ab-4c9367dc0958
  caretaker deliveries redrive --all
  caretaker deliveries drop 72d3162e-cc78-11e3-81ab-4c9367dc0958")]
pub(super) enum Deliveries {
    List(List),
    Show(Show),
    Redrive(Redrive),
    Drop(Drop),
}

/// List deliveries, the youngest first
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  caretaker deliveries list
  caretaker deliveries list --state buried --since 7d --json
  caretaker deliveries list --repo my-org/my-repo --event pull_request --failed

States: waiting (not read yet), open (being handled), closed, buried (given up,
or something in it was). Works while the server runs. How long deliveries are
kept stands in docs/operations.md.

Exit codes: 0 listed, also when there are none; 2 there is no store.")]
pub(super) struct List {
    /// Only in this state
    #[arg(long, value_name = "STATE", value_parser = STATES)]
    state: Option<String>,
    /// Only of this webhook event
    #[arg(long, value_name = "NAME")]
    event: Option<String>,
    /// Only about this repository, by the name it had then
    #[arg(long, value_name = "OWNER/REPO", value_parser = store::named)]
    repo: Option<String>,
    /// Only accepted since: 2026-01-31, 2026-01-31T12:00:00Z, 7d, 12h, 30m
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Only those that failed at least once
    #[arg(long)]
    failed: bool,
    /// Deliveries to list
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = value_parser!(u32).range(1..))]
    limit: u32,
}

/// Show one delivery, what it became, and what stood in its way
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  caretaker deliveries show 72d3162e-cc78-11e3-81ab-4c9367dc0958
  caretaker deliveries show 72d3162e1f3a --json

Exit codes: 0 shown; 2 there is no store, or no such delivery.")]
pub(super) struct Show {
    /// Its key as `list` prints it, a beginning of that, or GitHub's GUID
    #[arg(value_name = "DELIVERY")]
    delivery: String,
}

#[derive(Serialize)]
struct Listed {
    deliveries: Vec<View>,
}

impl Deliveries {
    pub(super) async fn run(&self, settings: &Settings, out: Out) -> anyhow::Result<Exit> {
        match self {
            Self::List(list) => list.run(settings, out).await,
            Self::Show(show) => show.run(settings, out).await,
            Self::Redrive(redrive) => redrive.run(settings, out).await,
            Self::Drop(drop) => drop.run(settings, out).await,
        }
    }
}

impl List {
    async fn run(&self, settings: &Settings, out: Out) -> anyhow::Result<Exit> {
        let since = self.since.as_deref().map(Moment::of).transpose()?;
        let since = since.map(|since| since.first);
        let store = Store::open(settings).await?;
        let mut deliveries = Vec::new();
        let limit = self.limit as usize;
        each(&store, |standing| {
            if self.wants(standing, since) {
                deliveries.push(View::of(standing));
            }
            deliveries.len() < limit
        })
        .await?;
        out.show(&Listed { deliveries }, |listed| table(&listed.deliveries))?;
        Ok(Exit::Good)
    }

    fn wants(&self, standing: &Standing, since: Option<Timestamp>) -> bool {
        let headers = &standing.delivery.headers;
        let named = standing.delivery.envelope.repository.as_ref();
        let about =
            |name: &String| named.is_some_and(|repo| repo.full_name().eq_ignore_ascii_case(name));
        let failed = |standing: &Standing| {
            let tried = |items: &[StandingItem]| {
                items.iter().any(|item| item.put_off > 0 || item.faults > 0)
            };
            standing.is_buried() || tried(&standing.items)
        };
        self.state
            .as_ref()
            .is_none_or(|state| state == word(standing))
            && self
                .event
                .as_ref()
                .is_none_or(|event| event.eq_ignore_ascii_case(&headers.event))
            && self.repo.as_ref().is_none_or(about)
            && since.is_none_or(|since| standing.delivery.received_at >= since)
            && (!self.failed || failed(standing))
    }
}

impl Show {
    async fn run(&self, settings: &Settings, out: Out) -> anyhow::Result<Exit> {
        let store = Store::open(settings).await?;
        let standing = find(&store, &self.delivery).await?;
        let mut view = View::of(&standing);
        let storage = &store.ports.storage;
        for (item, shown) in standing.items.iter().zip(&mut view.items) {
            for attempt in storage.attempts(&item.id, item.generation).await? {
                let run = storage.run(&attempt.run).await?;
                shown.runs.push(RunView {
                    run: attempt.run.to_string(),
                    agent: attempt.agent.to_string(),
                    outcome: attempt.outcome,
                    last_failure: run.and_then(|run| run.last_failure),
                });
            }
        }
        out.show(&view, View::text)?;
        Ok(Exit::Good)
    }
}

/// Goes through what is kept, the youngest first, until told to stop.
async fn each(store: &Store, mut more: impl FnMut(&Standing) -> bool) -> anyhow::Result<()> {
    let mut before = None;
    loop {
        let page = store.ports.storage.standings(before, PAGE).await?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        before = Some(last.place);
        if !page.iter().all(&mut more) {
            return Ok(());
        }
    }
}

/// The delivery that is meant: its key, the beginning of one, or a GUID.
async fn find(store: &Store, named: &str) -> anyhow::Result<Standing> {
    let exact = store.ports.storage.standing(&DedupKey::new(named)).await?;
    if let Some(standing) = exact {
        return Ok(standing);
    }
    let mut found = Vec::new();
    each(store, |standing| {
        let delivery = &standing.delivery;
        let guid = delivery.headers.guid.eq_ignore_ascii_case(named);
        if guid || (named.len() >= 4 && delivery.key.as_str().starts_with(named)) {
            found.push(standing.clone());
        }
        found.len() < 2
    })
    .await?;
    let several = found.len() > 1;
    let one = found.pop().filter(|_| !several);
    one.with_context(|| {
        if several {
            format!("several deliveries are called {named}; give the whole key of one")
        } else {
            format!("no delivery {named} is kept; `caretaker deliveries list` names those that are")
        }
    })
}
