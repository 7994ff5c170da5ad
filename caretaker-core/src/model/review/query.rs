//! Questions about the reviews of a pull request.

use serde::{Deserialize, Serialize};

use crate::model::{Number, Stage};

/// What can be asked about the reviews of one pull request.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "get", content = "v", rename_all = "snake_case")]
pub enum ReviewQuery {
    /// The reviews with their texts, oldest first. Answer: listing of
    /// [`super::answer::GivenReview`].
    Reviews(Number),
    /// What was said about lines and files, oldest first. Answer: listing of
    /// [`super::answer::ReviewComment`].
    Comments(Number),
    /// What was said about lines, thread by thread, and whether it is resolved. Answer: listing of
    /// [`super::answer::ReviewThread`].
    Threads(Number),
    /// Who has been asked for a review and has not given it yet. Answer:
    /// [`super::answer::RequestedReviewers`].
    Requested(Number),
}

impl ReviewQuery {
    /// One of each, about things of a stage.
    pub fn examples(stage: &Stage) -> Vec<Self> {
        let number = stage.pull;
        vec![
            Self::Reviews(number),
            Self::Comments(number),
            Self::Threads(number),
            Self::Requested(number),
        ]
    }

    /// The pull request that it is about.
    pub fn number(&self) -> Number {
        match self {
            Self::Reviews(number)
            | Self::Comments(number)
            | Self::Threads(number)
            | Self::Requested(number) => *number,
        }
    }

    /// The App permissions that a full answer needs, as GitHub names them; all of them.
    pub fn permissions(&self) -> &'static [&'static str] {
        match self {
            Self::Reviews(_) | Self::Comments(_) | Self::Threads(_) | Self::Requested(_) => {
                &["pull_requests: read"]
            }
        }
    }

    /// What it asks, for people; no text from outside is in it.
    pub fn summary(&self) -> String {
        let (what, number) = match self {
            Self::Reviews(number) => ("reviews", number),
            Self::Comments(number) => ("review comments", number),
            Self::Threads(number) => ("review threads", number),
            Self::Requested(number) => ("requested reviewers", number),
        };
        format!("{what} of #{number}")
    }
}
