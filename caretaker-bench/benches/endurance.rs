//! Ten minutes of events, one after another: what a server holds then, beside what it held at first.
//!
//! `MINUTES=2` measures for two.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use caretaker_bench::figure::Better;
use caretaker_bench::report::{Report, number};
use tokio::runtime::Builder;

use crate::growth::{Grown, PULLS, Size};
use crate::progress;

/// How long, where nothing else is said.
const MINUTES: u64 = 10;
/// Megabytes that it may hold at most.
const MOST_HELD: f64 = 120.0;
/// It may hold so much of what it held after a tenth of the time.
const FLAT: f64 = 1.2;

/// How it stood after a turn.
struct Sample {
    minutes: f64,
    events: usize,
    /// Megabytes.
    held: f64,
}

pub(super) fn measure() -> anyhow::Result<Report> {
    let minutes = match std::env::var("MINUTES") {
        Ok(text) if !text.is_empty() => text.parse().context("MINUTES is a number")?,
        _ => MINUTES,
    };
    let span = Duration::from_mins(minutes);
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    let size = Size::of("endurance/held", "100 repositories", 100);
    let mut grown = Grown::new(&runtime, size)?;
    let (began, mut samples, mut events) = (Instant::now(), Vec::new(), 0);
    while began.elapsed() < span {
        grown.turn(&runtime)?;
        events += PULLS;
        let minutes = began.elapsed().as_secs_f64() / 60.0;
        let held = grown.process.resident()?;
        progress(&format!(
            "  {minutes:.1} minutes: {events} events, {held:.1} MB"
        ));
        samples.push(Sample {
            minutes,
            events,
            held,
        });
    }
    let most = grown.process.most_resident()?;
    told(&samples, most)
}

fn told(samples: &[Sample], most: f64) -> anyhow::Result<Report> {
    let mut report = Report::default();
    let last = samples.last().context("a turn was measured")?;
    let at = |share: f64| {
        let mut sorted = samples.iter();
        sorted.find(|sample| sample.minutes >= last.minutes * share)
    };
    let mut rows = Vec::new();
    for share in [0.1, 0.25, 0.5, 0.75, 1.0] {
        let sample = at(share).context("a turn was measured")?;
        rows.push(vec![
            format!("{:.1}", sample.minutes),
            sample.events.to_string(),
            number(sample.held),
        ]);
    }
    report.table(&["After minutes", "events handled", "MB resident"], &rows);
    let first = at(0.1).context("a turn was measured")?;
    let ratio = last.held / first.held;
    let flat = report.target("endurance/flat", ratio, Better::Less, FLAT);
    let small = report.target("endurance/held", most, Better::Less, MOST_HELD);
    let ratio = report.keep("endurance/flat", ratio, Better::Less);
    report.table(
        &["What", "value", "target"],
        &[
            vec![
                "resident at the end ÷ after a tenth".to_owned(),
                ratio,
                format!("≤ {FLAT}: {flat}"),
            ],
            vec![
                "MB held at most".to_owned(),
                number(most),
                format!("≤ {MOST_HELD}: {small}"),
            ],
        ],
    );
    Ok(report)
}
