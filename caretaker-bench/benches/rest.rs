//! The server at rest: what it holds, and how soon it is ready with a journal of a gigabyte.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context as _, ensure};
use caretaker_bench::figure::Better;
use caretaker_bench::report::{Report, number};
use caretaker_bench::turns::median;
use rusqlite::Connection as Database;
use tokio::runtime::Runtime;

use crate::load::Connection;
use crate::process::Process;
use crate::progress;

/// Megabytes that it may hold, and milliseconds until it is ready.
const MOST_HELD: f64 = 40.0;
const MOST_AWAITED: f64 = 300.0;
/// Bytes of the journal, and how often each server is started.
pub(super) const JOURNAL: usize = 1_000_000_000;
const STARTS: usize = 9;

/// Closed runs of this line, just now.
const FILL: &str = "
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
    INSERT INTO runs (id, event, agent, generation, attempt, repo, subject, outcome, is_final,
                      acted, closed_at, line)
    SELECT printf('%024x', i), printf('%032x/0', i), 'pr', 0, 1, 'github:' || (i % 100),
           'pull/' || (i % 1000), 'decided', 1, 1, unixepoch() * 1000, ?2 FROM n";

pub(super) fn measure() -> anyhow::Result<Report> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let (empty, full) = (dir.path().join("empty"), dir.path().join("full"));
    for place in [&empty, &full] {
        start(&runtime, place)?;
    }
    progress("  filling a journal");
    fill(&full, JOURNAL)?;
    let mut taken = [(Vec::new(), Vec::new()), (Vec::new(), Vec::new())];
    for turn in 0..STARTS {
        progress(&format!("  start {} of {STARTS}", turn + 1));
        for (place, (awaited, held)) in [&empty, &full].into_iter().zip(&mut taken) {
            let (millis, megabytes) = start(&runtime, place)?;
            awaited.push(millis);
            held.push(megabytes);
        }
    }
    let [bare, grown] = taken.map(|(awaited, held)| (median(&awaited), median(&held)));
    Ok(told(bare, grown))
}

fn told(bare: (f64, f64), grown: (f64, f64)) -> Report {
    let mut report = Report::default();
    let mut rows = Vec::new();
    for (what, (awaited, held)) in [("empty", bare), ("with 1 GB of journal", grown)] {
        let soon = report.target(
            &format!("rest/start, {what}"),
            awaited,
            Better::Less,
            MOST_AWAITED,
        );
        let small = report.target(&format!("rest/held, {what}"), held, Better::Less, MOST_HELD);
        rows.push(vec![
            what.to_owned(),
            number(awaited),
            format!("≤ {MOST_AWAITED}: {soon}"),
            number(held),
            format!("≤ {MOST_HELD}: {small}"),
        ]);
    }
    report.table(
        &[
            "Store",
            "ms from start to ready",
            "target",
            "MB resident",
            "target",
        ],
        &rows,
    );
    let start = report.keep("rest/start", grown.0 / bare.0, Better::Less);
    let held = report.keep("rest/held", bare.1 / MOST_HELD, Better::Less);
    report.table(
        &["Ratio", ""],
        &[
            vec!["start with the journal ÷ start without".to_owned(), start],
            vec!["resident ÷ what is allowed".to_owned(), held],
        ],
    );
    report
}

/// Starts a server on this directory and ends it: milliseconds until it said that it is ready, and
/// megabytes that it held then.
pub(super) fn start(runtime: &Runtime, dir: &Path) -> anyhow::Result<(f64, f64)> {
    let began = Instant::now();
    let process = Process::caretaker(dir, &[])?;
    runtime.block_on(async {
        let mut connection = Connection::open(process.address).await?;
        while connection.get("/ready").await? != 200 {}
        anyhow::Ok(())
    })?;
    let awaited = began.elapsed().as_secs_f64() * 1e3;
    Ok((awaited, process.resident()?))
}

/// Lets the journal of a store nobody serves grow to so many bytes.
pub(super) fn fill(dir: &Path, bytes: usize) -> anyhow::Result<()> {
    let line = crate::replay::recorded("pr")?
        .into_iter()
        .max_by_key(String::len);
    let line = line.context("a file of recorded runs has lines")?;
    let runs = i64::try_from(bytes / line.len())?;
    let database = Database::open(dir.join("caretaker.db"))?;
    database.pragma_update(None, "synchronous", "OFF")?;
    let added = database.execute(FILL, (runs, &line))?;
    ensure!(i64::try_from(added)? == runs, "the journal was not filled");
    database.pragma_query(None, "wal_checkpoint", |_| Ok(()))?;
    Ok(())
}
