//! `caretaker doctor`: is everything there that a server needs? One line for each finding.
//!
//! | Module | What is looked at |
//! |---|---|
//! | `store` | the store |
//! | `secrets` | the webhook secret, the App's private key, a person's token |
//! | `api` | credentials, the API, the clock |
//! | `repositories` | the allow-list, configurations of known repositories |
//! | `app` | what the App may and hears, against what agents need |
//! | `installations` | where it is installed, what was granted there, what is left of limits |
//! | `webhook` | where GitHub sends deliveries, and what became of the last |
//! | `checks` | required checks, against what is reported |

mod api;
mod app;
mod checks;
mod installations;
mod repositories;
mod secrets;
mod store;
mod webhook;

use std::fmt::Write as _;

use caretaker_core::ports::PortError;
use clap::Args;
use serde::Serialize;

use super::Exit;
use super::out::Out;
use super::pause;
use crate::settings::Settings;

/// Look for what keeps the server from working, and say how to mend it
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  caretaker doctor
  caretaker doctor --config caretaker.yaml --json

Checks the store, secrets, credentials, the API, the clock, pauses, and the
configurations of known repositories; of an App also its permissions and events
against what the active agents need, where it is installed, what is left of its
limits, its webhook and what became of the last deliveries; and required checks
against those that somebody reports. Works while the server runs; changes
nothing.

Exit codes: 0 nothing is wrong; 1 something is; 2 the settings are not valid.")]
pub(super) struct Doctor {}

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Level {
    Good,
    Note,
    Wrong,
}

#[derive(Serialize)]
struct Finding {
    check: &'static str,
    level: Level,
    found: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<String>,
}

#[derive(Default, Serialize)]
struct Findings {
    findings: Vec<Finding>,
}

impl Doctor {
    pub(super) async fn run(&self, settings: &Settings, out: Out) -> anyhow::Result<Exit> {
        let mut findings = Findings::default();
        let store = store::store(settings, &mut findings).await?;
        secrets::secret(settings, &mut findings);
        secrets::private_key(settings, &mut findings);
        repositories::senders(settings, &mut findings);
        let app = api::credentials(&store, &mut findings).await;
        api::api(&store, &mut findings).await;
        match pause::all(&store).await {
            Err(error) => findings.unread("pauses", &error),
            Ok(paused) => {
                for view in paused {
                    let fix = format!("`{}` ends it", view.undo());
                    findings.note("paused", view.said(), Some(fix));
                }
            }
        }
        match repositories::repositories(&store, &mut findings).await {
            Err(error) => findings.unread("configurations", &error),
            Ok(known) => {
                if app {
                    secrets::user_token(settings, &known, &mut findings);
                    app::app(&store, settings, &known, &mut findings).await;
                    webhook::webhook(&store, &mut findings).await;
                }
                let ceiling = settings.ceiling();
                checks::required(&store, &known, ceiling, &mut findings).await;
            }
        }
        out.show(&findings, Findings::text)?;
        let wrong = findings.findings.iter().any(|f| f.level == Level::Wrong);
        Ok(if wrong { Exit::No } else { Exit::Good })
    }
}

impl Findings {
    fn good(&mut self, check: &'static str, found: String) {
        self.add(check, Level::Good, found, None);
    }

    fn note(&mut self, check: &'static str, found: String, fix: Option<String>) {
        self.add(check, Level::Note, found, fix);
    }

    fn wrong(&mut self, check: &'static str, found: String, fix: &str) {
        self.add(check, Level::Wrong, found, Some(fix.to_owned()));
    }

    /// Our own memory could not tell.
    fn unread(&mut self, check: &'static str, error: &PortError) {
        self.wrong(check, error.to_string(), "see the line about the store");
    }

    /// GitHub did not tell.
    fn untold(&mut self, check: &'static str, error: &PortError) {
        self.wrong(
            check,
            error.to_string(),
            "see the lines about the API and the credentials, then ask again",
        );
    }

    fn add(&mut self, check: &'static str, level: Level, found: String, fix: Option<String>) {
        self.findings.push(Finding {
            check,
            level,
            found,
            fix,
        });
    }

    fn text(&self) -> String {
        let mut text = String::new();
        for finding in &self.findings {
            let sign = match finding.level {
                Level::Good => '✓',
                Level::Note => '–',
                Level::Wrong => '✗',
            };
            let fix = finding.fix.as_ref().map(|fix| format!(" → {fix}"));
            writeln!(
                text,
                "{sign} {}: {}{}",
                finding.check,
                finding.found,
                fix.unwrap_or_default()
            )
            .expect("writing to a string cannot fail");
        }
        text
    }
}
