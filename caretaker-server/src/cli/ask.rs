//! `caretaker ask`: one question to the forge, and its answer.

use std::sync::Arc;

use anyhow::Context as _;
use caretaker_core::explain::plain_json;
use caretaker_core::model::{Answer, ForgeQuery, Stage, Unspelled};
use caretaker_core::ports::{Clock, Forge as _, Freshness, Kind, PortError};
use caretaker_wiring::clock::SystemClock;
use clap::Args;
use serde::Serialize;
use serde_json::Value;

use super::Exit;
use super::out::{self, Out};
use super::store;
use crate::settings::Settings;

/// Ask the forge one question and print the answer
#[derive(Debug, Args)]
#[command(after_help = r#"
Examples:
  caretaker ask --list
  caretaker ask my-org/my-repo item 7
  caretaker ask my-org/my-repo branch main --json
  caretaker ask my-org/my-repo config_file
  caretaker ask my-org/my-repo '{"get":"open_items","v":{"after":null,"limit":10}}'

Only reads. The question is a name with what it is about behind it, or JSON as
records have it. The answer is what agents are given: facts, not GitHub's own
words. docs/forge.md has all questions and the permission that each needs.

Exit codes: 0 answered; 1 there is no such thing; 2 wrong usage, no
credentials, or GitHub does not answer."#)]
pub(super) struct Ask {
    /// The repository
    #[arg(value_name = "OWNER/REPO", value_parser = store::named, required_unless_present = "list")]
    repo: Option<String>,
    /// What to ask: a name, or JSON
    #[arg(value_name = "QUESTION", required_unless_present = "list")]
    question: Option<String>,
    /// What a named question is about
    #[arg(value_name = "ABOUT")]
    about: Option<String>,
    /// List the questions, with one example each
    #[arg(long, conflicts_with_all = ["repo", "question", "about"])]
    list: bool,
}

/// One line of the list.
#[derive(Serialize)]
struct Listed {
    name: String,
    tells: String,
    permissions: &'static [&'static str],
    example: ForgeQuery,
    #[serde(skip)]
    spelled: String,
}

#[derive(Serialize)]
struct Told<'a> {
    repo: &'a str,
    question: &'a ForgeQuery,
    answer: &'a Answer,
}

impl Ask {
    pub(super) async fn run(
        &self,
        settings: impl FnOnce() -> anyhow::Result<Settings>,
        out: Out,
    ) -> anyhow::Result<Exit> {
        let (Some(repo), Some(question)) = (&self.repo, &self.question) else {
            let listed = listed();
            out.show(&listed, |listed| text_of_list(listed))?;
            return Ok(Exit::Good);
        };
        let question = read(question, self.about.as_deref())?;
        let settings = settings()?;
        anyhow::ensure!(
            settings.has_credentials(),
            "there are no credentials to ask with; set GITHUB_TOKEN, or `github.app`"
        );
        let (owner, name) = store::split(repo)?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::start());
        let forge = settings.open_forge(clock)?;
        let found = match forge.lookup(owner, name).await {
            Ok(found) => found,
            Err(error) if matches!(error.kind, Kind::NotFound | Kind::Denied) => {
                return Err(error).with_context(|| {
                    format!(
                        "GitHub shows us no repository {repo}; check its name, and that the \
                         credentials see it (`caretaker doctor`)"
                    )
                });
            }
            Err(error) => return Err(error).with_context(|| format!("{repo} was not found")),
        };
        let asked = [question];
        let answers = forge.read(&found, &asked, Freshness::Fresh).await;
        let [question] = asked;
        let answer = answers.into_iter().next().context("no answer was given")?;
        let (answer, exit) = match answer {
            Ok(answer) => (answer, Exit::Good),
            Err(error) if error.kind == Kind::NotFound => (Answer::Missing, Exit::No),
            Err(error) => return Err(explained(error, &question)),
        };
        let told = Told {
            repo,
            question: &question,
            answer: &answer,
        };
        if exit == Exit::No && !out.is_json() {
            out::complain(format_args!("there is no such thing in {repo}"));
            return Ok(exit);
        }
        out.show(&told, |told| text(told.answer))?;
        Ok(exit)
    }
}

