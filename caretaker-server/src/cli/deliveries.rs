//! `caretaker deliveries`: what came in and where it stands; what was given up goes back.

use anyhow::Context as _;
use caretaker_core::model::{DedupKey, ItemState, RepoRef, Timestamp};
use caretaker_core::ports::{DeliveryState, Standing, Write, Wrote};
use clap::{Args, Subcommand, value_parser};
use serde::Serialize;

use super::Exit;
use super::moment::Moment;
use super::out::{self, Out};
use super::store::{self, Store};
use crate::settings::Settings;

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
  caretaker deliveries redrive --all")]
pub(super) enum Deliveries {
    List(List),
    Show(Show),
    Redrive(Redrive),
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

/// Put what was given up back on the queue, to be decided afresh
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  caretaker deliveries redrive 72d3162e-cc78-11e3-81ab-4c9367dc0958
  caretaker deliveries redrive --all

What a delivery was given up in gets a new generation: its agents decide again,
on what is there now, and what they recorded before stays. What was handled is
not done again. Works beside a running server, which takes it up, and without
one.

Exit codes: 0 it waits again, or with --all there was nothing; 1 it was not
given up; 2 there is no store, or no such delivery.")]
pub(super) struct Redrive {
    /// Its key as `list` prints it, a beginning of that, or GitHub's GUID
    #[arg(
        value_name = "DELIVERY",
        required_unless_present = "all",
        conflicts_with = "all"
    )]
    delivery: Option<String>,
    /// Everything that was given up and is still kept
    #[arg(long)]
    all: bool,
}

/// A delivery, for people and for programs.
#[derive(Debug, Serialize)]
struct View {
    key: String,
    guid: String,
    event: String,
    action: Option<String>,
    repository: Option<String>,
    received_at: String,
    state: &'static str,
    generation: u32,
    items: Vec<ItemView>,
}

#[derive(Debug, Serialize)]
struct ItemView {
    id: String,
    state: &'static str,
    /// When it is tried again.
    due: Option<String>,
    /// Why it was given up.
    reason: Option<String>,
    generation: u32,
    outside_failures: u32,
    own_failures: u32,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    runs: Vec<RunView>,
}

#[derive(Debug, Serialize)]
struct RunView {
    run: String,
    agent: String,
    outcome: Option<String>,
    last_failure: Option<String>,
}

#[derive(Serialize)]
struct Listed {
    deliveries: Vec<View>,
}

#[derive(Serialize)]
struct Redriven {
    redriven: Vec<String>,
}

