//! What is known about alerts. A found secret itself is never among it.

use serde::{Deserialize, Serialize};

use crate::model::{Listing, Timestamp};

/// The answer to an [`super::AlertQuery`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "a", content = "v", rename_all = "snake_case")]
pub enum AlertAnswer {
    /// Of code scanning.
    CodeScanning(Watch<CodeAlert>),
    /// Of secret scanning.
    SecretScanning(Watch<SecretAlert>),
    /// Of Dependabot.
    Dependabot(Watch<DependencyAlert>),
}

/// What a scanner that can be switched off has found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", content = "v", rename_all = "snake_case")]
pub enum Watch<T> {
    /// Nothing looks: it is switched off, or has never run. Not the same as no alert.
    Off,
    /// It looks, and these alerts are open.
    On(Listing<T>),
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing.
    Low,
    /// Worth mending.
    Medium,
    /// To be mended soon.
    High,
    /// To be mended now.
    Critical,
}

impl Severity {
    /// GitHub's word; `None` for one that we do not know.
    pub fn of_word(word: &str) -> Option<Self> {
        match word {
            "low" => Some(Self::Low),
            "medium" | "moderate" => Some(Self::Medium),
            "high" => Some(Self::High),
            "critical" => Some(Self::Critical),
            _ => None,
        }
    }
}

/// Something in the code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeAlert {
    /// Its number, counted for each kind of alert.
    pub number: u64,
    /// Name of the rule that was broken.
    pub rule: String,
    /// How bad for security; `None` where the rule is about something else, or of a word that we
    /// do not know.
    pub severity: Option<Severity>,
    /// Who found it.
    pub tool: String,
    /// The file that it was seen in last.
    pub path: Option<String>,
    /// The line there, from 1.
    pub line: Option<u64>,
    /// When it was found.
    pub created_at: Timestamp,
}

/// A secret that was pushed. What it is stays with GitHub.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretAlert {
    /// Its number.
    pub number: u64,
    /// What kind of secret, in GitHub's words.
    pub kind: String,
    /// Whether it still opens anything.
    pub validity: Validity,
    /// Whether somebody pushed it past the protection that had stopped it.
    pub bypassed: bool,
    /// Whether it was seen in public.
    pub leaked: bool,
    /// When it was found.
    pub created_at: Timestamp,
}

/// Whether a found secret still opens anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Validity {
    /// It does.
    Active,
    /// It does not.
    Inactive,
    /// Nobody has tried.
    Unknown,
}

impl Validity {
    /// GitHub's word; what it does not say, or says otherwise, is unknown.
    pub fn of_word(word: Option<&str>) -> Self {
        match word {
            Some("active") => Self::Active,
            Some("inactive") => Self::Inactive,
            Some(_) | None => Self::Unknown,
        }
    }
}

/// A dependency with a known weakness.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DependencyAlert {
    /// Its number.
    pub number: u64,
    /// The package.
    pub package: String,
    /// Where packages of that kind come from: `npm`, `rust`, …
    pub ecosystem: String,
    /// The file that asks for it.
    pub manifest: String,
    /// GitHub's name of the advisory, `GHSA-…`.
    pub advisory: String,
    /// How bad; `None` for a word that we do not know.
    pub severity: Option<Severity>,
    /// Which versions are weak.
    pub range: String,
    /// The first version that is not; `None` while there is none.
    pub patched: Option<String>,
    /// When it was found.
    pub created_at: Timestamp,
}
