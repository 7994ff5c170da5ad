//! From webhook in to run closed, against the simulated GitHub: with 10 to 10 000 repositories, with
//! many open pull requests in one, and with a long journal.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use caretaker_bench::figure::Better;
use caretaker_bench::report::{Report, number};
use caretaker_bench::turns::median;
use caretaker_testkit::world::World;
use caretaker_wiring::clock::SystemClock;
use rusqlite::{Connection as Database, OpenFlags};
use serde_json::json;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;

use crate::load::{Payload, send};
use crate::process::Process;
use crate::{progress, rest};

const SIZES: [Size; 7] = [
    Size::of("growth/10", TEN, 10),
    Size::of("growth/100", "100 repositories", 100),
    Size::of("growth/1000", "1 000 repositories", 1_000),
    Size::of("growth/10000", "10 000 repositories", 10_000),
    Size {
        has_journal: true,
        ..Size::of("growth/journal", "10 and a journal of 1 GB", 10)
    },
    Size::of("growth/1", ONE, 1),
    Size {
        open: 1_000,
        beside: ONE,
        ..Size::of("growth/open", "one, 1 000 pull requests open", 1)
    },
];
const TEN: &str = "10 repositories";
/// Its events go one after another, so that they share fewer commits: it has its own measure.
const ONE: &str = "one repository";
/// Pull requests that something happens to in a turn, whatever there is beside them.
pub(super) const PULLS: usize = 200;
const TURNS: usize = 5;
/// An event may cost this much of one of what it is compared with.
const FLAT: f64 = 1.2;
/// Deliveries in hands at most, so that the hour of the simulated GitHub is filled again in time.
const SLICE: usize = 100;
/// Nothing here takes as long.
const PATIENCE: Duration = Duration::from_mins(1);

/// What a server has to look after.
#[derive(Clone, Copy)]
pub(super) struct Size {
    /// Of the ratio that is kept.
    ratio: &'static str,
    /// To be read.
    name: &'static str,
    repositories: usize,
    /// Open pull requests in all.
    open: usize,
    has_journal: bool,
    /// What it is compared with.
    beside: &'static str,
}

impl Size {
    pub(super) const fn of(ratio: &'static str, name: &'static str, repositories: usize) -> Self {
        Self {
            ratio,
            name,
            repositories,
            open: PULLS,
            has_journal: false,
            beside: TEN,
        }
    }
}

/// A server of this size, and its GitHub.
pub(super) struct Grown {
    size: Size,
    world: World,
    serving: JoinHandle<()>,
    pub(super) process: Process,
    database: Database,
    pulls: Vec<Payload>,
    _dir: TempDir,
    turns: Vec<Turn>,
}

/// What a turn came to, for each event.
struct Turn {
    per_second: f64,
    /// Microseconds of the server's processor time.
    processor: f64,
    requests: f64,
}

pub(super) fn measure() -> anyhow::Result<Report> {
    // The simulated GitHub answers on a thread of its own.
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    let mut grown = Vec::new();
    for size in SIZES {
        progress(&format!("  made ready: {}", size.name));
        let mut one = Grown::new(&runtime, size)?;
        // Asks everything once, so that turns find answers that have not changed.
        one.turn(&runtime)?;
        one.turns.clear();
        grown.push(one);
    }
    for turn in 0..TURNS {
        progress(&format!("  turn {} of {TURNS}", turn + 1));
        for one in &mut grown {
            one.turn(&runtime)?;
        }
    }
    let report = told(&grown);
    for one in grown {
        one.serving.abort();
    }
    report
}

fn told(grown: &[Grown]) -> anyhow::Result<Report> {
    let mut report = Report::default();
    let mut rows = Vec::new();
    for one in grown {
        let of = |pick: fn(&Turn) -> f64| median(&one.turns.iter().map(pick).collect::<Vec<_>>());
        let mut row = vec![
            one.size.name.to_owned(),
            number(of(|turn| turn.per_second)),
            number(of(|turn| turn.processor)),
            number(of(|turn| turn.requests)),
            number(one.process.resident()?),
        ];
        if matches!(one.size.name, ONE | TEN) {
            row.extend([String::new(), String::new(), String::new()]);
        } else {
            let beside = grown.iter().find(|it| it.size.name == one.size.beside);
            let beside = beside.context("it was measured")?;
            let pairs = one.turns.iter().zip(&beside.turns);
            let ratios: Vec<f64> = pairs.map(|(a, b)| a.processor / b.processor).collect();
            let (name, ratio) = (one.size.ratio, median(&ratios));
            let stands = report.target(name, ratio, Better::Less, FLAT);
            row.push(beside.size.name.to_owned());
            row.push(report.keep(name, ratio, Better::Less));
            row.push(format!("≤ {FLAT}: {stands}"));
        }
        rows.push(row);
    }
    report.table(
        &[
            "Looks after",
            "events per second",
            "µs of processor each",
            "requests each",
            "MB resident",
            "beside",
            "cost ÷ that",
            "target",
        ],
        &rows,
    );
    Ok(report)
}

