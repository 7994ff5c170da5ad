//! Commits of a pull request.

use caretaker_core::{
    model::{Author, Listing, Number, Sha, git::answer::Commit},
    ports::PortError,
};
use serde::Deserialize;

use crate::{
    read::people::{PersonShape, SHOWN},
    scope::Scope,
    shape::When,
};

#[derive(Debug, Deserialize)]
pub(crate) struct CommitShape {
    sha: Sha,
    commit: GitShape,
    author: Option<PersonShape>,
    committer: Option<PersonShape>,
    parents: Vec<ParentShape>,
}

/// What git itself knows of it.
#[derive(Debug, Deserialize)]
struct GitShape {
    author: StampShape,
    committer: StampShape,
    message: String,
    #[serde(default)]
    verification: Option<VerificationShape>,
}

#[derive(Debug, Deserialize)]
struct StampShape {
    date: When,
}

#[derive(Debug, Deserialize)]
struct VerificationShape {
    verified: bool,
}

#[derive(Debug, Deserialize)]
struct ParentShape {
    sha: Sha,
}

impl CommitShape {
    pub(crate) fn commit(self, scope: Scope<'_>) -> Commit {
        let account = |person: Option<&PersonShape>| -> Option<Author> {
            let user = PersonShape::user(person)?;
            Some(scope.us.author(Some(user), None, None))
        };
        Commit {
            author: account(self.author.as_ref()),
            committer: account(self.committer.as_ref()),
            sha: self.sha,
            parents: self.parents.into_iter().map(|parent| parent.sha).collect(),
            authored_at: self.commit.author.date.0,
            committed_at: self.commit.committer.date.0,
            verified: self.commit.verification.is_some_and(|v| v.verified),
            message: self.commit.message,
        }
    }
}

/// The first 250, oldest first; GitHub shows no more of one pull request, and says nowhere that
/// there are more.
pub(super) async fn of_pull(
    scope: Scope<'_>,
    number: Number,
) -> Result<Listing<Commit>, PortError> {
    const OP: &str = "forge.read.commits";
    let listing: Listing<CommitShape> = scope
        .list(OP, &format!("/pulls/{number}/commits?per_page=100"))
        .await?;
    let complete = listing.complete && listing.rows.len() < SHOWN;
    let rows = listing.rows.into_iter().map(|shape| shape.commit(scope));
    Ok(Listing {
        rows: rows.collect(),
        complete,
    })
}
