//! `caretaker status`: how much waits, who works, what does not get on.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use caretaker_core::drive::missed::Missed;
use caretaker_core::model::{Depth, Timestamp};
use caretaker_core::ports::{Filter, Holder};
use clap::Args;
use serde::Serialize;

use super::Exit;
use super::attention;
use super::out::Out;
use super::pause;
use super::store::{self, Store};
use super::view::{View, short};
use crate::serve::consumer::LEASE;
use crate::settings::Settings;

/// Times that the world changed before an effect, from which on a run is named.
const OVERTAKEN: usize = 3;
const OPEN: u32 = 1_000;

/// Where limits come from that a command shows, for programs.
pub(super) const LIMIT_BY: &str = "settings_given_here";

/// Tell how much waits, who works at it, and what does not get on
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  caretaker status
  caretaker status --json

Works while the server runs.

Exit codes: 0 told; 2 there is no store.")]
pub(super) struct Status {}

#[derive(Serialize)]
struct Told {
    serving_pid: Option<u32>,
    standing_by_pid: Option<u32>,
    consumer: &'static str,
    /// What an operator has to look at.
    attention: Vec<String>,
    holder: Option<String>,
    mode_ceiling: &'static str,
    dispatch_mode: &'static str,
    /// Whose those two are: a server may have been started with others.
    limit_by: &'static str,
    paused: Vec<pause::View>,
    depth: Depth,
    oldest: Option<String>,
    open_runs: usize,
    blocked: Vec<View>,
    overtaken: Vec<Overtaken>,
    /// How far the forge's own log of deliveries has been read; `None`: not yet.
    delivery_log: Option<ReadLog>,
    #[serde(skip)]
    text: String,
}

#[derive(Serialize)]
struct ReadLog {
    looked: Option<String>,
    unread_since: Option<String>,
    why: Option<String>,
    #[serde(skip)]
    text: String,
}

#[derive(Serialize)]
struct Overtaken {
    run: String,
    agent: String,
    repository: String,
    subject: String,
    times: usize,
}

impl Status {
    pub(super) async fn run(&self, settings: &Settings, out: Out) -> anyhow::Result<Exit> {
        let store = Store::open(settings).await?;
        let storage = &store.ports.storage;
        let now = store.ports.clock.now();
        let holder = storage.holder(LEASE, now).await?;
        let depth = storage.depth().await?;
        let open = storage.open_runs(OPEN).await?;
        let blocked: Vec<_> = open.iter().filter(|run| run.blocked > 0).collect();
        let mut told = Told {
            serving_pid: store.serving,
            standing_by_pid: caretaker_wiring::storage::standing_by(&settings.storage_config())?,
            consumer: consumer(store.serving, holder.as_ref()),
            attention: attention::findings(settings, storage.as_ref(), holder.as_ref(), now).await,
            holder: holder.map(|holder| holder.worker),
            mode_ceiling: settings.ceiling().name(),
            dispatch_mode: settings.dispatch_mode.name(),
            limit_by: LIMIT_BY,
            paused: pause::all(&store).await?,
            depth,
            oldest: depth.oldest.as_ref().map(Timestamp::to_string),
            open_runs: open.len(),
            blocked: blocked.iter().map(|run| View::of(run)).collect(),
            overtaken: overtaken(&store).await?,
            delivery_log: ReadLog::of(&store, now).await?,
            text: String::new(),
        };
        told.text = told.text(now);
        for run in blocked {
            writeln!(
                told.text,
                "  {} {} about {} {}: put off {} times, last: {}",
                short(&run.id),
                run.agent,
                store::repo_name(run),
                run.task.event.subject,
                run.blocked,
                run.last_failure.as_deref().unwrap_or("unknown")
            )?;
        }
        for Overtaken {
            run,
            agent,
            repository,
            subject,
            times,
        } in &told.overtaken
        {
            writeln!(
                told.text,
                "  {} {agent} about {repository} {subject}: overtaken {times} times, somebody changes it as fast as we look",
                run.get(..12).unwrap_or(run)
            )?;
        }
        out.show(&told, |told| told.text.clone())?;
        Ok(Exit::Good)
    }
}

