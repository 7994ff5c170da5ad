//! What an agent decided, and what the guard made of it.

use serde::{Deserialize, Serialize};

use super::{Action, Mode, Reason, Timestamp};

/// What an agent decided. Nothing else an agent does has any effect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// One lower-case word, listed in the agent's manifest; stable, for metrics.
    pub verdict: String,
    /// Every rule that was looked at.
    pub because: Reason,
    /// What shall happen, in this order.
    pub actions: Vec<Planned>,
    /// When to look again even if nothing happens.
    pub recheck_at: Option<Timestamp>,
}

/// An action with its purpose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    /// The action.
    pub action: Action,
    /// What for, in our words.
    pub why: String,
}

impl Decision {
    /// A decision that causes nothing.
    pub fn because(verdict: &str, because: Reason) -> Self {
        Self {
            verdict: verdict.to_owned(),
            because,
            actions: Vec::new(),
            recheck_at: None,
        }
    }

    /// Adds an action.
    #[must_use]
    pub fn then(mut self, action: Action, why: impl Into<String>) -> Self {
        self.actions.push(Planned {
            action,
            why: why.into(),
        });
        self
    }

    /// Looks again at a time even if nothing happens.
    #[must_use]
    pub fn recheck_at(mut self, at: Timestamp) -> Self {
        self.recheck_at = Some(at);
        self
    }
}

/// A decision after the guard: what may happen and what is held, in the planned order each.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reviewed {
    /// What may happen.
    pub allowed: Vec<Planned>,
    /// What is held back, and why.
    pub held: Vec<Held>,
    /// When held acts may be tried again, for holds that end by themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recheck_at: Option<Timestamp>,
}

/// An action that is held back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The action.
    pub planned: Planned,
    /// Why it is held.
    pub refusal: Refusal,
}

/// Why an action is held back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "held", content = "v", rename_all = "snake_case")]
pub enum Refusal {
    /// The item carries the quarantine label.
    Quarantined,
    /// The operator has paused us here.
    Paused,
    /// The effective mode is lower than the action needs.
    Mode {
        /// Mode in force.
        is: Mode,
        /// Lowest mode that allows the action.
        needs: Mode,
    },
    /// This hour's acts are spent.
    OverBudget {
        /// Acts already performed in the hour.
        spent: u64,
        /// Acts allowed in an hour.
        limit: u64,
    },
    /// Another act of the same decision is held; the acts of a decision go as one.
    WithTheRest,
}
