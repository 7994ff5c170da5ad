//! Scanners, each on or off, and what they have found.

use caretaker_core::model::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::World;
use super::act::Act;
use super::state::State;
use super::trouble::Trouble;
use super::who::Who;

/// A scanner that a repository can switch on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scanner {
    /// Looks at code.
    Code,
    /// Looks for secrets in what is pushed.
    Secret,
    /// Looks at dependencies.
    Dependabot,
}

/// What is told about an alert of code scanning.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeFinding {
    /// Name of the rule.
    pub rule: String,
    /// `low`, `medium`, `high`, `critical`; `None` where the rule is about something else.
    pub severity: Option<String>,
    /// The file.
    pub path: String,
    /// The line.
    pub line: u64,
}

/// What is told about an alert of Dependabot.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WeakDependency {
    /// The package.
    pub package: String,
    /// The file that asks for it.
    pub manifest: String,
    /// `low`, `medium`, `high`, `critical`.
    pub severity: String,
    /// The first version that is mended.
    pub patched: Option<String>,
}

/// What a scanner has found.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Finding {
    /// In code.
    Code(CodeFinding),
    /// A secret in what was pushed.
    Secret {
        /// GitHub's word for its kind.
        kind: String,
        /// The secret itself, which is never told.
        secret: String,
        /// Whether it still opens something; `None` where that is not known.
        active: Option<bool>,
    },
    /// In a dependency.
    Dependency(WeakDependency),
}

impl Finding {
    fn scanner(&self) -> Scanner {
        match self {
            Self::Code(_) => Scanner::Code,
            Self::Secret { .. } => Scanner::Secret,
            Self::Dependency(_) => Scanner::Dependabot,
        }
    }
}

#[derive(Clone, Debug)]
struct Alert {
    number: u64,
    open: bool,
    at: Timestamp,
    finding: Finding,
}

/// A repository's scanners; one that is off has no list.
#[derive(Clone, Debug, Default)]
pub(crate) struct Alerts {
    code: Option<Vec<Alert>>,
    secret: Option<Vec<Alert>>,
    dependabot: Option<Vec<Alert>>,
}

impl Alerts {
    fn of(&mut self, scanner: Scanner) -> &mut Option<Vec<Alert>> {
        match scanner {
            Scanner::Code => &mut self.code,
            Scanner::Secret => &mut self.secret,
            Scanner::Dependabot => &mut self.dependabot,
        }
    }

    fn known(&self, scanner: Scanner) -> Option<&[Alert]> {
        match scanner {
            Scanner::Code => self.code.as_deref(),
            Scanner::Secret => self.secret.as_deref(),
            Scanner::Dependabot => self.dependabot.as_deref(),
        }
    }
}

impl World {
    /// Switches a scanner on, with nothing found, or off.
    pub fn scan(&self, scanner: Scanner, enabled: bool) {
        self.tell(Act::Scan { scanner, enabled });
    }

    /// Code scanning finds something; number of the alert.
    pub fn find_in_code(&self, finding: CodeFinding) -> u64 {
        self.find(Finding::Code(finding))
    }

    /// Secret scanning finds something, of GitHub's word for its kind; number of the alert.
    pub fn find_secret(&self, kind: &str, secret: &str, active: Option<bool>) -> u64 {
        let (kind, secret) = (kind.to_owned(), secret.to_owned());
        self.find(Finding::Secret {
            kind,
            secret,
            active,
        })
    }

    /// Dependabot finds something; number of the alert.
    pub fn find_dependency(&self, finding: WeakDependency) -> u64 {
        self.find(Finding::Dependency(finding))
    }

    /// Somebody mends what an alert is about.
    pub fn mend(&self, scanner: Scanner, number: u64) {
        self.tell(Act::Mend { scanner, number });
    }

    fn find(&self, finding: Finding) -> u64 {
        self.tell(Act::Find { finding }).number
    }
}

impl State {
    pub(crate) fn scan(&mut self, repo: u64, scanner: Scanner, enabled: bool) {
        self.changes += 1;
        *self.repo_mut(repo).alerts.of(scanner) = enabled.then(Vec::new);
    }

    /// Switches its scanner on too, where it is off.
    pub(crate) fn find(&mut self, repo: u64, finding: Finding) -> u64 {
        self.changes += 1;
        let at = self.now;
        let alerts = self.repo_mut(repo).alerts.of(finding.scanner());
        let alerts = alerts.get_or_insert_default();
        let number = alerts.len() as u64 + 1;
        let open = true;
        alerts.push(Alert {
            number,
            open,
            at,
            finding,
        });
        number
    }

    pub(crate) fn mend(&mut self, repo: u64, scanner: Scanner, number: u64) {
        self.changes += 1;
        let alerts = self.repo_mut(repo).alerts.of(scanner);
        for alert in alerts.iter_mut().flatten() {
            alert.open = alert.open && alert.number != number;
        }
    }

