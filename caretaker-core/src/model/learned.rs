//! What verified deliveries teach about repositories; the store keeps it.

use serde::{Deserialize, Serialize};

use super::{Branch, InstallationId, RepoKey, RepoRef};

/// Facts about a repository that change now and then; `None` where the source did not say.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RepoFacts {
    /// The branch that pull requests aim at by default.
    pub default_branch: Option<Branch>,
    /// Whether the repository is read-only.
    pub archived: Option<bool>,
}

/// One lesson; applying it twice changes nothing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "learned", content = "v", rename_all = "snake_case")]
pub enum Learned {
    /// The repository exists under this name. A `None` among the facts keeps what was known, and
    /// so does one for installation or account: a repository's own hook names no installation.
    ///
    /// It brings no repository back that is gone from the same installation: deliveries arrive
    /// late and are taken from the forge's log, and one from before the end proves nothing.
    Known(RepoRef, RepoFacts),
    /// The same, said by the installation itself or by the forge when asked: what was gone is back.
    Listed(RepoRef, RepoFacts),
    /// The repository is deleted, or left the installation.
    Gone(RepoKey),
    /// Everything behind the installation is out of reach until it resumes.
    Suspended(InstallationId),
    /// A suspended installation works again.
    Resumed(InstallationId),
    /// The installation and its access to all of its repositories ended.
    InstallationGone(InstallationId),
}
