//! The door with its consumer paused, beside bare receivers with the same stack and store settings.

use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use caretaker_bench::figure::Better;
use caretaker_bench::report::{Report, number};
use caretaker_bench::turns::{median, ninety_nine};
use rusqlite::{Connection as Database, OpenFlags};
use serde::Deserialize;
use serde_json::Value;

use crate::load::{Payload, flood, pace};
use crate::process::Process;
use crate::progress;

/// Of the throughput of a bare receiver with the same driver.
const TARGET: f64 = 0.8;
/// Milliseconds within which 99 of 100 are answered at half of the most that was taken.
const SOON: f64 = 50.0;
/// How long a receiver has half of that in one turn, and how many turns: a disk that stalls for
/// seconds meets some of them.
const HALF: Duration = Duration::from_secs(1);
const HALVES: usize = 7;
/// Deliveries that wait, and megabytes that the server may have held by then at most.
const BACKLOG: f64 = 100_000.0;
const MOST_HELD: f64 = 120.0;
/// How long one receiver is under load in one turn, and how many turns each has with each load.
const TURN: Duration = Duration::from_millis(1_500);
const TURNS: usize = 9;

/// A receiver under load.
struct Receiver {
    name: &'static str,
    process: Process,
}

/// What one receiver came to with one load, turn by turn.
#[derive(Default)]
struct Taken {
    per_second: Vec<f64>,
    /// Microseconds of processor time for each delivery.
    processor: Vec<f64>,
    /// Milliseconds of the slowest hundredth at half of the load, turn by turn.
    slowest: Vec<f64>,
}

pub(super) fn measure() -> anyhow::Result<Report> {
    let mut report = Report::default();
    let Some(examples) = std::env::var_os("CARETAKER_WEBHOOK_EXAMPLES").filter(|v| !v.is_empty())
    else {
        report.skip("the example payloads are not there; `testdata/install` says why");
        return Ok(report);
    };
    let loads = loads(Path::new(&examples))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(compare(&mut report, &loads))?;
    Ok(report)
}

async fn compare(report: &mut Report, loads: &[(&str, Vec<Payload>)]) -> anyhow::Result<()> {
    // Beside the build, not in a temporary folder: that may be memory.
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let place = |name: &str| -> anyhow::Result<_> {
        let place = dir.path().join(name);
        std::fs::create_dir(&place)?;
        Ok(place)
    };
    let paused = [
        ("CARETAKER_WEBHOOK_DISPATCH_MODE", "off"),
        ("CARETAKER_WEBHOOK_BACKLOG_LIMIT", "1000000000"),
        ("CARETAKER_WEBHOOK_BACKLOG_MAX_BYTES", "1000000000000"),
    ];
    let mut receivers = vec![
        Receiver {
            name: "caretaker",
            process: Process::caretaker(&place("caretaker")?, &paused)?,
        },
        Receiver {
            name: "bare, sqlx",
            process: Process::bare("sqlx", &place("sqlx")?)?,
        },
        Receiver {
            name: "bare, rusqlite",
            process: Process::bare("rusqlite", &place("rusqlite")?)?,
        },
    ];
    let mut rows = Vec::new();
    for (load, payloads) in loads {
        let taken = turns(load, payloads, &mut receivers).await?;
        let of = |name: &str| taken.iter().find(|(taken, _)| *taken == name);
        let (_, ours) = of("caretaker").context("ours was measured")?;
        for (name, bare) in &taken {
            let ratio = median(&ratios(&ours.per_second, &bare.per_second));
            let slowest = median(&bare.slowest);
            let mut soon = String::new();
            let (shown, stands) = match *name {
                "caretaker" => {
                    let name = format!("intake/{load}, ms at half of the load");
                    let stands = report.target(&name, slowest, Better::Less, SOON);
                    soon = format!("≤ {SOON}: {stands}");
                    (String::new(), String::new())
                }
                "bare, sqlx" => {
                    let name = format!("intake/{load}");
                    let stands = report.target(&name, ratio, Better::More, TARGET);
                    let shown = report.keep(&name, ratio, Better::More);
                    (shown, format!("≥ {TARGET}: {stands}"))
                }
                _ => {
                    let name = format!("intake/{load}_rusqlite");
                    (report.keep(&name, ratio, Better::More), String::new())
                }
            };
            rows.push(vec![
                format!("{load}, {name}"),
                number(median(&bare.per_second)),
                number(median(&bare.processor)),
                shown,
                stands,
                number(slowest),
                soon,
            ]);
        }
    }
    report.table(
        &[
            "Load and receiver",
            "per second",
            "µs of processor each",
            "caretaker ÷ this",
            "target",
            "ms at half",
            "target",
        ],
        &rows,
    );
    let resident = receivers.iter().map(|receiver| {
        let held = number(receiver.process.resident()?);
        Ok(format!("{} {held} MB", receiver.name))
    });
    let resident: anyhow::Result<Vec<String>> = resident.collect();
    report.say(&format!("Resident after that: {}.", resident?.join(", ")));
    let ours = receivers.iter().find(|one| one.name == "caretaker");
    let ours = &ours.context("ours was measured")?.process;
    let file = dir.path().join("caretaker/caretaker.db");
    let (_, mix) = loads.last().context("there is a load")?;
    let held = backlog(ours, &file, mix).await?;
    let stands = report.target("intake/held", held, Better::Less, MOST_HELD);
    report.say(&format!(
        "With {} deliveries waiting, under load until then, it had held {} MB at most \
         (≤ {MOST_HELD}: {stands}).",
        number(BACKLOG),
        number(held)
    ));
    Ok(())
}