/// How the consumer of a store is.
fn consumer(serving: Option<u32>, holder: Option<&Holder>) -> &'static str {
    match (serving, holder) {
        // The file's lock went with the process; what it left of its lease runs out by itself.
        (None, Some(holder)) if holder.worker.starts_with("serve ") => "gone, its lease runs out",
        (_, Some(_)) => "working",
        // From outside the first moments of a server look like a consumer that is off.
        (Some(_), None) => "paused or starting",
        (None, None) => "not running",
    }
}

/// Runs that were overtaken again and again and have not come to an end since.
async fn overtaken(store: &Store) -> anyhow::Result<Vec<Overtaken>> {
    const LATEST: u32 = 500;
    let filter = Filter {
        outcome: Some("overtaken".to_owned()),
        ..Filter::default()
    };
    let mut found = BTreeMap::new();
    for recorded in store.ports.storage.latest(&filter, LATEST).await? {
        let run = store::parse(&recorded)?;
        let key = (run.task.event.id.clone(), run.generation, run.agent.clone());
        found.entry(key).or_insert((run, 0_usize)).1 += 1;
    }
    let mut named = Vec::new();
    for ((event, generation, agent), (run, times)) in found {
        if times < OVERTAKEN {
            continue;
        }
        let attempts = store.ports.storage.attempts(&event, generation).await?;
        let over = attempts
            .iter()
            .any(|attempt| attempt.agent == agent && attempt.is_final);
        if !over {
            named.push(Overtaken {
                run: run.id.to_string(),
                agent: agent.to_string(),
                repository: store::repo_name(&run),
                subject: run.task.event.subject.to_string(),
                times,
            });
        }
    }
    Ok(named)
}

impl ReadLog {
    async fn of(store: &Store, now: Timestamp) -> anyhow::Result<Option<Self>> {
        let Some(position) = Missed::position(&store.ports).await? else {
            return Ok(None);
        };
        let text = match (&position.unread, position.looked) {
            (Some(unread), _) => format!("cannot be read since {} ({})", unread.since, unread.why),
            (None, Some(looked)) => format!("read {} ago", now.since(looked)),
            (None, None) => "being read for the first time".to_owned(),
        };
        Ok(Some(Self {
            looked: position.looked.as_ref().map(Timestamp::to_string),
            unread_since: position
                .unread
                .as_ref()
                .map(|unread| unread.since.to_string()),
            why: position.unread.map(|unread| unread.why),
            text: format!("GitHub log {text}\n"),
        }))
    }
}

impl Told {
    fn text(&self, now: Timestamp) -> String {
        let server = match self.serving_pid {
            Some(0) => "starting".to_owned(),
            Some(pid) => format!("process {pid}"),
            None => "not running".to_owned(),
        };
        let holder = self.holder.as_ref().map(|who| format!(" ({who})"));
        let oldest = self
            .depth
            .oldest
            .map(|at| format!(", the oldest for {}", now.since(at)));
        let Depth {
            deliveries,
            waiting,
            in_flight,
            buried,
            ..
        } = self.depth;
        let standing_by = self.standing_by_pid.map(|pid| match pid {
            0 => "standby    starting\n".to_owned(),
            pid => format!("standby    process {pid}, standing by to take over\n"),
        });
        let standing_by = standing_by.unwrap_or_default();
        let attention = self.attention.iter();
        let attention: Vec<_> = attention
            .map(|what| format!("attention  {what}\n"))
            .collect();
        let attention = attention.concat();
        format!(
            "server     {server}\n\
             {standing_by}\
             {attention}\
             consumer   {}{}\n\
             limit      {} (dispatch {}), by the settings given here\n\
             {}\
             waiting    {deliveries} deliveries, {waiting} items{}\n\
             in hands   {in_flight}\n\
             buried     {buried}\n\
             open runs  {}\n\
             {}",
            self.consumer,
            holder.unwrap_or_default(),
            self.mode_ceiling,
            self.dispatch_mode,
            pause::lines(&self.paused),
            oldest.unwrap_or_default(),
            self.open_runs,
            self.delivery_log
                .as_ref()
                .map_or("", |log| log.text.as_str()),
        )
    }
}
