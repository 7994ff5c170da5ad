//! What we know of repositories.

use async_trait::async_trait;

use super::PortError;
use crate::model::{RepoKey, RepoRef};

/// A repository we have heard of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownRepo {
    /// How to reach it.
    pub repo: RepoRef,
    /// Why it is left alone: `removed`, else `suspended`, else `archived`; `None` when it is not.
    pub off: Option<String>,
}

impl KnownRepo {
    /// Why one is left alone that is deleted or left its installation.
    pub const REMOVED: &'static str = "removed";

    /// Whether it is deleted, or left its installation, as far as we have heard.
    pub fn is_removed(&self) -> bool {
        self.off.as_deref() == Some(Self::REMOVED)
    }
}

/// Maps lasting identities to current names. Fed by verified deliveries, configuration and
/// redirects, through [`super::Write::Learn`].
#[async_trait]
pub trait Repos: Send + Sync {
    /// The repository under a key.
    async fn by_key(&self, key: &RepoKey) -> Result<Option<KnownRepo>, PortError>;
    /// The repository that bears a name now, case aside: the one that was learned under it last.
    async fn by_name(&self, owner: &str, name: &str) -> Result<Option<KnownRepo>, PortError>;
    /// Every repository, ascending by key, after a key, at most `limit`.
    async fn list(&self, after: Option<&RepoKey>, limit: u32) -> Result<Vec<KnownRepo>, PortError>;
}