impl Grown {
    pub(super) fn new(runtime: &Runtime, size: Size) -> anyhow::Result<Self> {
        let world = World::empty(Arc::new(SystemClock::start())).unwatched();
        let pulls = pulls(&world, size);
        world.accept_token("sim-token", "caretaker-user");
        world.as_token_of("caretaker-user");
        world.trust("caretaker-user");
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
        let forge = format!("http://{}", listener.local_addr()?);
        let github = world.clone().unwatched();
        let serving = runtime.spawn(async move {
            github.serve(listener, None).await.ok();
        });
        let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
        if size.has_journal {
            rest::start(runtime, dir.path())?;
            rest::fill(dir.path(), rest::JOURNAL)?;
        }
        let process = Process::caretaker(
            dir.path(),
            &[
                ("CARETAKER_GITHUB_API_URL", &forge),
                ("GITHUB_TOKEN", "sim-token"),
                // Decides and writes nothing: a repository may be written to 60 times an hour.
                ("CARETAKER_DRY_RUN", "true"),
                ("CARETAKER_SCHEDULER_ENABLED", "false"),
            ],
        )?;
        let file = dir.path().join("caretaker.db");
        let database = Database::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let grown = Self {
            size,
            world,
            serving,
            process,
            database,
            pulls,
            _dir: dir,
            turns: Vec::new(),
        };
        let known: Vec<Payload> = (0..size.repositories).map(unheard).collect();
        for slice in known.chunks(1_000) {
            runtime.block_on(send(grown.process.address, slice))?;
        }
        grown.closed()?;
        Ok(grown)
    }

    /// Something happens to every pull request, and is handled.
    pub(super) fn turn(&mut self, runtime: &Runtime) -> anyhow::Result<()> {
        let asked = self.world.log().count();
        let (began, used) = (Instant::now(), self.process.processor()?);
        for slice in self.pulls.chunks(SLICE) {
            runtime.block_on(send(self.process.address, slice))?;
            self.closed()?;
        }
        let (took, used) = (began.elapsed(), self.process.processor()? - used);
        let asked = f64::from(u32::try_from(self.world.log().count() - asked)?);
        let count = f64::from(u32::try_from(self.pulls.len())?);
        self.turns.push(Turn {
            per_second: count / took.as_secs_f64(),
            processor: used * 1e6 / count,
            requests: asked / count,
        });
        Ok(())
    }

    /// Waits until no delivery and no item is open.
    fn closed(&self) -> anyhow::Result<()> {
        let open = "SELECT sum(n) FROM tally
                    WHERE what IN ('delivery/0', 'delivery/1', 'item/0', 'item/1')";
        let began = Instant::now();
        loop {
            self.world.hour_begins();
            let left: i64 = self.database.query_row(open, [], |row| row.get(0))?;
            if left == 0 {
                return Ok(());
            }
            ensure!(
                began.elapsed() < PATIENCE,
                "with {} {left} events are not handled",
                self.size.name
            );
            thread::park_timeout(Duration::from_millis(2));
        }
    }
}

/// Opens the pull requests, evenly over the repositories; what GitHub sends of some of them.
fn pulls(world: &World, size: Size) -> Vec<Payload> {
    let worlds: Vec<World> = (0..size.repositories.min(PULLS))
        .map(|n| world.in_repo(&format!("octo/r{n}")).unwatched())
        .collect();
    for (n, world) in worlds.iter().cycle().take(size.open).enumerate() {
        world.open_pull("alice", &format!("change-{n}"), "A change");
    }
    let sent = world.take_deliveries().into_iter();
    sent.filter(|hook| hook.event == "pull_request")
        .take(PULLS)
        .map(|hook| Payload::new(&hook.event, hook.body.as_bytes()))
        .collect()
}

/// What no agent hears makes a repository known and asks GitHub nothing.
fn unheard(n: usize) -> Payload {
    let name = format!("known-{n}");
    let body = json!({
        "action": "created",
        "repository": {"id": 1_000_000 + n, "name": name, "full_name": format!("octo/{name}"),
            "default_branch": "main", "owner": {"login": "octo", "id": 3}},
        "sender": {"login": "alice", "id": 5, "type": "User"},
    });
    Payload::new("star", body.to_string().as_bytes())
}
