//! What can be asked about the repository as a whole.

use serde::{Deserialize, Serialize};

/// A question about the repository as a whole.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "get", content = "v", rename_all = "snake_case")]
pub enum RepositoryQuery {
    /// How it is set up. Answer: [`super::RepositorySettings`].
    Settings,
    /// Its releases, youngest first, without drafts. Answer: listing of [`super::Release`].
    Releases,
    /// Its tags, in the forge's order. Answer: listing of [`super::Tag`].
    Tags,
}

impl RepositoryQuery {
    /// Every one.
    pub const ALL: &'static [Self] = &[Self::Settings, Self::Releases, Self::Tags];

    /// The App permissions that an answer needs, as GitHub names them.
    pub fn permissions(&self) -> &'static [&'static str] {
        match self {
            Self::Settings => &["contents: write", "metadata: read"],
            Self::Releases | Self::Tags => &["contents: read"],
        }
    }

    /// What it is about, for people.
    pub fn summary(&self) -> String {
        let what = match self {
            Self::Settings => "how the repository is set up",
            Self::Releases => "releases",
            Self::Tags => "tags",
        };
        what.to_owned()
    }
}
