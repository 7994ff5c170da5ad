//! What is known about the reviews of a pull request, with the texts. These come from outside:
//! they are shown and quoted, and decide nothing.

use serde::{Deserialize, Serialize};

use super::ReviewState;
use crate::model::{Association, Author, Listing, Login, RemoteId, Sha, Timestamp};

/// The answer to a [`super::query::ReviewQuery`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "a", content = "v", rename_all = "snake_case")]
pub enum ReviewAnswer {
    /// The reviews, oldest first.
    Reviews(Listing<GivenReview>),
    /// Comments on lines and files, oldest first.
    Comments(Listing<ReviewComment>),
    /// Threads, in the order in which they began.
    Threads(Listing<ReviewThread>),
    /// Who has been asked and has not answered yet.
    Requested(RequestedReviewers),
}

/// A review with everything it says. What a decision needs of it is [`super::Review`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GivenReview {
    /// The forge's number of it.
    pub id: RemoteId,
    /// Who gave it.
    pub by: Author,
    /// What its author is to the repository.
    pub association: Association,
    /// What it says.
    pub state: ReviewState,
    /// The head it looked at; `None` where the commit is gone.
    pub commit: Option<Sha>,
    /// When it was submitted.
    pub at: Timestamp,
    /// Its text; empty where it has none.
    pub body: String,
}

/// On which side of a difference a line stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Before the change.
    Left,
    /// After it.
    Right,
}

impl Side {
    /// As GitHub spells it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Left => "LEFT",
            Self::Right => "RIGHT",
        }
    }
}

/// A comment on a line, on some lines, or on a file of a pull request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewComment {
    /// The forge's number of it.
    pub id: RemoteId,
    /// The review that it belongs to; `None` where the forge does not say.
    pub review: Option<RemoteId>,
    /// The comment that it answers; `None` for the first of a thread.
    pub in_reply_to: Option<RemoteId>,
    /// Who wrote it.
    pub by: Author,
    /// What its author is to the repository.
    pub association: Association,
    /// The file.
    pub path: String,
    /// The last line it is about, in the file as it stands now; `None` for a whole file, and where
    /// the line is no longer there.
    pub line: Option<u32>,
    /// The first of several lines.
    pub start: Option<u32>,
    /// On which side the line stands.
    pub side: Side,
    /// Whether it is about the whole file.
    pub whole_file: bool,
    /// Whether its line has changed since it was written.
    pub outdated: bool,
    /// The commit on which it was written; `None` where that is gone.
    pub written_on: Option<Sha>,
    /// When it was written.
    pub at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
    /// Its text.
    pub body: String,
}

/// What was said about a place, one answering the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewThread {
    /// The forge's opaque name of it, for resolving it.
    pub id: String,
    /// Whether somebody has marked it as resolved.
    pub resolved: bool,
    /// Who has; `None` where nobody has, or the account is gone.
    pub resolved_by: Option<Login>,
    /// Whether its line has changed since it was written.
    pub outdated: bool,
    /// The file.
    pub path: String,
    /// The last line it is about, in the file as it stands now; `None` for a whole file, and where
    /// the line is no longer there.
    pub line: Option<u32>,
    /// The first of several lines.
    pub start: Option<u32>,
    /// On which side the line stands.
    pub side: Side,
    /// Whether it is about the whole file.
    pub whole_file: bool,
    /// Its comments, oldest first.
    pub comments: Listing<RemoteId>,
}

/// Who has been asked for a review and has not given it yet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestedReviewers {
    /// Accounts.
    pub people: Vec<Login>,
    /// Teams, by their short name.
    pub teams: Vec<String>,
}
