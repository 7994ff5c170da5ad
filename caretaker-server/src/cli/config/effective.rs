//! `caretaker config effective`: every value in force, with its source.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use caretaker_core::config::effective::{Source, effective};
use caretaker_core::config::{Config, PATH, keys};
use caretaker_core::drive::known_config;
use caretaker_core::model::{ConfigState, Json, Mode};
use clap::Args;
use serde::Serialize;

use super::super::Exit;
use super::super::out::{self, Out};
use super::super::status::LIMIT_BY;
use super::super::store::{Store, split};
use super::super::view;
use super::Checked;
use crate::settings::Settings;

/// Show every value in force, and where it comes from
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  caretaker config effective
  caretaker config effective pr_agent.merge
  caretaker config effective my-org/my-repo safety
  caretaker config effective other.yml stale_agent --json

Of a repository it shows what the server has seen last: the lines are those of
the commit that is named, and modes are limited by the ceiling of the settings
given here; name the server's own with --config. Of a file it shows the file
alone; where none is named and the default one does not exist, the defaults.
Modes are those in force, whatever the file says. A source is the default, a
line, the last good commit, the ceiling, or the key that asks for a dry run.

Exit codes: 0 shown; 1 the file is not valid, --json has what `config check`
says; 2 what is named is no file, repository or key.")]
pub(in crate::cli) struct Effective {
    /// A repository or a file [default: .github/maintainer/config.yml]; and the first names of keys
    #[arg(value_name = "OWNER/REPO|FILE|KEY")]
    what: Vec<String>,
}

/// What was named.
#[derive(Debug, PartialEq, Eq)]
enum Target<'a> {
    Repo(&'a str),
    File(PathBuf),
    /// There is no file.
    Nothing,
}

#[derive(Serialize)]
struct Shown {
    of: String,
    state: &'static str,
    commit: Option<String>,
    ceiling: Option<&'static str>,
    /// Whose ceiling that is: a server may have been started with other settings.
    #[serde(skip_serializing_if = "Option::is_none")]
    limit_by: Option<&'static str>,
    values: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    key: String,
    value: Option<Json>,
    source: &'static str,
    line: Option<u32>,
    commit: Option<String>,
    #[serde(skip)]
    told: String,
}

/// A text in force and where it comes from.
struct InForce {
    of: String,
    state: Option<ConfigState>,
    commit: Option<String>,
    config: Config,
    lines: BTreeMap<String, u32>,
    ceiling: Option<Mode>,
}

impl Effective {
    pub(super) async fn run(
        &self,
        settings: impl FnOnce() -> anyhow::Result<Settings>,
        out: Out,
    ) -> anyhow::Result<Exit> {
        let is_key = |text: &&String| keys().iter().any(|key| begins(key.path, text));
        let (prefixes, targets): (Vec<_>, Vec<_>) = self.what.iter().partition(is_key);
        let in_force = match target(&targets)? {
            Target::Repo(name) => of_repo(name, &settings()?).await?,
            Target::File(file) => {
                let checked = Checked::read(&file)?;
                let Some(config) = checked.config.clone() else {
                    if out.is_json() {
                        out.show(&checked, Checked::text)?;
                    } else {
                        out::complain(checked.text().trim_end());
                    }
                    return Ok(Exit::No);
                };
                InForce {
                    of: file.display().to_string(),
                    state: None,
                    commit: None,
                    config,
                    lines: checked.lines,
                    ceiling: None,
                }
            }
            Target::Nothing => InForce {
                of: format!("no file ({PATH})"),
                state: Some(ConfigState::Absent),
                commit: None,
                config: Config::default(),
                lines: BTreeMap::new(),
                ceiling: None,
            },
        };
        let shown = in_force.shown(&prefixes);
        out.show(&shown, Shown::text)?;
        Ok(Exit::Good)
    }
}

/// Whether a key lies at or below a path.
fn begins(key: &str, path: &str) -> bool {
    key.strip_prefix(path)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn target<'a>(targets: &[&'a String]) -> anyhow::Result<Target<'a>> {
    match targets {
        [] if Path::new(PATH).exists() => Ok(Target::File(PATH.into())),
        [] => Ok(Target::Nothing),
        [one] if *one == "-" || Path::new(one).is_file() => Ok(Target::File(one.into())),
        [one] if file_like(one) || one.matches('/').count() != 1 => {
            anyhow::bail!("`{one}` is no file, no owner/repo, and no key begins with it")
        }
        [one] => Ok(Target::Repo(one)),
        [_, second, ..] => anyhow::bail!(
            "`{second}` is too much: name one repository or file; no key begins with it either"
        ),
    }
}

