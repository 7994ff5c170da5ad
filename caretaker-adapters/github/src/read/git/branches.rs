//! The branches of a repository.

use caretaker_core::{
    model::{Branch, Listing, Sha, git::answer::BranchRow},
    ports::PortError,
};
use serde::Deserialize;

use crate::scope::Scope;

#[derive(Debug, Deserialize)]
struct BranchShape {
    name: String,
    commit: TipShape,
    protected: bool,
}

#[derive(Debug, Deserialize)]
struct TipShape {
    sha: Sha,
}

pub(super) async fn all(scope: Scope<'_>) -> Result<Listing<BranchRow>, PortError> {
    const OP: &str = "forge.read.branches";
    let listing: Listing<BranchShape> = scope.list(OP, "/branches?per_page=100").await?;
    let rows = listing.rows.into_iter().map(|shape| BranchRow {
        name: Branch::new(shape.name),
        sha: shape.commit.sha,
        protected: shape.protected,
    });
    Ok(Listing {
        rows: rows.collect(),
        complete: listing.complete,
    })
}
