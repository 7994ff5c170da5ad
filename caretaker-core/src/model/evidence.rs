//! Everything fetched so far in one run, and why a decision may have to wait.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Answer, Failure, Query};

/// Answers by question; ordered, so its bytes are stable. The first answer wins.
///
/// Serialised as a list of pairs, because JSON keys must be strings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<(Query, Answer)>", into = "Vec<(Query, Answer)>")]
pub struct Evidence(BTreeMap<Query, Answer>);

impl From<Vec<(Query, Answer)>> for Evidence {
    fn from(pairs: Vec<(Query, Answer)>) -> Self {
        Self(pairs.into_iter().collect())
    }
}

impl From<Evidence> for Vec<(Query, Answer)> {
    fn from(evidence: Evidence) -> Self {
        evidence.0.into_iter().collect()
    }
}

impl Evidence {
    /// The answer, if the question was asked.
    pub fn answer(&self, query: &Query) -> Option<&Answer> {
        self.0.get(query)
    }

    /// Adds an answer unless there is one already; says whether it was added.
    pub fn add(&mut self, query: Query, answer: Answer) -> bool {
        match self.0.entry(query) {
            std::collections::btree_map::Entry::Vacant(slot) => {
                slot.insert(answer);
                true
            }
            std::collections::btree_map::Entry::Occupied(_) => false,
        }
    }

    /// Every pair, in the order of the questions.
    pub fn iter(&self) -> impl Iterator<Item = (&Query, &Answer)> {
        self.0.iter()
    }

    /// Replaces answers in place; for storing large ones elsewhere and bringing them back.
    pub fn map_answers<E>(
        &mut self,
        mut change: impl FnMut(&Query, &Answer) -> Result<Option<Answer>, E>,
    ) -> Result<(), E> {
        for (query, answer) in &mut self.0 {
            if let Some(changed) = change(query, answer)? {
                *answer = changed;
            }
        }
        Ok(())
    }

    /// How many questions were answered.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing was asked yet.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Why a decision cannot be taken yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Halt {
    /// Fetch these, then decide again.
    Need(Vec<Query>),
    /// A needed source failed: decide nothing, come back later.
    Blocked(Query, Failure),
    /// The subject is gone.
    Gone(Query),
    /// Parameters do not decode: tell the repository.
    Misconfigured(String),
}
