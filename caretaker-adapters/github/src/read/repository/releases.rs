//! Releases and tags.

use caretaker_core::{
    model::{
        Listing, RemoteId, Sha,
        repository::{Release, Tag},
    },
    ports::PortError,
};
use serde::Deserialize;

use crate::{scope::Scope, shape::When};

#[derive(Debug, Deserialize)]
struct ReleaseShape {
    id: u64,
    tag_name: String,
    #[serde(default)]
    name: Option<String>,
    draft: bool,
    prerelease: bool,
    created_at: When,
    #[serde(default)]
    published_at: Option<When>,
}

#[derive(Debug, Deserialize)]
struct TagShape {
    name: String,
    commit: CommitShape,
}

#[derive(Debug, Deserialize)]
struct CommitShape {
    sha: Sha,
}

/// In GitHub's order, which is youngest first. Drafts are shown to some of our tokens and not to
/// others, so they are left out.
pub(super) async fn all(scope: Scope<'_>) -> Result<Listing<Release>, PortError> {
    let listing: Listing<ReleaseShape> = scope
        .list("forge.read.releases", "/releases?per_page=100")
        .await?;
    let published = listing.rows.into_iter().filter(|shape| !shape.draft);
    let rows = published.map(|shape| Release {
        id: RemoteId::new(shape.id),
        tag: shape.tag_name,
        name: shape.name.filter(|name| !name.is_empty()),
        prerelease: shape.prerelease,
        published_at: shape.published_at.unwrap_or(shape.created_at).0,
    });
    Ok(Listing {
        rows: rows.collect(),
        complete: listing.complete,
    })
}

pub(super) async fn tags(scope: Scope<'_>) -> Result<Listing<Tag>, PortError> {
    let listing: Listing<TagShape> = scope.list("forge.read.tags", "/tags?per_page=100").await?;
    let rows = listing.rows.into_iter().map(|shape| Tag {
        name: shape.name,
        sha: shape.commit.sha,
    });
    Ok(Listing {
        rows: rows.collect(),
        complete: listing.complete,
    })
}