/// Adds to what waits until there is enough: the most memory held so far.
pub(super) async fn backlog(
    process: &Process,
    file: &Path,
    payloads: &[Payload],
) -> anyhow::Result<f64> {
    loop {
        let waiting = waiting(file)?;
        if waiting >= BACKLOG {
            return process.most_resident();
        }
        progress(&format!("  {waiting} of {BACKLOG} deliveries wait"));
        flood(process.address, payloads, TURN).await?;
    }
}

fn waiting(file: &Path) -> anyhow::Result<f64> {
    let database = Database::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let waiting = "SELECT n FROM tally WHERE what = 'delivery/0'";
    Ok(database.query_row(waiting, [], |row| row.get(0))?)
}

/// Every receiver in turn, again and again; who is first changes, since caches stay warm.
async fn turns(
    load: &str,
    payloads: &[Payload],
    receivers: &mut [Receiver],
) -> anyhow::Result<Vec<(&'static str, Taken)>> {
    let mut taken: Vec<(&str, Taken)> = Vec::new();
    receivers.sort_by_key(|receiver| receiver.name != "caretaker");
    for receiver in &*receivers {
        // Warm, and the log of the database at its working length.
        flood(receiver.process.address, payloads, TURN).await?;
        taken.push((receiver.name, Taken::default()));
    }
    for turn in 0..TURNS {
        progress(&format!("  {load}: turn {} of {TURNS}", turn + 1));
        for at in 0..receivers.len() {
            let at = (at + turn) % receivers.len();
            let process = &receivers[at].process;
            let before = process.processor()?;
            let (accepted, seconds) = flood(process.address, payloads, TURN).await?;
            let used = process.processor()? - before;
            taken[at].1.per_second.push(accepted / seconds);
            taken[at].1.processor.push(used / accepted * 1e6);
        }
    }
    for turn in 0..HALVES {
        progress(&format!(
            "  {load}: half of the load {} of {HALVES}",
            turn + 1
        ));
        for (receiver, (_, taken)) in receivers.iter().zip(&mut taken) {
            let half = median(&taken.per_second) / 2.0;
            let awaited = pace(receiver.process.address, payloads, half, HALF).await?;
            taken.slowest.push(ninety_nine(&awaited));
        }
    }
    Ok(taken)
}

fn ratios(ours: &[f64], theirs: &[f64]) -> Vec<f64> {
    ours.iter().zip(theirs).map(|(a, b)| a / b).collect()
}

#[derive(Deserialize)]
struct Family {
    name: String,
    examples: Vec<Value>,
}

/// `typical`: a pull request of 21 kB. `mix`: the first example of every event type.
fn loads(examples: &Path) -> anyhow::Result<Vec<(&'static str, Vec<Payload>)>> {
    let index = examples.join("api.github.com/index.json");
    let text = std::fs::read_to_string(&index).context("the example payloads cannot be read")?;
    let families: Vec<Family> = serde_json::from_str(&text).context("they are no list")?;
    let first = |family: &Family| {
        let body = family.examples.first()?.to_string();
        Some(Payload::new(&family.name, body.as_bytes()))
    };
    let mix: Vec<Payload> = families.iter().filter_map(first).collect();
    let pull = families.iter().find(|family| family.name == "pull_request");
    let pull = pull.and_then(first).context("there is a pull request")?;
    let bytes: usize = mix.iter().map(Payload::len).sum();
    progress(&format!(
        "  typical: {} bytes; mix: {} types, {} bytes on average",
        pull.len(),
        mix.len(),
        bytes / mix.len()
    ));
    Ok(vec![("typical", vec![pull]), ("mix", mix)])
}
