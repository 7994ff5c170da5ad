//! What a question needs and is about.

use super::ForgeQuery;

impl ForgeQuery {
    /// The App permissions that a full answer needs, as GitHub names them; all of them.
    pub fn permissions(&self) -> &'static [&'static str] {
        match self {
            Self::Item(_) | Self::Activity(_) => &["issues: read"],
            Self::OpenItems { .. } => &["issues: read", "pull_requests: read"],
            Self::Pull(_) | Self::PullsOfHead(_) | Self::Files(_) | Self::Authors(_) => {
                &["pull_requests: read"]
            }
            Self::Snapshot(_) => &[
                "checks: read",
                "contents: read",
                "metadata: read",
                "pull_requests: read",
                "statuses: read",
            ],
            Self::PullsOfCommit(_) => &["contents: read", "pull_requests: read"],
            Self::Branch(_) | Self::ConfigFile | Self::CodeOwners(_) => &["contents: read"],
            Self::Members { .. } => &["members: read"],
            Self::Permission(_) => &["metadata: read"],
            Self::Git(query) => query.permissions(),
            Self::Review(query) => query.permissions(),
            Self::Ci(query) => query.permissions(),
            Self::Issue(query) => query.permissions(),
            Self::Alert(query) => query.permissions(),
            Self::Repository(query) => query.permissions(),
        }
    }

    /// What it is about, for people; names from outside stand in it as they are, so that who
    /// shows it has to escape them.
    pub fn summary(&self) -> String {
        match self {
            Self::Item(number) => format!("#{number} as an item"),
            Self::Pull(number) => format!("pull request #{number}"),
            Self::Snapshot(number) => format!("all that merging #{number} depends on"),
            Self::Activity(number) => format!("what happened to #{number}"),
            Self::OpenItems { limit, .. } => format!("a page of {limit} open items"),
            Self::PullsOfCommit(sha) => {
                format!("open pull requests with the head {}", sha.short())
            }
            Self::PullsOfHead(branch) => format!("open pull requests from the branch {branch}"),
            Self::Branch(branch) => format!("the branch {branch}"),
            Self::ConfigFile => "the configuration file".to_owned(),
            Self::Files(number) => format!("files that #{number} changes"),
            Self::Authors(number) => format!("authors and committers of #{number}"),
            Self::CodeOwners(branch) => format!("code owners on {branch}"),
            Self::Members { org, team } => format!("members of @{org}/{team}"),
            Self::Permission(login) => format!("what @{login} may do"),
            Self::Git(query) => query.summary(),
            Self::Review(query) => query.summary(),
            Self::Ci(query) => query.summary(),
            Self::Issue(query) => query.summary(),
            Self::Alert(query) => query.summary(),
            Self::Repository(query) => query.summary(),
        }
    }
}
