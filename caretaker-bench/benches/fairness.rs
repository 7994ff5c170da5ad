//! One installation's burst beside another's events: what the other waits for their answers.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use caretaker_bench::figure::Better;
use caretaker_bench::report::{Report, number};
use caretaker_core::model::Span;
use caretaker_testkit::world::{Fault, World};
use caretaker_wiring::clock::SystemClock;
use rusqlite::{Connection as Database, OpenFlags};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};

use crate::load::{Payload, pace, send};
use crate::process::Process;
use crate::progress;

/// Pull requests of the burst and the repositories they are in.
const BURST: usize = 10_000;
const LARGE: usize = 200;
/// Those of the other installation.
const PULLS: usize = 200;
const SMALL: usize = 50;
/// Events of it in a second, and for how long.
const PER_SECOND: f64 = 10.0;
const SPAN: Duration = Duration::from_secs(20);
/// How long GitHub takes for each call.
const CALL: Span = Span::millis(100);
/// What the burst may make of the other's wait.
const TARGET: f64 = 1.1;
/// Nothing here takes as long.
const PATIENCE: Duration = Duration::from_mins(2);

/// Milliseconds from acceptance to answer.
struct Waited {
    half: f64,
    most: f64,
}

pub(super) fn measure() -> anyhow::Result<Report> {
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    let world = World::empty(Arc::new(SystemClock::start())).unwatched();
    world.install_elsewhere("large");
    world.install_elsewhere("small");
    progress("  opening pull requests");
    let small = pulls(&world, "small", SMALL, PULLS);
    let large = pulls(&world, "large", LARGE, BURST);
    world.accept_token("sim-token", "caretaker-user");
    world.as_token_of("caretaker-user");
    world.trust("caretaker-user");
    world.fault(Fault::on("").times(u32::MAX).delay(CALL));
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
    let forge = format!("http://{}", listener.local_addr()?);
    let github = world.clone().unwatched();
    let serving = runtime.spawn(async move {
        github.serve(listener, None).await.ok();
    });
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let process = Process::caretaker(
        dir.path(),
        &[
            ("CARETAKER_GITHUB_API_URL", &forge),
            ("GITHUB_TOKEN", "sim-token"),
            ("CARETAKER_DRY_RUN", "true"),
            ("CARETAKER_SCHEDULER_ENABLED", "false"),
        ],
    )?;
    let file = dir.path().join("caretaker.db");
    let desk = Desk {
        world,
        process,
        database: Database::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)?,
        seen: BTreeSet::new(),
    };
    let report = desk.compare(&runtime, &small, &large);
    serving.abort();
    report
}

/// A server, its GitHub, and what it has answered so far.
struct Desk {
    world: World,
    process: Process,
    database: Database,
    /// Runs that were counted.
    seen: BTreeSet<String>,
}

impl Desk {
    fn compare(
        mut self,
        runtime: &Runtime,
        small: &[Payload],
        large: &[Payload],
    ) -> anyhow::Result<Report> {
        // Everything is known before anything is measured.
        runtime.block_on(send(self.process.address, small))?;
        self.answered()?;
        progress("  alone");
        let alone = self.events(runtime, small)?;
        progress("  beside the burst");
        runtime.block_on(send(self.process.address, large))?;
        let beside = self.events(runtime, small)?;
        let left: i64 = self.database.query_row(
            "SELECT sum(n) FROM tally WHERE what IN ('delivery/0', 'item/0')",
            [],
            |row| row.get(0),
        )?;
        ensure!(left > 0, "the burst was over before the events were");
        let mut report = Report::default();
        let ratio = beside.most / alone.most;
        let stands = report.target("fairness/burst", ratio, Better::Less, TARGET);
        let ratio = report.keep("fairness/burst", ratio, Better::Less);
        let row = |what: &str, waited: &Waited, ratio: String, target: String| {
            vec![
                what.to_owned(),
                number(waited.half),
                number(waited.most),
                ratio,
                target,
            ]
        };
        report.table(
            &[
                "Events of one installation",
                "ms of half",
                "ms of 95 in 100",
                "÷ alone",
                "target",
            ],
            &[
                row("alone", &alone, String::new(), String::new()),
                row(
                    "beside 10 000 of another",
                    &beside,
                    ratio,
                    format!("≤ {TARGET}: {stands}"),
                ),
            ],
        );
        report.say(&format!(
            "Of the burst {left} waited still when the last of them was answered."
        ));
        Ok(report)
    }

    /// Events come evenly; what each waited.
    fn events(&mut self, runtime: &Runtime, small: &[Payload]) -> anyhow::Result<Waited> {
        let world = self.world.clone().unwatched();
        let refilled = runtime.spawn(async move { refill(&world).await });
        let sent = runtime.block_on(pace(self.process.address, small, PER_SECOND, SPAN));
        sent?;
        let waited = self.answered();
        refilled.abort();
        let mut waited = waited?;
        waited.sort_by(f64::total_cmp);
        let at = |share: usize| waited.get(waited.len() * share / 100).copied();
        Ok(Waited {
            half: at(50).context("something was answered")?,
            most: at(95).context("something was answered")?,
        })
    }

    /// Waits until every event of the small installation is answered: the milliseconds of those
    /// that were not counted before.
    fn answered(&mut self) -> anyhow::Result<Vec<f64>> {
        let open = "SELECT (SELECT count(*) FROM items WHERE state < 2 AND installation = 10001)
                        + (SELECT count(*) FROM deliveries WHERE state = 0)";
        let began = Instant::now();
        loop {
            let left: i64 = self.database.query_row(open, [], |row| row.get(0))?;
            if left == 0 {
                break;
            }
            ensure!(began.elapsed() < PATIENCE, "{left} events are not answered");
            thread::park_timeout(Duration::from_millis(50));
        }
        // What joined another is answered by its run, and not counted.
        let mut rows = self.database.prepare(
            "SELECT items.id, runs.closed_at - deliveries.received_at FROM items
             JOIN deliveries ON deliveries.key = items.delivery
             JOIN runs ON runs.event = items.id
             WHERE items.installation = 10001 AND runs.agent = 'pr'",
        )?;
        let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let mut waited = Vec::new();
        for row in rows {
            let (item, millis): (String, i32) = row?;
            if self.seen.insert(item) {
                waited.push(f64::from(millis));
            }
        }
        Ok(waited)
    }
}

/// Fills the hour of the simulated GitHub again and again.
#[expect(clippy::disallowed_methods, reason = "a real GitHub in real time")]
async fn refill(world: &World) {
    loop {
        world.hour_begins();
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// Opens pull requests evenly over the repositories of an account; what GitHub sends of them.
fn pulls(world: &World, owner: &str, repositories: usize, count: usize) -> Vec<Payload> {
    let worlds: Vec<World> = (0..repositories)
        .map(|n| world.in_repo(&format!("{owner}/r{n}")).unwatched())
        .collect();
    for (n, world) in worlds.iter().cycle().take(count).enumerate() {
        world.open_pull("alice", &format!("change-{n}"), "A change");
    }
    let sent = world.take_deliveries().into_iter();
    sent.filter(|hook| hook.event == "pull_request")
        .map(|hook| Payload::new(&hook.event, hook.body.as_bytes()))
        .collect()
}