/// The question meant, or what to write instead.
fn read(question: &str, about: Option<&str>) -> anyhow::Result<ForgeQuery> {
    anyhow::ensure!(
        about.is_none() || !question.trim_start().starts_with('{'),
        "a question in JSON holds what it is about; leave out the last argument"
    );
    ForgeQuery::spelled(question, about).map_err(|unspelled| match unspelled {
        Unspelled::Unknown { near } if near.is_empty() => anyhow::anyhow!(
            "there is no question `{question}`; `caretaker ask --list` shows all of them"
        ),
        Unspelled::Unknown { near } => anyhow::anyhow!(
            "there is no question `{question}`; did you mean {}? `caretaker ask --list` shows all \
             of them",
            near.join(", ")
        ),
        Unspelled::Argument {
            example: (name, None),
        } => anyhow::anyhow!("`{name}` is about nothing; leave out the last argument"),
        Unspelled::Argument { example } => anyhow::anyhow!(
            "what `{question}` is about is missing or of another form; write it like `{}`",
            spelled(&example)
        ),
        Unspelled::Json(why) => anyhow::anyhow!(
            "the question is no JSON as records have it ({why}); `caretaker ask --list --json` \
             shows each"
        ),
    })
}

/// What stands in the way of an answer, with what would mend it.
fn explained(error: PortError, question: &ForgeQuery) -> anyhow::Error {
    let name = question.name();
    let denied = error.kind == Kind::Denied;
    let failed = anyhow::Error::new(error);
    if denied {
        let needed = question.permissions().join(", ");
        return failed.context(format!(
            "GitHub does not let us see {name}; it needs {needed}: grant that to the App, or the \
             like to the token"
        ));
    }
    failed.context(format!("{name} was not answered"))
}

/// Each question once, in the order of the one list of examples.
fn listed() -> Vec<Listed> {
    let mut listed: Vec<Listed> = Vec::new();
    for example in ForgeQuery::examples(&Stage::default()) {
        let name = example.name();
        if listed.iter().any(|known| known.name == name) {
            continue;
        }
        listed.push(Listed {
            name,
            tells: example.summary(),
            permissions: example.permissions(),
            spelled: spelled(&example.spelling()),
            example,
        });
    }
    listed
}

/// A question as a shell takes it.
fn spelled((name, about): &(String, Option<String>)) -> String {
    match about {
        None => name.clone(),
        Some(about) if about.contains(['{', '"', ' ', '[']) => format!("{name} '{about}'"),
        Some(about) => format!("{name} {about}"),
    }
}

fn text_of_list(listed: &[Listed]) -> String {
    let rows: Vec<_> = listed
        .iter()
        .map(|row| {
            let permissions = row.permissions.join(", ");
            [row.spelled.clone(), row.tells.clone(), permissions]
        })
        .collect();
    out::table(&rows)
}

/// What the answer holds, laid out.
fn text(answer: &Answer) -> String {
    let value = serde_json::to_value(answer).unwrap_or(Value::Null);
    let shown = value.get("v").cloned().unwrap_or(Value::Null);
    plain_json(&serde_json::to_string_pretty(&shown).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use caretaker_core::model::{ConfigFile, Sha};

    use super::*;

    #[test]
    fn text_from_outside_moves_no_cursor() {
        let file = ConfigFile {
            commit: Sha::parse(&"a".repeat(40)).unwrap(),
            text: "a\u{1b}[2J\u{9b}2J\u{202e}b".to_owned(),
        };
        let shown = text(&Answer::ConfigFile(file));
        assert!(
            shown.contains(r"a\u001b[2J\u009b2J\u202eb"),
            "what was written can still be read: {shown}"
        );
    }
}