impl Deliveries {
    pub(super) async fn run(&self, settings: &Settings, out: Out) -> anyhow::Result<Exit> {
        match self {
            Self::List(list) => list.run(settings, out).await,
            Self::Show(show) => show.run(settings, out).await,
            Self::Redrive(redrive) => redrive.run(settings, out).await,
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
            let tried = |items: &[caretaker_core::ports::StandingItem]| {
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

impl Redrive {
    async fn run(&self, settings: &Settings, out: Out) -> anyhow::Result<Exit> {
        let store = Store::open(settings).await?;
        let mut keys = Vec::new();
        if let Some(named) = &self.delivery {
            let standing = find(&store, named).await?;
            if !standing.is_buried() {
                let (key, state) = (&standing.delivery.key, word(&standing));
                out::complain(format_args!(
                    "{key} is {state}: nothing of it was given up; `caretaker run` has a \
                     repository, pull request or issue looked at again"
                ));
                return Ok(Exit::No);
            }
            keys.push(standing.delivery.key);
        } else {
            each(&store, |standing| {
                if standing.is_buried() {
                    keys.push(standing.delivery.key.clone());
                }
                true
            })
            .await?;
            // In the order in which they came.
            keys.reverse();
        }
        let mut redriven = Vec::new();
        for key in keys {
            if again(&store, &key).await? {
                redriven.push(key.to_string());
            }
        }
        out.show(&Redriven { redriven }, |told| match told.redriven.len() {
            0 => "nothing was given up".to_owned(),
            _ => format!("waiting again: {}", told.redriven.join(", ")),
        })?;
        Ok(Exit::Good)
    }
}

/// Accepts a delivery again, as its repeat would be; says whether it was still given up.
async fn again(store: &Store, key: &DedupKey) -> anyhow::Result<bool> {
    let storage = &store.ports.storage;
    let Some(mut delivery) = storage.delivery(key).await? else {
        return Ok(false);
    };
    delivery.received_at = store.ports.clock.now();
    let accept = Write::Accept {
        delivery: Box::new(delivery),
        // It was accepted once; a full backlog is no reason to refuse who decides now.
        limit: u64::MAX,
    };
    let wrote = storage.commit(None, vec![accept]).await?;
    Ok(wrote == [Wrote::Accepted])
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

fn word(standing: &Standing) -> &'static str {
    if standing.is_buried() {
        return "buried";
    }
    match standing.state {
        DeliveryState::Waiting => "waiting",
        DeliveryState::Expanded => "open",
        DeliveryState::Closed => "closed",
        DeliveryState::Buried => "buried",
    }
}

impl View {
    fn of(standing: &Standing) -> Self {
        let delivery = &standing.delivery;
        let items = standing.items.iter().map(|item| {
            let (state, due, reason) = match &item.state {
                ItemState::Waiting(due) => ("waiting", Some(due.to_string()), None),
                ItemState::InFlight => ("in_flight", None, None),
                ItemState::Closed => ("closed", None, None),
                ItemState::Buried(reason) => ("buried", None, Some(reason.clone())),
            };
            ItemView {
                id: item.id.to_string(),
                state,
                due,
                reason,
                generation: item.generation,
                outside_failures: item.put_off,
                own_failures: item.faults,
                runs: Vec::new(),
            }
        });
        Self {
            key: delivery.key.to_string(),
            guid: delivery.headers.guid.clone(),
            event: delivery.headers.event.clone(),
            action: delivery.envelope.action.clone(),
            repository: delivery
                .envelope
                .repository
                .as_ref()
                .map(RepoRef::full_name),
            received_at: delivery.received_at.to_string(),
            state: word(standing),
            generation: standing.generation,
            items: items.collect(),
        }
    }

    /// Event and action, without anything that could move a terminal's cursor.
    fn what(&self) -> String {
        let action = self.action.as_ref().map(|action| format!(".{action}"));
        plain(&format!("{}{}", self.event, action.unwrap_or_default()))
    }

    fn text(&self) -> String {
        let mut lines = vec![
            format!("delivery    {}", self.key),
            format!("guid        {}", plain(&self.guid)),
            format!("event       {}", self.what()),
            format!("repository  {}", self.repository.as_deref().unwrap_or("–")),
            format!("accepted    {}", self.received_at),
            format!("state       {}, generation {}", self.state, self.generation),
        ];
        for item in &self.items {
            let due = item.due.as_ref().map(|due| format!(", not before {due}"));
            let reason = item
                .reason
                .as_ref()
                .map(|reason| format!(": {}", plain(reason)));
            lines.push(format!(
                "item        {} {}{}{}; failures: {} outside, {} own",
                item.id,
                item.state,
                due.unwrap_or_default(),
                reason.unwrap_or_default(),
                item.outside_failures,
                item.own_failures
            ));
            for run in &item.runs {
                let failure = run.last_failure.as_ref();
                lines.push(format!(
                    "  run       {} {} {}{}",
                    run.run,
                    run.agent,
                    run.outcome.as_deref().unwrap_or("open"),
                    failure.map_or_else(String::new, |failure| format!(": {}", plain(failure)))
                ));
            }
        }
        lines.join("\n")
    }
}

fn plain(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '?' } else { c })
        .collect()
}

fn table(deliveries: &[View]) -> String {
    if deliveries.is_empty() {
        return "no such deliveries".to_owned();
    }
    let head = ["ACCEPTED", "DELIVERY", "EVENT", "REPOSITORY", "STATE"].map(str::to_owned);
    let rows = deliveries.iter().map(|view| {
        let repository = view.repository.clone();
        [
            view.received_at.clone(),
            view.key.chars().take(16).collect(),
            view.what(),
            repository.unwrap_or_else(|| "–".to_owned()),
            view.state.to_owned(),
        ]
    });
    out::table(&std::iter::once(head).chain(rows).collect::<Vec<_>>())
}
