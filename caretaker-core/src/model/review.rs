//! Reviews: which of them count, and what can be asked about them.

pub mod action;
pub mod anchors;
pub mod answer;
pub mod query;

use serde::{Deserialize, Serialize};

use super::{Author, RemoteId, Sha, Timestamp};

/// A review of a pull request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// The forge's number of it.
    pub id: RemoteId,
    /// Who gave it.
    pub by: Author,
    /// What it says.
    pub state: ReviewState,
    /// The head it looked at; `None` where the commit is gone.
    pub commit: Option<Sha>,
    /// When it was submitted.
    pub at: Timestamp,
    /// Whether its author can write to the repository, by the forge's association word.
    pub trusted: bool,
    /// Whether it has a text.
    pub has_text: bool,
}

/// What a review says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewState {
    /// The change may go in.
    Approved,
    /// The change must not go in as it is.
    ChangesRequested,
    /// Only remarks; says nothing about the change going in.
    Commented,
    /// Withdrawn by somebody with the right to do so.
    Dismissed,
    /// Not submitted yet.
    Pending,
}

/// The reviews that stand: for each person the last of approved, changes requested and dismissed.
///
/// A later remark never changes it, as on GitHub (D-13). Dismissed ones are left out.
pub fn standing(reviews: &[Review]) -> Vec<&Review> {
    let mut last: Vec<&Review> = Vec::new();
    let mut ordered: Vec<&Review> = reviews.iter().collect();
    ordered.sort_by_key(|review| (review.at, review.id));
    for review in ordered {
        let decisive = match review.state {
            ReviewState::Approved | ReviewState::ChangesRequested | ReviewState::Dismissed => true,
            ReviewState::Commented | ReviewState::Pending => false,
        };
        if decisive {
            last.retain(|earlier| !same_reviewer(&earlier.by, &review.by));
            last.push(review);
        }
    }
    last.retain(|review| review.state != ReviewState::Dismissed);
    last
}

/// Whether both are one account. We are nobody else, whatever others call themselves.
pub fn same_reviewer(a: &Author, b: &Author) -> bool {
    match (a, b) {
        (Author::Us, Author::Us) => true,
        (Author::Us, _) | (_, Author::Us) => false,
        (Author::Bot(a) | Author::Human(a), Author::Bot(b) | Author::Human(b)) => {
            a.login.same(&b.login)
        }
    }
}
