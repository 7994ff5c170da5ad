//! Alerts as core's facts, read from what the REST face shows.

use caretaker_core::model::alert::{
    CodeAlert, DependencyAlert, SecretAlert, Severity, Validity, Watch,
};
use caretaker_core::model::{AlertAnswer, AlertQuery, Listing, Timestamp};
use serde_json::Value;

use crate::world::alert::Scanner;
use crate::world::state::State;
use crate::world::trouble::Trouble;
use crate::world::who::Who;

/// A question's operation, for log and faults.
pub(super) fn name(query: &AlertQuery) -> (&'static str, String) {
    let noun = match query {
        AlertQuery::CodeScanning => "code_scanning",
        AlertQuery::SecretScanning => "secret_scanning",
        AlertQuery::Dependabot => "dependabot",
    };
    (noun, String::new())
}

impl State {
    pub(super) fn alert_fact(
        &self,
        us: &Who,
        repo: u64,
        query: &AlertQuery,
    ) -> Result<AlertAnswer, Trouble> {
        Ok(match query {
            AlertQuery::CodeScanning => {
                AlertAnswer::CodeScanning(self.watch(us, repo, Scanner::Code, code)?)
            }
            AlertQuery::SecretScanning => {
                AlertAnswer::SecretScanning(self.watch(us, repo, Scanner::Secret, secret)?)
            }
            AlertQuery::Dependabot => {
                AlertAnswer::Dependabot(self.watch(us, repo, Scanner::Dependabot, dependency)?)
            }
        })
    }

    fn watch<T>(
        &self,
        us: &Who,
        repo: u64,
        scanner: Scanner,
        read: fn(&Value) -> T,
    ) -> Result<Watch<T>, Trouble> {
        match self.alerts_json(us, repo, scanner) {
            Ok(rows) => Ok(Watch::On(Listing::whole(rows.iter().map(read).collect()))),
            Err(trouble) if trouble.lacks.is_none() && self.may_see(us, repo) => Ok(Watch::Off),
            Err(trouble) => Err(trouble),
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn at(row: &Value) -> Timestamp {
    Timestamp::parse_rfc3339(row["created_at"].as_str().unwrap_or_default())
        .expect("invariant: the world writes its own times")
}

fn number(row: &Value) -> u64 {
    row["number"].as_u64().unwrap_or_default()
}

fn code(row: &Value) -> CodeAlert {
    let place = &row["most_recent_instance"]["location"];
    CodeAlert {
        number: number(row),
        rule: text(&row["rule"]["id"]),
        severity: row["rule"]["security_severity_level"]
            .as_str()
            .and_then(Severity::of_word),
        tool: text(&row["tool"]["name"]),
        path: place["path"].as_str().map(str::to_owned),
        line: place["start_line"].as_u64(),
        created_at: at(row),
    }
}

fn secret(row: &Value) -> SecretAlert {
    let yes = |name: &str| row[name].as_bool() == Some(true);
    SecretAlert {
        number: number(row),
        kind: text(&row["secret_type"]),
        validity: Validity::of_word(row["validity"].as_str()),
        bypassed: yes("push_protection_bypassed"),
        leaked: yes("publicly_leaked"),
        created_at: at(row),
    }
}

fn dependency(row: &Value) -> DependencyAlert {
    let weakness = &row["security_vulnerability"];
    let patched = &weakness["first_patched_version"]["identifier"];
    DependencyAlert {
        number: number(row),
        package: text(&row["dependency"]["package"]["name"]),
        ecosystem: text(&row["dependency"]["package"]["ecosystem"]),
        manifest: text(&row["dependency"]["manifest_path"]),
        advisory: text(&row["security_advisory"]["ghsa_id"]),
        severity: weakness["severity"].as_str().and_then(Severity::of_word),
        range: text(&weakness["vulnerable_version_range"]),
        patched: patched.as_str().map(str::to_owned),
        created_at: at(row),
    }
}
