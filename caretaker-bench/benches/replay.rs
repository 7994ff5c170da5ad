//! `replay`: one recorded line is read, decided again, and compared.

use std::hint::black_box;

use anyhow::{Context as _, ensure};
use caretaker_bench::figure::Better;
use caretaker_bench::report::{Report, number};
use caretaker_bench::turns::{Yardstick, best};
use caretaker_core::agents::AGENTS;
use caretaker_core::drive::replay::{Replayed, replay};

/// Runs of a kilobyte in a second and core; of larger ones as many bytes.
const TARGET: f64 = 50_000.0;

pub(super) fn measure() -> anyhow::Result<Report> {
    let stick = Yardstick::new();
    let mut report = Report::default();
    let mut rows = Vec::new();
    for (name, what) in [
        ("config", "the smallest of `config`"),
        ("pr", "the smallest of `pr`: closed meanwhile"),
        ("stale", "the smallest of `stale`"),
    ] {
        let line = recorded(name)?.into_iter().min_by_key(String::len);
        let line = line.context("a file of recorded runs has lines")?;
        rows.push(row(&mut report, &stick, name, what, &line)?);
    }
    let line = recorded("pr")?.into_iter().max_by_key(String::len);
    let line = line.context("a file of recorded runs has lines")?;
    let what = "the largest of `pr`: comment, check, merge";
    rows.push(row(&mut report, &stick, "pr_large", what, &line)?);
    report.table(
        &[
            "Recorded run",
            "kB",
            "per second and core",
            "MB/s",
            "ratio to the yardstick",
            "target",
        ],
        &rows,
    );
    Ok(report)
}

fn row(
    report: &mut Report,
    stick: &Yardstick,
    name: &str,
    what: &str,
    line: &str,
) -> anyhow::Result<Vec<String>> {
    ensure!(
        replay(line) == Replayed::Same,
        "a recorded run of {name} does not replay"
    );
    let [unit, nanos] = best([&mut || stick.lay(), &mut || drop(black_box(replay(line)))]);
    let name = format!("replay/{name}");
    let per_second = 1e9 / nanos;
    let bytes = f64::from(u32::try_from(line.len())?);
    let ratio = report.keep(&name, nanos / unit, Better::Less);
    let aim = TARGET / (bytes / 1e3).max(1.0);
    let stands = report.target(&name, per_second, Better::More, aim);
    Ok(vec![
        what.to_owned(),
        number(bytes / 1e3),
        number(per_second),
        number(bytes * per_second / 1e6),
        ratio,
        format!("≥ {}: {stands}", number(aim)),
    ])
}

/// The recorded runs of an agent's current revision.
pub(super) fn recorded(agent: &str) -> anyhow::Result<Vec<String>> {
    let manifests = AGENTS.iter().map(|agent| agent.manifest());
    let manifest = manifests
        .into_iter()
        .find(|manifest| manifest.name == agent);
    let revision = manifest.context("an agent of this name")?.revision;
    let file = format!("../caretaker-core/journal/{agent}.{revision}.jsonl");
    let text = std::fs::read_to_string(crate::here().join(&file));
    let text = text.with_context(|| format!("{file} cannot be read"))?;
    Ok(text.lines().map(str::to_owned).collect())
}
