//! `caretaker replay`: decides recorded runs again, without any port, and compares.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use caretaker_core::drive::journal;
use caretaker_core::drive::replay::{Difference, Replayed, replay};
use caretaker_core::ports::Filter;
use clap::Args;
use serde::{Deserialize, Serialize};

use super::Exit;
use super::out::Out;
use super::store::Store;
use crate::settings::Settings;

/// Decide recorded runs again and compare, byte for byte
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  caretaker replay
  caretaker replay journal.jsonl
  caretaker journal export | caretaker replay -
  caretaker replay tests/journal --diff --json

Records without a decision are counted, not compared. Records of another revision of their agent are
compared only with --diff, and never make it fail.

Exit codes: 0 all the same; 1 some differ, cannot be read, or name an unknown agent; 2 no records;
3 evidence of some was removed by retention, and none differs.")]
pub(super) struct Replay {
    /// Files of JSON Lines, directories of *.jsonl, or - for stdin [default: the store's journal]
    #[arg(value_name = "PATH|-")]
    paths: Vec<PathBuf>,
    /// Also list what other revisions of an agent decide otherwise now
    #[arg(long)]
    diff: bool,
}

/// How many records came out how.
#[derive(Debug, Default, Serialize)]
struct Counts {
    records: u64,
    same: u64,
    differs: u64,
    no_decision: u64,
    evidence_gone: u64,
    other_revision: u64,
    unreadable: u64,
    unknown_agent: u64,
}

/// One record worth naming.
#[derive(Debug, Serialize)]
struct Named {
    place: String,
    run: Option<String>,
    agent: Option<String>,
    what: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fields: Vec<Field>,
}

#[derive(Debug, Serialize)]
struct Field {
    name: &'static str,
    recorded: String,
    retaken: String,
}

/// What replaying came to.
#[derive(Debug, Default, Serialize)]
struct Summary {
    #[serde(flatten)]
    counts: Counts,
    named: Vec<Named>,
    #[serde(skip)]
    diff: bool,
}

#[derive(Deserialize)]
struct Head {
    id: String,
    agent: String,
}

impl Replay {
    /// Without paths it is the store's journal that is replayed.
    pub(super) fn reads_the_store(&self) -> bool {
        self.paths.is_empty()
    }

    pub(super) async fn run(&self, settings: Option<&Settings>, out: Out) -> anyhow::Result<Exit> {
        let mut summary = Summary {
            diff: self.diff,
            ..Summary::default()
        };
        if let Some(settings) = settings {
            let store = Store::open(settings).await?;
            store
                .each_closed(&Filter::default(), async |recorded| {
                    let line = journal::line(&store.unfolded(&recorded).await?);
                    summary.add(&format!("journal:{}", recorded.seq), &line);
                    Ok(())
                })
                .await?;
        }
        for path in &self.paths {
            if path.as_os_str() == "-" {
                summary.lines("stdin", io::stdin().lock())?;
                continue;
            }
            for file in files(path)? {
                let name = file.display().to_string();
                let opened =
                    File::open(&file).with_context(|| format!("{name} cannot be opened"))?;
                summary.lines(&name, BufReader::new(opened))?;
            }
        }
        out.show(&summary, Summary::text)?;
        Ok(summary.exit())
    }
}

/// The file itself, or every `*.jsonl` below a directory in the order of names.
fn files(path: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let context = || format!("{} cannot be listed", path.display());
    let mut entries: Vec<PathBuf> = std::fs::read_dir(path)
        .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect())
        .with_context(context)?;
    entries.sort();
    let mut found = Vec::new();
    for entry in entries {
        if entry.is_dir() {
            found.extend(files(&entry)?);
        } else if entry.extension().is_some_and(|end| end == "jsonl") {
            found.push(entry);
        }
    }
    Ok(found)
}

impl Summary {
    fn lines(&mut self, name: &str, mut reader: impl BufRead) -> anyhow::Result<()> {
        let mut bytes = Vec::new();
        for number in 1_u64.. {
            bytes.clear();
            let read = reader.read_until(b'\n', &mut bytes);
            if read.with_context(|| format!("{name} cannot be read"))? == 0 {
                break;
            }
            let line = String::from_utf8_lossy(&bytes);
            if !line.trim().is_empty() {
                self.add(&format!("{name}:{number}"), line.trim());
            }
        }
        Ok(())
    }

