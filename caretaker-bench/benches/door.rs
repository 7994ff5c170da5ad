//! What a delivery costs at the door: with many repositories, a long journal, a long queue.

use std::path::Path;
use std::time::Duration;

use caretaker_bench::figure::Better;
use caretaker_bench::report::{Report, number};
use caretaker_bench::turns::median;
use serde_json::json;
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

use crate::load::{Payload, flood};
use crate::process::Process;
use crate::{intake, progress, rest};

const SIZES: [Size; 7] = [
    Size::of("door/1", "one repository"),
    Size {
        repositories: 10,
        ..Size::of("door/10", "10 repositories")
    },
    Size {
        repositories: 100,
        ..Size::of("door/100", "100 repositories")
    },
    Size {
        repositories: 1_000,
        ..Size::of("door/1000", "1 000 repositories")
    },
    Size {
        journal: rest::JOURNAL / 10,
        ..Size::of("door/journal_100", "one, and a journal of 100 MB")
    },
    Size {
        journal: rest::JOURNAL,
        ..Size::of("door/journal_1000", "one, and a journal of 1 GB")
    },
    Size {
        has_backlog: true,
        ..Size::of("door/backlog", "one, and 100 000 deliveries wait")
    },
];
/// How long each is under load in one turn, and how many turns each has.
const TURN: Duration = Duration::from_secs(1);
const TURNS: usize = 7;
/// A delivery may cost this much of one at the first size.
const FLAT: f64 = 1.2;
/// Bytes of a delivery's text; with the rest of it about as many as GitHub's are on average.
const TEXT: usize = 7_000;

/// What a server that takes deliveries has already.
#[derive(Clone, Copy)]
struct Size {
    /// Of the ratio that is kept.
    ratio: &'static str,
    /// To be read.
    name: &'static str,
    /// Those that deliveries are about.
    repositories: usize,
    /// Bytes.
    journal: usize,
    has_backlog: bool,
}

impl Size {
    const fn of(ratio: &'static str, name: &'static str) -> Self {
        Self {
            ratio,
            name,
            repositories: 1,
            journal: 0,
            has_backlog: false,
        }
    }
}

/// A server of this size under load, with what each turn came to.
struct Door {
    size: Size,
    process: Process,
    payloads: Vec<Payload>,
    per_second: Vec<f64>,
    /// Microseconds of processor time for each delivery.
    processor: Vec<f64>,
    dir: TempDir,
}

pub(super) fn measure() -> anyhow::Result<Report> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let mut doors = Vec::new();
    for size in SIZES {
        progress(&format!("  made ready: {}", size.name));
        let mut door = Door::new(&runtime, size)?;
        // Warm, and the log of the database at its working length.
        door.turn(&runtime)?;
        door.per_second.clear();
        door.processor.clear();
        doors.push(door);
    }
    for turn in 0..TURNS {
        progress(&format!("  turn {} of {TURNS}", turn + 1));
        for at in 0..doors.len() {
            let at = (at + turn) % doors.len();
            doors[at].turn(&runtime)?;
        }
    }
    told(&doors)
}

fn told(doors: &[Door]) -> anyhow::Result<Report> {
    let mut report = Report::default();
    let mut rows = Vec::new();
    for door in doors {
        let (mut shown, mut target) = (String::new(), String::new());
        if door.size.ratio != SIZES[0].ratio {
            let pairs = door.processor.iter().zip(&doors[0].processor);
            let ratio = median(&pairs.map(|(a, b)| a / b).collect::<Vec<_>>());
            let stands = report.target(door.size.ratio, ratio, Better::Less, FLAT);
            shown = report.keep(door.size.ratio, ratio, Better::Less);
            target = format!("≤ {FLAT}: {stands}");
        }
        rows.push(vec![
            door.size.name.to_owned(),
            number(median(&door.per_second)),
            number(median(&door.processor)),
            shown,
            target,
            number(door.process.most_resident()?),
        ]);
    }
    report.table(
        &[
            "Deliveries about",
            "per second",
            "µs of processor each",
            "cost ÷ the first",
            "target",
            "MB held at most",
        ],
        &rows,
    );
    Ok(report)
}

impl Door {
    fn new(runtime: &Runtime, size: Size) -> anyhow::Result<Self> {
        let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
        if size.journal > 0 {
            rest::start(runtime, dir.path())?;
            rest::fill(dir.path(), size.journal)?;
        }
        let process = paused(dir.path())?;
        let door = Self {
            size,
            process,
            payloads: (0..size.repositories).map(payload).collect(),
            per_second: Vec::new(),
            processor: Vec::new(),
            dir,
        };
        if size.has_backlog {
            let file = door.dir.path().join("caretaker.db");
            runtime.block_on(intake::backlog(&door.process, &file, &door.payloads))?;
        }
        Ok(door)
    }

    fn turn(&mut self, runtime: &Runtime) -> anyhow::Result<()> {
        let before = self.process.processor()?;
        let flooding = flood(self.process.address, &self.payloads, TURN);
        let (accepted, seconds) = runtime.block_on(flooding)?;
        let used = self.process.processor()? - before;
        self.per_second.push(accepted / seconds);
        self.processor.push(used / accepted * 1e6);
        Ok(())
    }
}

/// A server that takes deliveries and handles none.
fn paused(dir: &Path) -> anyhow::Result<Process> {
    Process::caretaker(
        dir,
        &[
            ("CARETAKER_WEBHOOK_DISPATCH_MODE", "off"),
            ("CARETAKER_WEBHOOK_BACKLOG_LIMIT", "1000000000"),
        ],
    )
}

/// Something happens to a pull request of the repository.
fn payload(n: usize) -> Payload {
    let name = format!("repo-{n}");
    let text = "What was changed and why, in plain words. ".repeat(TEXT / 42);
    let body = json!({
        "action": "edited",
        "number": 7,
        "pull_request": {"number": 7, "state": "open", "title": "A change", "body": text},
        "repository": {"id": 1_000_000 + n, "name": name, "full_name": format!("octo/{name}"),
            "default_branch": "main", "owner": {"login": "octo", "id": 3}},
        "installation": {"id": 9},
        "sender": {"login": "alice", "id": 5, "type": "User"},
    });
    Payload::new("pull_request", body.to_string().as_bytes())
}
