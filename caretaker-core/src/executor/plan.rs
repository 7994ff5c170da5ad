//! The plan: whom to ask, in order, and why.

use serde::{Serialize, Serializer};

use super::{Against, Feature, Heard, Provider, Risk, TaskType};
use crate::model::Label;

/// Whom to ask for code, or why nobody may be asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// What it is for.
    pub feature: Feature,
    /// The kind of task.
    pub task: TaskType,
    /// Whom to ask.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// What is known about the change's risk.
    pub risk: Risk,
    /// Labels that are about who works on it.
    pub labels: Vec<Heard>,
    /// Everybody who was considered, once each, in order.
    #[serde(rename = "routing_trace")]
    pub trace: Vec<Step>,
}

/// Whom to ask.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// These, each when the one before has given up.
    #[serde(rename = "chain")]
    Dispatch(Chain),
    /// Nobody.
    #[serde(rename = "refused")]
    Refuse(Refusal),
}

/// At least one, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    /// Who is asked first.
    pub first: Link,
    /// Who then.
    pub rest: Vec<Link>,
}

/// One to ask.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Link {
    /// Who.
    pub provider: Provider,
    /// Who works in its Job; `None` for what the Job's image has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<Provider>,
}

/// Why nobody may be asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum Refusal {
    /// The item is to be left alone.
    Quarantine,
    /// Labels contradict each other.
    LabelsContradict {
        /// Which.
        labels: Vec<Label>,
    },
    /// A label names nobody we know.
    UnknownName {
        /// Whom it names, in small letters.
        name: String,
        /// Whom it could name.
        known: Vec<String>,
    },
    /// A label names somebody who is not there.
    Absent {
        /// Whom.
        name: String,
        /// Why not.
        against: Against,
        /// Whom it could name.
        known: Vec<String>,
    },
    /// The configuration names somebody we do not know.
    UnknownProvider {
        /// Whom.
        names: Vec<String>,
        /// Whom it could name.
        known: Vec<String>,
    },
}

/// One who was considered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// Who, or the word that stands for several.
    pub name: String,
    /// Why it was considered.
    pub source: Source,
    /// What came of it.
    #[serde(flatten)]
    pub verdict: Verdict,
}

/// Why somebody is considered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A label says so.
    Label,
    /// It is the feature's provider.
    Feature,
    /// It is the general provider.
    General,
    /// It is a fallback of the feature.
    Fallback,
    /// `auto` stands for it.
    Auto,
    /// It is always there.
    LastResort,
}

/// What came of considering somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// It is in the chain.
    Taken,
    /// It cannot take this task on.
    PassedOver {
        /// Why, everything that is against it.
        against: Vec<Against>,
    },
    /// It stands for others, who follow.
    StandsFor {
        /// Whom.
        names: Vec<String>,
    },
    /// A label leaves it out.
    LeftOut,
    /// Nobody may be asked.
    Refused,
}

impl Chain {
    /// The links; where there are none, Copilot.
    pub(super) fn new(links: Vec<Link>) -> Self {
        let mut links = links.into_iter();
        let copilot = Link {
            provider: Provider::Copilot,
            agent: None,
        };
        Self {
            first: links.next().unwrap_or(copilot),
            rest: links.collect(),
        }
    }

    /// All of them, in order.
    pub fn links(&self) -> impl Iterator<Item = &Link> {
        std::iter::once(&self.first).chain(&self.rest)
    }
}

impl Serialize for Chain {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.links())
    }
}

impl Link {
    /// `k8s_job with opencode_local`.
    pub fn words(&self) -> String {
        match &self.agent {
            None => self.provider.to_string(),
            Some(agent) => format!("{} with {agent}", self.provider),
        }
    }
}

impl Plan {
    /// The chain, unless it is refused.
    pub fn chain(&self) -> Option<&Chain> {
        match &self.outcome {
            Outcome::Dispatch(chain) => Some(chain),
            Outcome::Refuse(_) => None,
        }
    }
}

impl Refusal {
    /// One word for records.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Quarantine => "quarantine",
            Self::LabelsContradict { .. } => "labels_contradict",
            Self::UnknownName { .. } => "unknown_name",
            Self::Absent { .. } => "absent",
            Self::UnknownProvider { .. } => "unknown_provider",
        }
    }
}

impl Source {
    /// In words that continue "considered because ".
    pub fn words(self) -> &'static str {
        match self {
            Self::Label => "a label says so",
            Self::Feature => "it is the feature's provider",
            Self::General => "it is `executor.provider`",
            Self::Fallback => "it is a fallback of the feature",
            Self::Auto => "`auto` stands for it",
            Self::LastResort => "it is always there",
        }
    }
}
