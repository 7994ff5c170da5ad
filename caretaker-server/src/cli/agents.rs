//! `caretaker agents`: who there is, from the manifests.

use caretaker_core::agents::{Manifest, Reacts, all, by_name};
use caretaker_core::model::{Loudness, Span};
use clap::Args;
use serde::Serialize;

use super::Exit;
use super::out::{self, Out};

/// List the agents, or tell everything about one
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  caretaker agents
  caretaker agents stale
  caretaker agents --json

Exit codes: 0 shown; 2 there is no agent of that name.")]
pub(super) struct Agents {
    /// The agent to tell about
    name: Option<String>,
}

#[derive(Serialize)]
struct Listed<'a> {
    agents: Vec<View<'a>>,
}

#[derive(Serialize)]
struct View<'a> {
    name: &'a str,
    summary: &'a str,
    revision: u32,
    built_in: bool,
    section: Option<&'a str>,
    hears: Vec<Hears>,
    looks_at: Vec<&'a str>,
    ticks_every_seconds: Option<i64>,
    loudest: &'a str,
    permissions: &'a [&'a str],
    verdicts: &'a [&'a str],
    #[serde(skip)]
    ticks: String,
}

#[derive(Serialize)]
struct Hears {
    kind: String,
    reacts: &'static str,
}

impl Agents {
    pub(super) fn run(&self, out: Out) -> anyhow::Result<Exit> {
        let Some(name) = &self.name else {
            let agents = all().map(|agent| View::of(agent.manifest()));
            let listed = Listed {
                agents: agents.collect(),
            };
            out.show(&listed, |listed| {
                let head = ["AGENT", "TICKS", "MAY WRITE", "WHAT IT DOES"].map(str::to_owned);
                let rows = listed.agents.iter().map(|agent| {
                    let cells = [agent.name, &agent.ticks, agent.loudest, agent.summary];
                    cells.map(str::to_owned)
                });
                out::table(&std::iter::once(head).chain(rows).collect::<Vec<_>>())
            })?;
            return Ok(Exit::Good);
        };
        let Some(agent) = by_name(name) else {
            let names: Vec<_> = all().map(|agent| agent.manifest().name).collect();
            anyhow::bail!("there is no agent `{name}`; there are {}", names.join(", "));
        };
        out.show(&View::of(agent.manifest()), View::text)?;
        Ok(Exit::Good)
    }
}

/// How an agent takes an event, as a word.
pub(super) fn reacts(reacts: Reacts) -> &'static str {
    match reacts {
        Reacts::Level => "level",
        Reacts::Edge => "edge",
    }
}

impl<'a> View<'a> {
    fn of(manifest: &'a Manifest) -> Self {
        let section = manifest.params.switch();
        let built_in = section.is_none();
        let hears = manifest.hears.iter().flat_map(|trigger| {
            trigger.kinds.iter().map(|kind| Hears {
                kind: kind.name(),
                reacts: reacts(trigger.reacts),
            })
        });
        Self {
            name: manifest.name,
            summary: manifest.summary,
            revision: manifest.revision,
            built_in,
            section,
            hears: hears.collect(),
            looks_at: manifest.subjects.iter().map(|kind| kind.word()).collect(),
            ticks_every_seconds: manifest.every.map(Span::whole_seconds),
            loudest: match manifest.loudest {
                Loudness::Internal => "nothing",
                Loudness::Voice => "voice",
                Loudness::Act => "acts",
            },
            permissions: manifest.permissions,
            verdicts: manifest.verdicts,
            ticks: manifest
                .every
                .map_or_else(|| "–".to_owned(), |every| format!("every {every}")),
        }
    }

    fn text(&self) -> String {
        let hears: Vec<_> = self
            .hears
            .iter()
            .map(|hears| format!("{} ({})", hears.kind, hears.reacts))
            .collect();
        let section = self.section.map_or_else(
            || "built in, always on".to_owned(),
            |name| format!("section {name}"),
        );
        let rows = [
            ("settings", section),
            ("revision", self.revision.to_string()),
            ("ticks", self.ticks.clone()),
            ("looks at", self.looks_at.join(", ")),
            ("hears", hears.join(", ")),
            ("may write", self.loudest.to_owned()),
            ("permissions", self.permissions.join(", ")),
            ("verdicts", self.verdicts.join(", ")),
        ]
        .map(|(name, text)| [format!("  {name}"), text]);
        format!("{}: {}\n{}", self.name, self.summary, out::table(&rows))
    }
}