/// Whether a text looks like a file's name, and not like a repository's.
fn file_like(text: &str) -> bool {
    let end = Path::new(text).extension();
    text.starts_with('.') || end.is_some_and(|end| end == "yml" || end == "yaml")
}

async fn of_repo(name: &str, settings: &Settings) -> anyhow::Result<InForce> {
    split(name)?;
    let store = Store::open(settings).await?;
    let repo = store.repo(name).await?.repo;
    let known = known_config::remembered(&store.ports, &repo.key).await?;
    let (_, known) = known.with_context(|| {
        format!(
            "the configuration of {name} has not been looked at yet; \
             `caretaker run --repo {name} --agent stale --dry-run` does"
        )
    })?;
    let parsed = Config::parse(known.good_text.as_deref().unwrap_or_default());
    Ok(InForce {
        of: name.to_owned(),
        state: Some(known.state),
        commit: known.good_commit.map(|sha| sha.as_str().to_owned()),
        config: parsed.config.unwrap_or_default(),
        lines: parsed.lines,
        ceiling: Some(settings.ceiling()),
    })
}

impl InForce {
    fn shown(&self, prefixes: &[&String]) -> Shown {
        let rows = effective(&self.config, &self.lines, self.ceiling.unwrap_or(Mode::Act));
        let wanted = |path: &str| {
            let any = prefixes.iter().any(|prefix| begins(path, prefix));
            prefixes.is_empty() || any
        };
        let values = rows
            .into_iter()
            .filter(|row| wanted(&row.path))
            .map(|row| {
                let (source, line, told) = self.source(row.source);
                Row {
                    key: row.path,
                    value: row.value,
                    source,
                    line,
                    commit: line.and(self.commit.clone()),
                    told,
                }
            })
            .collect();
        Shown {
            of: self.of.clone(),
            state: self.state.map_or("file", view::configuration),
            commit: self.commit.clone(),
            ceiling: self.ceiling.map(Mode::name),
            limit_by: self.ceiling.map(|_| LIMIT_BY),
            values,
        }
    }

    fn source(&self, source: Source) -> (&'static str, Option<u32>, String) {
        let last_good = self.state == Some(ConfigState::LastGood);
        match source {
            Source::Default => ("default", None, "default".to_owned()),
            Source::Line(line) if last_good => {
                let commit = self.commit.as_deref().and_then(|sha| sha.get(..7));
                let told = format!(
                    "line {line} of the last good commit {}",
                    commit.unwrap_or("?")
                );
                ("last_good", Some(line), told)
            }
            Source::Line(line) => ("file", Some(line), format!("line {line}")),
            Source::Ceiling => ("ceiling", None, "the ceiling set here".to_owned()),
            Source::DryRun(line) => {
                let told = format!("orchestrator.dry_run on line {line}");
                ("dry_run", Some(line), told)
            }
        }
    }
}

impl Shown {
    fn text(&self) -> String {
        let at = self.commit.as_deref().and_then(|sha| sha.get(..7));
        let at = at.map(|sha| format!(" at {sha}")).unwrap_or_default();
        let ceiling = self
            .ceiling
            .map(|mode| format!("; ceiling {mode}, by the settings given here"));
        let mut text = format!(
            "{}: {}{at}{}\n",
            self.of,
            self.state,
            ceiling.unwrap_or_default()
        );
        let head = ["KEY", "VALUE", "SOURCE"].map(str::to_owned);
        let rows = self.values.iter().map(|row| {
            let value = row.value.as_ref().map_or("–", Json::text);
            [row.key.clone(), value.to_owned(), row.told.clone()]
        });
        text.push_str(&out::table(
            &std::iter::once(head).chain(rows).collect::<Vec<_>>(),
        ));
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_name_is_no_beginning_of_a_key() {
        assert!(begins("pr_agent.merge.settle_seconds", "pr_agent.merge"));
        assert!(begins("pr_agent.enabled", "pr_agent.enabled"));
        assert!(!begins("pr_agent.merge_authority.mode", "pr_agent.merge"));
    }
}