    /// Replays one line.
    fn add(&mut self, place: &str, line: &str) {
        self.counts.records += 1;
        let counts = &mut self.counts;
        let (count, named) = match replay(line) {
            Replayed::Same => (&mut counts.same, None),
            Replayed::NoDecision => (&mut counts.no_decision, None),
            Replayed::EvidenceGone => (
                &mut counts.evidence_gone,
                Some(("evidence_gone", None, vec![])),
            ),
            Replayed::Differs(fields) => (&mut counts.differs, Some(("differs", None, fields))),
            Replayed::OtherRevision(fields) => {
                let listed = self.diff && !fields.is_empty();
                let named = listed.then_some(("other_revision", None, fields));
                (&mut counts.other_revision, named)
            }
            Replayed::UnknownAgent(_) => (
                &mut counts.unknown_agent,
                Some(("unknown_agent", None, vec![])),
            ),
            Replayed::Unreadable(why) => (
                &mut counts.unreadable,
                Some(("unreadable", Some(why), vec![])),
            ),
        };
        *count += 1;
        if let Some((what, detail, fields)) = named {
            let head: Option<Head> = serde_json::from_str(line).ok();
            let (run, agent) = head.map(|head| (head.id, head.agent)).unzip();
            self.named.push(Named {
                place: place.to_owned(),
                run,
                agent,
                what,
                detail,
                fields: fields.into_iter().map(Field::from).collect(),
            });
        }
    }

    fn exit(&self) -> Exit {
        let counts = &self.counts;
        if counts.records == 0 {
            Exit::Missing
        } else if counts.differs + counts.unreadable + counts.unknown_agent > 0 {
            Exit::No
        } else if counts.evidence_gone > 0 {
            Exit::Gone
        } else {
            Exit::Good
        }
    }

    fn text(&self) -> String {
        let mut text = String::new();
        let mut say = |line: std::fmt::Arguments<'_>| {
            writeln!(text, "{line}").expect("writing to a string cannot fail");
        };
        for named in &self.named {
            let (run, agent) = (named.run.as_deref(), named.agent.as_deref());
            let what = named.what.replace('_', " ");
            say(format_args!(
                "{}: {what}: run {} of {}",
                named.place,
                run.unwrap_or("?"),
                agent.unwrap_or("?")
            ));
            if let Some(detail) = &named.detail {
                say(format_args!("  {detail}"));
            }
            for field in &named.fields {
                let (recorded, retaken) = excerpts(&field.recorded, &field.retaken);
                say(format_args!("  {} recorded: {recorded}", field.name));
                say(format_args!("  {} now:      {retaken}", field.name));
            }
        }
        let Counts {
            records,
            same,
            differs,
            no_decision,
            evidence_gone,
            other_revision,
            unreadable,
            unknown_agent,
        } = &self.counts;
        say(format_args!(
            "{records} records: {same} same, {differs} differ, {no_decision} without a decision, \
             {evidence_gone} with evidence gone, {other_revision} of another revision, \
             {unreadable} unreadable, {unknown_agent} of unknown agents"
        ));
        text
    }
}

impl From<Difference> for Field {
    fn from(difference: Difference) -> Self {
        Self {
            name: difference.field,
            recorded: difference.recorded,
            retaken: difference.retaken,
        }
    }
}

/// Both texts around the place where they part.
fn excerpts(recorded: &str, retaken: &str) -> (String, String) {
    const BEFORE: usize = 40;
    const SHOWN: usize = 200;
    let same = recorded
        .chars()
        .zip(retaken.chars())
        .take_while(|(a, b)| a == b)
        .count();
    let from = same.saturating_sub(BEFORE);
    let cut = |text: &str| {
        let shown: String = text.chars().skip(from).take(SHOWN).collect();
        let before = if from > 0 { "…" } else { "" };
        let after = if text.chars().count() > from + SHOWN {
            "…"
        } else {
            ""
        };
        format!("{before}{shown}{after}")
    };
    (cut(recorded), cut(retaken))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_begins_shortly_before_the_difference() {
        let (long, other) = ("a".repeat(500), format!("{}b", "a".repeat(300)));
        let (recorded, retaken) = excerpts(&long, &other);
        assert!(recorded.starts_with('…') && recorded.ends_with('…'));
        assert!(retaken.ends_with("ab"));
        assert_eq!(excerpts("1", "2"), ("1".to_owned(), "2".to_owned()));
    }
}
