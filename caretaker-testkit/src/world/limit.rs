//! Rate limits: a budget an hour for each credential, and one of points for GraphQL.

use std::collections::BTreeMap;

use caretaker_core::model::{Span, Timestamp};
use serde_json::{Value, json};

use super::trouble::Trouble;

/// GitHub's budget of an installation on a small account.
const AN_HOUR: u32 = 5_000;

/// What is left of one credential's hour.
#[derive(Clone, Debug)]
pub(crate) struct Budget {
    pub(crate) limit: u32,
    pub(crate) used: u32,
    pub(crate) reset: Timestamp,
}

/// Budgets by the account behind the credential.
#[derive(Debug, Default)]
pub(crate) struct Limits {
    budgets: BTreeMap<String, Budget>,
    /// How much content each may make in a minute; without one as much as it likes.
    content: Option<u32>,
    /// When each made content lately.
    made: BTreeMap<String, Vec<Timestamp>>,
}

impl Limits {
    /// The budget at this time; a new hour starts with the first request in it.
    pub(crate) fn budget(&mut self, login: &str, now: Timestamp) -> &mut Budget {
        let fresh = |limit| Budget {
            limit,
            used: 0,
            reset: now + Span::hours(1),
        };
        let budget = self
            .budgets
            .entry(login.to_owned())
            .or_insert_with(|| fresh(AN_HOUR));
        if budget.reset <= now {
            *budget = fresh(budget.limit);
        }
        budget
    }

    /// The points at this time, which no REST request takes from.
    pub(crate) fn points(&self, login: &str, now: Timestamp) -> Budget {
        let known = self.budgets.get(&points_of(login));
        let known = known.filter(|budget| budget.reset > now).cloned();
        known.unwrap_or(Budget {
            limit: AN_HOUR,
            used: 0,
            reset: now + Span::hours(1),
        })
    }

    /// Refuses whoever has used up the hour.
    pub(crate) fn open(&mut self, login: &str, now: Timestamp) -> Result<(), Trouble> {
        let budget = self.budget(login, now);
        if budget.used < budget.limit {
            return Ok(());
        }
        let mut trouble = Trouble::new(403, "API rate limit exceeded for installation.");
        trouble.retry_after = Some(budget.reset.since(now));
        Err(trouble)
    }

    /// Every budget is whole again.
    pub(crate) fn refill(&mut self) {
        self.budgets.clear();
    }

    /// Takes one request from the budget, or refuses it.
    pub(crate) fn spend(&mut self, login: &str, now: Timestamp) -> Result<(), Trouble> {
        self.open(login, now)?;
        self.budget(login, now).used += 1;
        Ok(())
    }

    /// Allows so much content a minute from now on.
    pub(crate) fn content(&mut self, a_minute: Option<u32>) {
        self.content = a_minute;
    }

    /// Counts what makes content, or refuses it: the secondary limit.
    pub(crate) fn make(&mut self, login: &str, now: Timestamp) -> Result<(), Trouble> {
        let Some(most) = self.content else {
            return Ok(());
        };
        let made = self.made.entry(login.to_owned()).or_default();
        made.retain(|at| now.since(*at) < Span::minutes(1));
        if u32::try_from(made.len()).is_ok_and(|made| made < most) {
            made.push(now);
            return Ok(());
        }
        let mut trouble = Trouble::new(429, "You have exceeded a secondary rate limit.");
        trouble.retry_after = Some(Span::minutes(1));
        Err(trouble)
    }

    /// Takes a document's points, or refuses it.
    pub(crate) fn spend_points(
        &mut self,
        login: &str,
        now: Timestamp,
        points: u32,
    ) -> Result<(), Trouble> {
        let budget = self.budget(&points_of(login), now);
        if budget.remaining() < points {
            return Err(Trouble::new(
                429,
                "API rate limit exceeded for installation.",
            ));
        }
        budget.used += points;
        Ok(())
    }
}

/// The name under which somebody's points are kept beside their requests.
pub(crate) fn points_of(login: &str) -> String {
    format!("{login} graphql")
}

impl Budget {
    pub(crate) fn remaining(&self) -> u32 {
        self.limit.saturating_sub(self.used)
    }

    pub(crate) fn json(&self) -> Value {
        json!({
            "limit": self.limit,
            "used": self.used,
            "remaining": self.remaining(),
            "reset": self.reset.as_seconds(),
        })
    }
}
