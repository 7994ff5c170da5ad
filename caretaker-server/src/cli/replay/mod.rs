//! `caretaker replay`: decides recorded runs again, without any port, and compares.

mod changed;
mod diff;
mod what_if;

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use caretaker_core::drive::journal;
use caretaker_core::drive::replay::{Difference, Replayed, replay};
use caretaker_core::model::RepoRef;
use caretaker_core::ports::Filter;
use clap::Args;
use serde::{Deserialize, Serialize};

use self::diff::Diff;
use self::what_if::WhatIf;
use super::Exit;
use super::config::Checked;
use super::files::LONGEST;
use super::out::{self, Out};
use super::progress::{Progress, size};
use super::store::Store;
use crate::settings::Settings;

/// Decide recorded runs again and compare: as they were, or under another configuration
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  caretaker replay
  caretaker replay journal.jsonl
  caretaker journal export | caretaker replay -
  caretaker replay tests/journal --diff --json
  caretaker replay --config other.yml
  caretaker journal export --repo my-org/my-repo --since 30d | caretaker replay - --config other.yml

A line is at most 64 MiB long. Records without a decision are counted, not
compared. Records of another revision of their agent are compared only with
--diff, and never make it fail.

--config is what if: FILE is a repository's configuration (`caretaker config
check` says whether it is a good one), and every run is decided again under it:
event, evidence, time and the server's ceiling as recorded; parameters, mode,
budget and who is switched on from FILE. Told are runs that it newly allows
something, newly blocks, or changes otherwise, and questions that it would have
asked and nobody recorded. An hour's count of acts that was not recorded counts
as none. An agent that was switched off while others listened left no record,
and nothing is said of it. Under the file that was in force nothing changes;
`caretaker explain` names its commit.

--json prints a line for each run that is told of, and counts in the last. Here
--config names no settings of the server; --settings does.

Exit codes: 0 all the same; 1 some differ, cannot be read, or name an unknown
agent; 2 no records, or FILE is not valid; 3 evidence of some was removed by
retention, and none differs.")]
pub(super) struct Replay {
    /// Files of JSON Lines, directories of *.jsonl, or - for stdin [default: the store's journal]
    #[arg(value_name = "PATH|-")]
    paths: Vec<PathBuf>,
    /// What if this had been the repository's configuration?
    // The same id as the flag of all commands that names the settings: this one stands here instead.
    #[arg(long, value_name = "FILE", conflicts_with = "diff")]
    config: Option<PathBuf>,
    /// Settings of the server in YAML, which other commands name with --config
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
    /// Also list what other revisions of an agent decide otherwise now
    #[arg(long)]
    diff: bool,
    /// Count on stderr, also where that is no terminal
    #[arg(long)]
    progress: bool,
}

/// What becomes of the records.
trait Sink {
    /// Takes one line of a journal; returns what is to be told at once.
    fn add(&mut self, place: &str, line: &str) -> Vec<Listed>;
    /// What all of it came to.
    fn summary(&self) -> Listed;
    /// How the command ends.
    fn exit(&self) -> Exit;
}

/// Something to print, in both forms.
struct Listed {
    text: String,
    json: String,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    repository: Option<String>,
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

/// Replaying without further questions.
#[derive(Debug, Default)]
struct Plain(Counts);

#[derive(Deserialize)]
struct Head {
    id: String,
    agent: String,
    repo: Option<RepoRef>,
}

impl Replay {
    /// Without paths it is the store's journal that is replayed.
    pub(super) fn reads_the_store(&self) -> bool {
        self.paths.is_empty()
    }

    /// The settings that are named here.
    pub(super) fn settings(&self) -> Option<&Path> {
        self.settings.as_deref()
    }

    pub(super) async fn run(&self, settings: Option<&Settings>, out: Out) -> anyhow::Result<Exit> {
        if let Some(file) = &self.config {
            let is_stdin = |path: &PathBuf| path.as_os_str() == "-";
            if is_stdin(file) && self.paths.iter().any(is_stdin) {
                anyhow::bail!(
                    "stdin cannot be both configuration and journal; name a file for one"
                );
            }
            let checked = Checked::read(file)?;
            let Some(config) = &checked.config else {
                out::complain(checked.text().trim_end());
                return Ok(Exit::Missing);
            };
            let what_if = WhatIf::under(file.display().to_string(), config.clone());
            return self.pour(settings, out, what_if).await;
        }
        if self.diff {
            return self.pour(settings, out, Diff::default()).await;
        }
        self.pour(settings, out, Plain::default()).await
    }

    /// Lets every record flow into a sink, and tells what that says.
    async fn pour(
        &self,
        settings: Option<&Settings>,
        out: Out,
        sink: impl Sink,
    ) -> anyhow::Result<Exit> {
        let mut pouring = Pouring {
            sink,
            out,
            progress: Progress::of("records", self.progress),
        };
        if let Some(settings) = settings {
            let store = Store::open(settings).await?;
            store
                .each_closed(&Filter::default(), async |recorded| {
                    let line = journal::line(&store.unfolded(&recorded).await?);
                    pouring.add(&format!("journal:{}", recorded.seq), &line)
                })
                .await?;
        }
        for path in &self.paths {
            if path.as_os_str() == "-" {
                pouring.lines("stdin", io::stdin().lock())?;
                continue;
            }
            for file in files(path)? {
                let name = file.display().to_string();
                let opened =
                    File::open(&file).with_context(|| format!("{name} cannot be opened"))?;
                pouring.lines(&name, BufReader::new(opened))?;
            }
        }
        pouring.progress.end();
        pouring.sink.summary().print(out)?;
        let exit = pouring.sink.exit();
        if exit == Exit::Missing {
            out::complain(
                "caretaker: there is nothing to replay; `caretaker journal export` prints the \
                 records of a store",
            );
        }
        Ok(exit)
    }
}

/// Records on their way.
struct Pouring<S> {
    sink: S,
    out: Out,
    progress: Progress,
}

impl<S: Sink> Pouring<S> {
    fn lines(&mut self, name: &str, mut reader: impl BufRead) -> anyhow::Result<()> {
        let mut bytes = Vec::new();
        for number in 1_u64.. {
            bytes.clear();
            let read = (&mut reader)
                .take(LONGEST + 1)
                .read_until(b'\n', &mut bytes);
            let read = read.with_context(|| format!("{name} cannot be read"))?;
            if read == 0 {
                break;
            }
            if read as u64 > LONGEST {
                anyhow::bail!(
                    "{name} line {number} is longer than {}, which no record is; name a journal",
                    size(LONGEST)
                );
            }
            let line = String::from_utf8_lossy(&bytes);
            if !line.trim().is_empty() {
                self.add(&format!("{name}:{number}"), line.trim())?;
            }
        }
        Ok(())
    }

    fn add(&mut self, place: &str, line: &str) -> anyhow::Result<()> {
        for listed in self.sink.add(place, line) {
            self.progress.clear();
            listed.print(self.out)?;
        }
        self.progress.step();
        Ok(())
    }
}

impl Listed {
    fn new<T: Serialize>(text: String, value: &T) -> Self {
        let json = serde_json::to_string(value).expect("results have only string keys");
        Self { text, json }
    }

    fn print(&self, out: Out) -> io::Result<()> {
        out::line(if out.is_json() {
            &self.json
        } else {
            &self.text
        })
    }
}

/// The file itself, or every `*.jsonl` below a directory in the order of names. Links to
/// directories are not followed: they may lead back up.
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
            if !entry.is_symlink() {
                found.extend(files(&entry)?);
            }
        } else if entry.extension().is_some_and(|end| end == "jsonl") {
            found.push(entry);
        }
    }
    Ok(found)
}

impl Counts {
    /// Counts a record; returns what is to be said of it, if anything.
    fn count(&mut self, place: &str, line: &str, replayed: &Replayed) -> Option<Named> {
        self.records += 1;
        let (count, named) = match replayed {
            Replayed::Same => (&mut self.same, None),
            Replayed::NoDecision => (&mut self.no_decision, None),
            Replayed::OtherRevision(_) => (&mut self.other_revision, None),
            Replayed::EvidenceGone => (&mut self.evidence_gone, Some(("evidence_gone", None))),
            Replayed::Differs(_) => (&mut self.differs, Some(("differs", None))),
            Replayed::UnknownAgent(_) => (&mut self.unknown_agent, Some(("unknown_agent", None))),
            Replayed::Unreadable(why) => (
                &mut self.unreadable,
                Some(("unreadable", Some(why.clone()))),
            ),
        };
        *count += 1;
        let (what, detail) = named?;
        let fields = if let Replayed::Differs(differences) = replayed {
            differences.iter().map(Field::from).collect()
        } else {
            Vec::new()
        };
        let head: Option<Head> = serde_json::from_str(line).ok();
        let repository = head.as_ref().and_then(|head| head.repo.as_ref());
        let repository = repository.map(RepoRef::full_name);
        let (run, agent) = head.map(|head| (head.id, head.agent)).unzip();
        Some(Named {
            place: place.to_owned(),
            run,
            agent,
            repository,
            what,
            detail,
            fields,
        })
    }

    fn exit(&self) -> Exit {
        if self.records == 0 {
            Exit::Missing
        } else if self.differs + self.unreadable + self.unknown_agent > 0 {
            Exit::No
        } else if self.evidence_gone > 0 {
            Exit::Gone
        } else {
            Exit::Good
        }
    }

    fn text(&self) -> String {
        let Self {
            records,
            same,
            differs,
            no_decision,
            evidence_gone,
            other_revision,
            unreadable,
            unknown_agent,
        } = self;
        format!(
            "{records} records: {same} same, {differs} differ, {no_decision} without a decision, \
             {evidence_gone} with evidence gone, {other_revision} of another revision, \
             {unreadable} unreadable, {unknown_agent} of unknown agents"
        )
    }
}

impl Sink for Plain {
    fn add(&mut self, place: &str, line: &str) -> Vec<Listed> {
        let named = self.0.count(place, line, &replay(line));
        named.iter().map(Named::listed).collect()
    }

    fn summary(&self) -> Listed {
        Listed::new(self.0.text(), &self.0)
    }

    fn exit(&self) -> Exit {
        self.0.exit()
    }
}

impl Named {
    fn listed(&self) -> Listed {
        let mut text = String::new();
        let mut say = |line: std::fmt::Arguments<'_>| {
            writeln!(text, "{line}").expect("writing to a string cannot fail");
        };
        let (place, what) = (&self.place, self.what.replace('_', " "));
        let repository = self.repository.as_ref().map(|name| format!(" in {name}"));
        let repository = repository.unwrap_or_default();
        if let (Some(run), Some(agent)) = (&self.run, &self.agent) {
            say(format_args!(
                "{place}: {what}: run {run} of {agent}{repository}"
            ));
        } else {
            say(format_args!("{place}: {what}: no record of a run"));
        }
        if let Some(detail) = &self.detail {
            say(format_args!("  {detail}"));
        }
        for field in &self.fields {
            let (recorded, retaken) = excerpts(&field.recorded, &field.retaken);
            say(format_args!("  {} recorded: {recorded}", field.name));
            say(format_args!("  {} now:      {retaken}", field.name));
        }
        Listed::new(text.trim_end().to_owned(), self)
    }
}

impl From<&Difference> for Field {
    fn from(difference: &Difference) -> Self {
        Self {
            name: difference.field,
            recorded: difference.recorded.clone(),
            retaken: difference.retaken.clone(),
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
