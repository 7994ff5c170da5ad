//! What can be asked about alerts.

use serde::{Deserialize, Serialize};

/// A question about open alerts, youngest first. Whether the feature is off is part of the answer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "get", content = "v", rename_all = "snake_case")]
pub enum AlertQuery {
    /// Of code scanning. Answer: [`super::CodeAlert`]s.
    CodeScanning,
    /// Of secret scanning. Answer: [`super::SecretAlert`]s.
    SecretScanning,
    /// Of Dependabot. Answer: [`super::DependencyAlert`]s.
    Dependabot,
}

impl AlertQuery {
    /// Every one.
    pub const ALL: &'static [Self] = &[Self::CodeScanning, Self::SecretScanning, Self::Dependabot];

    /// The App permissions that an answer needs, as GitHub names them.
    pub fn permissions(&self) -> &'static [&'static str] {
        match self {
            Self::CodeScanning => &["security_events: read"],
            Self::SecretScanning => &["secret_scanning_alerts: read"],
            Self::Dependabot => &["vulnerability_alerts: read"],
        }
    }

    /// What it is about, for people.
    pub fn summary(&self) -> String {
        let what = match self {
            Self::CodeScanning => "code scanning",
            Self::SecretScanning => "secret scanning",
            Self::Dependabot => "Dependabot",
        };
        format!("open alerts of {what}")
    }
}
