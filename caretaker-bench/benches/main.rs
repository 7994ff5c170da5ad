//! `make bench`: measures, prints tables, compares with what is stored.
//!
//! Every part is a file here, beside what the parts share; parts named as arguments run alone, and long ones only then. `UPDATE=1` stores the ratios in
//! `stored.json` and the tables in `docs/performance.md`; without it, a ratio that is more than a
//! fifth worse than stored, twice in a row, ends the program with 1. Results go to standard output
//! (`--json`: one object), progress to standard error.

mod bare;
mod decide;
mod door;
mod endurance;
mod fairness;
mod growth;
mod intake;
mod load;
mod process;
mod replay;
mod requests;
mod rest;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use caretaker_bench::figure::Stored;
use caretaker_bench::page;
use caretaker_bench::report::Report;
use serde_json::json;

/// One part of the benchmark.
struct Part {
    name: &'static str,
    measure: fn() -> anyhow::Result<Report>,
    /// Runs only where it is named.
    is_long: bool,
}

impl Part {
    const fn new(name: &'static str, measure: fn() -> anyhow::Result<Report>) -> Self {
        Self {
            name,
            measure,
            is_long: false,
        }
    }

    const fn long(self) -> Self {
        Self {
            is_long: true,
            ..self
        }
    }
}

/// In the order in which they run.
const PARTS: &[Part] = &[
    Part::new("decide", decide::measure),
    Part::new("replay", replay::measure),
    Part::new("requests", requests::measure),
    Part::new("intake", intake::measure),
    Part::new("door", door::measure),
    Part::new("rest", rest::measure),
    Part::new("growth", growth::measure),
    Part::new("fairness", fairness::measure),
    Part::new("endurance", endurance::measure).long(),
];

fn main() -> ExitCode {
    // Cargo's own flag for benchmarks.
    let mut args: Vec<String> = std::env::args()
        .skip(1)
        .filter(|arg| arg != "--bench")
        .collect();
    // The receivers are this program too, started by itself: one build, the same for all.
    if args.first().is_some_and(|arg| arg == "serve") {
        return server();
    }
    if let [bare, kind, dir] = args.as_slice()
        && bare == "bare"
    {
        return told(bare::serve(kind, Path::new(dir)).map(|()| true));
    }
    let as_json = args.iter().any(|arg| arg == "--json");
    args.retain(|arg| arg != "--json");
    told(run(&args, as_json))
}

/// What the binary `caretaker` does.
#[tokio::main]
async fn server() -> ExitCode {
    caretaker_wiring::bootstrap::init_crypto();
    caretaker_server::cli::main().await
}

fn told(result: anyhow::Result<bool>) -> ExitCode {
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            progress(&format!("bench: {error:#}"));
            ExitCode::from(2)
        }
    }
}

/// Runs the parts named, or all; says whether nothing got worse.
fn run(names: &[String], as_json: bool) -> anyhow::Result<bool> {
    let update = std::env::var("UPDATE").is_ok_and(|value| value == "1");
    let file = here().join("stored.json");
    let mut stored = Stored::read(&file)?;
    let (mut worse, mut missed) = (Vec::new(), Vec::new());
    let mut reports = BTreeMap::new();
    for part in chosen(names)? {
        let report = measured(part, as_json)?;
        missed.extend(report.missed.iter().cloned());
        if let Some(why) = &report.skipped {
            progress(&format!("SKIPPED {}: {why}", part.name));
        } else if update {
            // The page first: where it has no place for the part, nothing is stored.
            keep(part.name, &report.text)?;
            stored.replace(part.name, &report.ratios);
            stored.write(&file)?;
        } else {
            worse.extend(lasting(part, &stored, &report, as_json)?);
        }
        reports.insert(part.name, report);
    }
    if as_json {
        say(&json!({ "parts": reports, "missed": missed, "regressions": worse }).to_string());
    }
    for one in &missed {
        progress(&format!("TARGET MISSED: {one}"));
    }
    for one in &worse {
        progress(&format!("REGRESSION: {one}"));
    }
    if !worse.is_empty() {
        progress(
            "\nFind what costs more (`git bisect run make bench ONLY=part`), or, where the price is \
             right, store the new ratios with `make bench UPDATE=1 ONLY=part` and say why in the \
             commit.",
        );
    }
    Ok(worse.is_empty())
}

/// What is worse than stored, and still is when it is measured once more.
fn lasting(
    part: &Part,
    stored: &Stored,
    report: &Report,
    as_json: bool,
) -> anyhow::Result<Vec<String>> {
    let first = stored.regressions(&report.ratios);
    if first.is_empty() {
        return Ok(first);
    }
    progress("worse than stored; once more");
    let again = stored.regressions(&measured(part, as_json)?.ratios);
    let names: BTreeSet<_> = first.iter().map(|told| name_of(told)).collect();
    Ok(again
        .into_iter()
        .filter(|told| names.contains(name_of(told)))
        .collect())
}

fn measured(part: &Part, as_json: bool) -> anyhow::Result<Report> {
    progress(&format!("measuring {} …", part.name));
    let report = (part.measure)().with_context(|| format!("measuring {}", part.name))?;
    if !as_json {
        say(&format!("\n## {}\n\n{}", part.name, report.text));
    }
    Ok(report)
}

fn name_of(told: &str) -> &str {
    told.split(':').next().unwrap_or(told)
}

fn chosen(names: &[String]) -> anyhow::Result<Vec<&'static Part>> {
    if let Some(name) = names
        .iter()
        .find(|name| PARTS.iter().all(|part| part.name != **name))
    {
        let known: Vec<_> = PARTS.iter().map(|part| part.name).collect();
        bail!("there is no part `{name}`; there are: {}", known.join(", "));
    }
    let is_asked = |part: &Part| names.iter().any(|name| name == part.name);
    let wanted = |part: &&Part| (names.is_empty() && !part.is_long) || is_asked(part);
    Ok(PARTS.iter().filter(wanted).collect())
}

/// Writes a part's tables into the page.
fn keep(part: &str, text: &str) -> anyhow::Result<()> {
    let path = here().join("../docs/performance.md");
    let page = std::fs::read_to_string(&path).context("docs/performance.md cannot be read")?;
    let page = page::with_part(&page, part, text)
        .map_err(|problem| anyhow::anyhow!("docs/performance.md: {problem}"))?;
    std::fs::write(&path, page).context("docs/performance.md cannot be written")
}

/// The folder of this crate.
fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// The one place that prints results.
#[expect(clippy::print_stdout, reason = "the benchmark's result")]
fn say(text: &str) {
    println!("{text}");
}

/// Tells whoever waits how far it is.
#[expect(clippy::print_stderr, reason = "progress of minutes")]
fn progress(text: &str) {
    eprintln!("{text}");
}