    /// The open alerts of a scanner as its route shows them, youngest first.
    ///
    /// # Errors
    /// 403, or 404, in GitHub's words where it is off.
    pub(crate) fn alerts_json(
        &self,
        who: &Who,
        repo: u64,
        scanner: Scanner,
    ) -> Result<Vec<Value>, Trouble> {
        let permission = match scanner {
            Scanner::Code => "security_events",
            Scanner::Secret => "secret_scanning_alerts",
            Scanner::Dependabot => "vulnerability_alerts",
        };
        self.may(who, repo, permission, false)?;
        let Some(known) = self.repo(repo).alerts.known(scanner) else {
            return Err(match scanner {
                Scanner::Code => Trouble::new(
                    403,
                    "Code scanning is not enabled for this repository. Please enable code \
                     scanning in the repository settings.",
                ),
                Scanner::Secret => {
                    Trouble::new(404, "Secret scanning is disabled on this repository.")
                }
                Scanner::Dependabot => {
                    Trouble::new(403, "Dependabot alerts are disabled for this repository.")
                }
            });
        };
        let open = known.iter().rev().filter(|alert| alert.open);
        Ok(open.map(|alert| self.alert_json(repo, alert)).collect())
    }

    fn alert_json(&self, repo: u64, alert: &Alert) -> Value {
        let place = match &alert.finding {
            Finding::Code(_) => "code-scanning",
            Finding::Secret { .. } => "secret-scanning",
            Finding::Dependency(_) => "dependabot",
        };
        let url = format!("{}/{place}/alerts/{}", self.repo_url(repo), alert.number);
        let page = self.repo(repo).full_name();
        let mut row = json!({
            "number": alert.number,
            "created_at": alert.at.to_string(),
            "updated_at": alert.at.to_string(),
            "url": url,
            "html_url": format!("https://github.com/{page}/security/{place}/{}", alert.number),
            "state": if alert.open { "open" } else { "fixed" },
        });
        let more = match &alert.finding {
            Finding::Code(found) => code_json(found, &url),
            Finding::Secret {
                kind,
                secret,
                active,
            } => secret_json(kind, secret, *active, &url),
            Finding::Dependency(found) => dependency_json(found, alert.number),
        };
        super::state::merge(&mut row, &more);
        row
    }
}

fn code_json(found: &CodeFinding, url: &str) -> Value {
    json!({
        "instances_url": format!("{url}/instances"),
        "fixed_at": null,
        "dismissed_by": null,
        "dismissed_at": null,
        "dismissed_reason": null,
        "rule": {
            "id": found.rule,
            "name": found.rule,
            "severity": "warning",
            "security_severity_level": found.severity,
            "description": found.rule,
            "tags": [],
        },
        "tool": {"name": "CodeQL", "guid": null, "version": "2.4.0"},
        "most_recent_instance": {
            "ref": "refs/heads/main",
            "analysis_key": ".github/workflows/codeql.yml:analyze",
            "environment": "{}",
            "category": "",
            "state": "open",
            "commit_sha": "39406e42cb832f683daa691dd652a8dc36ee8930",
            "message": {"text": found.rule},
            "location": {
                "path": found.path,
                "start_line": found.line,
                "end_line": found.line,
                "start_column": 1,
                "end_column": 2,
            },
            "classifications": [],
        },
    })
}

fn secret_json(kind: &str, secret: &str, active: Option<bool>, url: &str) -> Value {
    json!({
        "locations_url": format!("{url}/locations"),
        "resolution": null,
        "resolved_at": null,
        "resolved_by": null,
        "secret_type": kind,
        "secret_type_display_name": kind,
        "secret": secret,
        "validity": match active {
            Some(true) => "active",
            Some(false) => "inactive",
            None => "unknown",
        },
        "push_protection_bypassed": false,
        "push_protection_bypassed_by": null,
        "push_protection_bypassed_at": null,
        "publicly_leaked": false,
        "multi_repo": false,
    })
}

fn dependency_json(found: &WeakDependency, number: u64) -> Value {
    let package = json!({"ecosystem": "npm", "name": found.package});
    let patched = found.patched.as_ref();
    let patched = patched.map(|version| json!({"identifier": version}));
    let range = match &found.patched {
        Some(version) => format!("< {version}"),
        None => ">= 0".to_owned(),
    };
    let weakness = json!({
        "package": package,
        "severity": found.severity,
        "vulnerable_version_range": range,
        "first_patched_version": patched,
    });
    json!({
        "dependency": {
            "package": package,
            "manifest_path": found.manifest,
            "scope": "runtime",
        },
        "security_advisory": {
            "ghsa_id": format!("GHSA-{number:04}-0000-0000"),
            "cve_id": null,
            "summary": "It can be made to do what it should not.",
            "description": "",
            "vulnerabilities": [weakness],
            "severity": found.severity,
            "cvss": {"vector_string": null, "score": 0},
            "cwes": [],
            "identifiers": [],
            "references": [],
            "published_at": "2024-01-01T00:00:00Z",
            "updated_at": "2024-01-01T00:00:00Z",
            "withdrawn_at": null,
        },
        "security_vulnerability": weakness,
        "dismissed_at": null,
        "dismissed_by": null,
        "dismissed_reason": null,
        "dismissed_comment": null,
        "fixed_at": null,
    })
}
