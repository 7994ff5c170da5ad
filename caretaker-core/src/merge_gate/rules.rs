//! Review rules: who must have approved, as an and/or tree that a repository writes down.
//!
//! ```yaml
//! reviews:
//!   all:
//!     - code_owners: true
//!     - any:
//!         - approvals: 2
//!         - approvals: 1
//!           from: [alice, octo/leads]
//!           not: [author]
//! ```
//!
//! - An approval counts where the gate counts it anyway: a person's who may write to the
//!   repository, the last word of theirs that stands, and never the author's. Automation and words
//!   in comments never count.
//! - The authors of its commits do not count either, unless a rule's `not` leaves them out. The
//!   author of the pull request cannot be left out of `not`: nobody approves their own change.
//! - One person may satisfy several rules of an `all`, as elsewhere (policy-bot): rules say whose
//!   consent is needed, not how many people there must be in all.
//! - For code owners, each group of files needs one of its owners; the author is none of them even
//!   where GitHub takes their consent for granted.
//!
//! The text of a rule is read in `read`, judged in `judge`, told in `tell`.

mod judge;
mod read;
mod tell;

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;

pub use judge::{Approvals, Facts, Finding, Of, Unlearned};
pub(crate) use read::{Fault, MAX_NAMES, MAX_NEEDED, Step, read};

use super::owner::{Party, Team};

/// A rule that reviews have to satisfy.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Value")]
pub enum Rule {
    /// Every one of these; at least one.
    All(Vec<Self>),
    /// One of these; at least one.
    Any(Vec<Self>),
    /// So many people approve.
    Approvals {
        /// How many; at least one.
        needed: u32,
        /// Who counts; empty where everybody does who may write to the repository.
        from: Vec<Party>,
        /// Whether those who wrote its commits count.
        commit_authors: bool,
    },
    /// For each group of files with owners, one of those approves.
    CodeOwners {
        /// Whether those who wrote its commits count.
        commit_authors: bool,
    },
}

/// What has to be learned to judge a rule, beside the pull request with its reviews.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asks {
    /// The members of these teams.
    pub teams: BTreeSet<Team>,
    /// Who wrote the commits.
    pub commit_authors: bool,
    /// The changed files and who owns them; then the members of the owning teams too
    /// ([`owner_teams`](super::code_owners::owner_teams)).
    pub code_owners: bool,
}

impl Rule {
    /// What has to be learned to judge it.
    pub fn asks(&self) -> Asks {
        let mut asks = Asks::default();
        self.add_asks(&mut asks);
        asks
    }

    fn add_asks(&self, asks: &mut Asks) {
        match self {
            Self::All(rules) | Self::Any(rules) => {
                for rule in rules {
                    rule.add_asks(asks);
                }
            }
            Self::Approvals {
                from,
                commit_authors,
                needed: _,
            } => {
                asks.commit_authors |= !commit_authors;
                for party in from {
                    if let Party::Team(team) = party {
                        asks.teams.insert(team.clone());
                    }
                }
            }
            Self::CodeOwners { commit_authors } => {
                asks.commit_authors |= !commit_authors;
                asks.code_owners = true;
            }
        }
    }
}

/// For settings that were validated when they were read.
impl TryFrom<Value> for Rule {
    type Error = String;

    fn try_from(value: Value) -> Result<Self, String> {
        read(&value).map_err(|faults| {
            let whats: Vec<String> = faults.into_iter().map(|fault| fault.what).collect();
            format!("a review rule {}", whats.join("; "))
        })
    }
}

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;
