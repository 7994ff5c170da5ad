//! What happened: events, their subjects, and who is allowed to hear them is `route`'s affair.

use serde::{Deserialize, Serialize};

use super::{
    AccountId, Actor, AgentName, Branch, EventId, InstallationId, Number, RemoteId, RepoKey, Sha,
    Timestamp, Verb,
};

/// Whose affair an event is; decides partition and allow-list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "of", content = "v", rename_all = "snake_case")]
pub enum Scope {
    /// The App itself (no account named).
    App,
    /// One installation without a repository.
    Installation(InstallationId),
    /// One account without a repository.
    Account(AccountId),
    /// One repository.
    Repo(RepoKey),
}

impl Scope {
    /// The repository, if it is one's affair.
    pub fn repo(&self) -> Option<&RepoKey> {
        match self {
            Self::Repo(key) => Some(key),
            Self::App | Self::Installation(_) | Self::Account(_) => None,
        }
    }
}

/// `app`, `installation:1`, `account:1`, or the repository's key.
impl std::fmt::Display for Scope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::App => f.write_str("app"),
            Self::Installation(id) => write!(f, "installation:{id}"),
            Self::Account(id) => write!(f, "account:{id}"),
            Self::Repo(key) => key.fmt(f),
        }
    }
}

/// What an event is about; no agent looks wider than this.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "is", content = "v", rename_all = "snake_case")]
pub enum Subject {
    /// A pull request.
    Pull(Number),
    /// An issue.
    Issue(Number),
    /// A commit, by full hash.
    Commit(Sha),
    /// A branch.
    Branch(Branch),
    /// A code-scanning, secret-scanning or Dependabot alert.
    Alert(Number),
    /// The repository as a whole.
    Repo,
    /// Nothing in particular.
    None,
}

impl Subject {
    /// The number of a pull request or issue.
    pub fn number(&self) -> Option<Number> {
        match self {
            Self::Pull(number) | Self::Issue(number) => Some(*number),
            Self::Commit(_) | Self::Branch(_) | Self::Alert(_) | Self::Repo | Self::None => None,
        }
    }
}

/// `pull/7`, `issue/7`, `commit/<sha>`, `branch/<name>`, `alert/3`, `repo`, `none`.
impl std::fmt::Display for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Pull(n) => write!(f, "pull/{n}"),
            Self::Issue(n) => write!(f, "issue/{n}"),
            Self::Commit(sha) => write!(f, "commit/{sha}"),
            Self::Branch(name) => write!(f, "branch/{name}"),
            Self::Alert(n) => write!(f, "alert/{n}"),
            Self::Repo => f.write_str("repo"),
            Self::None => f.write_str("none"),
        }
    }
}

impl std::str::FromStr for Subject {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "`{text}` names no subject; write issue/7, pull/7, commit/<sha>, branch/<name> or repo"
            )
        };
        let number = |n: &str| n.parse().map(Number::new).map_err(|_not_a_number| wrong());
        match text.split_once('/') {
            Some(("pull" | "pr", n)) => number(n).map(Self::Pull),
            Some(("issue", n)) => number(n).map(Self::Issue),
            Some(("alert", n)) => number(n).map(Self::Alert),
            Some(("commit", sha)) => Sha::parse(sha).map(Self::Commit).ok_or_else(wrong),
            Some(("branch", name)) if !name.is_empty() => Ok(Self::Branch(Branch::new(name))),
            None if text == "repo" => Ok(Self::Repo),
            None if text == "none" => Ok(Self::None),
            _ => Err(wrong()),
        }
    }
}

/// Declares the kinds of events once: variant, webhook event, webhook action, what it says.
macro_rules! event_kinds {
    ($($(#[$doc:meta])* $name:ident = $event:literal $action:literal),* $(,)?) => {
        /// What happened, as a past fact. A closed list; the table in `docs/routing.md` is
        /// generated from it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum EventKind { $($(#[$doc])* $name),* }

        impl EventKind {
            /// Every kind, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// Webhook event and action it is projected from; internal kinds say `caretaker`.
            /// An action of `*` stands for any.
            pub fn webhook(self) -> (&'static str, &'static str) {
                match self { $(Self::$name => ($event, $action)),* }
            }
        }
    };
}

event_kinds! {
    /// A pull request was opened.
    PullOpened = "pull_request" "opened",
    /// A pull request was opened again.
    PullReopened = "pull_request" "reopened",
    /// New commits arrived at the head.
    PullPushed = "pull_request" "synchronize",
    /// A draft became ready for review.
    PullReadied = "pull_request" "ready_for_review",
    /// A pull request became a draft.
    PullDrafted = "pull_request" "converted_to_draft",
    /// Title, body or base changed.
    PullEdited = "pull_request" "edited",
    /// A label was put on a pull request.
    PullLabeled = "pull_request" "labeled",
    /// A label was taken off a pull request.
    PullUnlabeled = "pull_request" "unlabeled",
    /// A reviewer was asked.
    PullReviewRequested = "pull_request" "review_requested",
    /// A request for review was withdrawn.
    PullReviewUnrequested = "pull_request" "review_request_removed",
    /// A pull request was closed, merged or not.
    PullClosed = "pull_request" "closed",
    /// A review was given.
    ReviewSubmitted = "pull_request_review" "submitted",
    /// A review was dismissed.
    ReviewDismissed = "pull_request_review" "dismissed",
    /// A review's text changed.
    ReviewEdited = "pull_request_review" "edited",
    /// A comment on the diff was written.
    ReviewCommentCreated = "pull_request_review_comment" "created",
    /// An issue was opened.
    IssueOpened = "issues" "opened",
    /// An issue was opened again.
    IssueReopened = "issues" "reopened",
    /// An issue's title or body changed.
    IssueEdited = "issues" "edited",
    /// A label was put on an issue.
    IssueLabeled = "issues" "labeled",
    /// A label was taken off an issue.
    IssueUnlabeled = "issues" "unlabeled",
    /// An issue was closed.
    IssueClosed = "issues" "closed",
    /// A comment was written on an issue or pull request.
    CommentCreated = "issue_comment" "created",
    /// A check run was created or started.
    CheckRunChanged = "check_run" "*",
    /// A check run finished.
    CheckRunFinished = "check_run" "completed",
    /// All checks of an App on a commit finished.
    CheckSuiteFinished = "check_suite" "completed",
    /// A commit status was set.
    StatusSet = "status" "*",
    /// A workflow run was requested or started.
    WorkflowRunStarted = "workflow_run" "*",
    /// A workflow run finished.
    WorkflowRunFinished = "workflow_run" "completed",
    /// A Dependabot alert changed.
    DependabotAlerted = "dependabot_alert" "*",
    /// A code-scanning alert changed.
    CodeScanningAlerted = "code_scanning_alert" "*",
    /// A secret-scanning alert changed.
    SecretScanningAlerted = "secret_scanning_alert" "*",
    /// A security advisory of this repository changed.
    RepositoryAdvised = "repository_advisory" "*",
    /// A global security advisory changed.
    SecurityAdvised = "security_advisory" "*",
    /// Commits were pushed to a branch.
    Pushed = "push" "*",
    /// The App was installed on an account.
    Installed = "installation" "created",
    /// The App's permissions were accepted anew, or it was unsuspended.
    InstallationChanged = "installation" "*",
    /// The App was removed from an account.
    Uninstalled = "installation" "deleted",
    /// The App was suspended on an account.
    Suspended = "installation" "suspend",
    /// Repositories joined an installation.
    RepositoriesAdded = "installation_repositories" "added",
    /// Repositories left an installation.
    RepositoriesRemoved = "installation_repositories" "removed",
    /// A repository was renamed, moved, archived or edited.
    RepositoryChanged = "repository" "*",
    /// A webhook that stands in no other row; nobody hears it.
    Unlisted = "caretaker" "unlisted",
    /// A scheduled window is due.
    Ticked = "caretaker" "tick",
    /// An agent asked to look again at this time.
    RecheckDue = "caretaker" "recheck",
    /// `fan_out` handed on one subject of a wider event.
    FannedOut = "caretaker" "fan_out",
    /// A person asked for a pass from the command line.
    Requested = "caretaker" "run",
}

impl EventKind {
    /// The kind a webhook stands for: an exact action first, else the event's `*` row, else none.
    pub fn of_webhook(event: &str, action: Option<&str>) -> Option<Self> {
        let row = |wanted: &str| {
            Self::ALL.iter().copied().find(|kind| {
                let (name, act) = kind.webhook();
                name == event && name != "caretaker" && act == wanted
            })
        };
        action
            .and_then(|action| (action != "*").then(|| row(action))?)
            .or_else(|| row("*"))
    }

    /// Name in logs and tables, as it is serialised.
    pub fn name(self) -> String {
        let json = serde_json::to_string(&self).expect("a unit variant has a text form");
        json.trim_matches('"').to_owned()
    }
}

/// What an event carries beyond its subject. Everything an agent may read of it is here.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "with", content = "v", rename_all = "snake_case")]
pub enum Detail {
    /// Nothing.
    Nothing,
    /// A scheduled window; `cursor` continues an earlier page.
    Tick {
        /// Start of the window.
        window: Timestamp,
        /// The tick of the window before; while it has open children this one is superseded.
        previous: Option<EventId>,
        /// Agents whose turn it is.
        due: Vec<AgentName>,
        /// The forge's opaque cursor after which to go on.
        cursor: Option<String>,
    },
    /// A push to a branch.
    Push {
        /// New tip; `None` when the branch was deleted.
        after: Option<Sha>,
        /// Whether it is the default branch.
        default_branch: bool,
        /// Whether the configuration file is, or may be, among the changed files.
        touches_config: bool,
    },
    /// A person's command in a comment. Nothing else of the comment's text is kept.
    Command {
        /// The comment.
        comment: RemoteId,
        /// What was said.
        verb: Verb,
        /// When the door accepted it, from which it expires.
        accepted: Timestamp,
    },
    /// The agents that alone shall hear it: rechecks, fan-out and requests from the command line.
    For(Vec<AgentName>),
}

/// Something that may need a decision: verified, deduplicated and projected.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Event {
    /// Identity, and root of every derived key.
    pub id: EventId,
    /// Whose affair it is.
    pub scope: Scope,
    /// What it is about.
    pub subject: Subject,
    /// What happened.
    pub kind: EventKind,
    /// When the source says it happened.
    pub at: Timestamp,
    /// Who did it, where the source says so.
    pub actor: Option<Actor>,
    /// What an edge listener is decided once for within retention: taken from the signed body,
    /// so that a replay under another delivery id changes nothing (decisions §1).
    pub edge_identity: Option<String>,
    /// What else it carries.
    pub detail: Detail,
}

impl Event {
    /// When we took it on: from then on it may expire.
    pub fn accepted(&self) -> Timestamp {
        match &self.detail {
            Detail::Command { accepted, .. } => *accepted,
            Detail::Nothing | Detail::Tick { .. } | Detail::Push { .. } | Detail::For(_) => self.at,
        }
    }

    /// Whether it may have changed the configuration file.
    pub fn may_change_configuration(&self) -> bool {
        matches!(
            self.detail,
            Detail::Push {
                touches_config: true,
                ..
            }
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exact_action_wins_over_the_rest_row() {
        assert_eq!(
            EventKind::of_webhook("check_run", Some("completed")),
            Some(EventKind::CheckRunFinished)
        );
        assert_eq!(
            EventKind::of_webhook("check_run", Some("created")),
            Some(EventKind::CheckRunChanged)
        );
        assert_eq!(EventKind::of_webhook("push", None), Some(EventKind::Pushed));
        assert_eq!(EventKind::of_webhook("pull_request", Some("locked")), None);
        assert_eq!(EventKind::of_webhook("caretaker", Some("tick")), None);
        assert_eq!(EventKind::of_webhook("star", Some("created")), None);
    }

    #[test]
    fn subjects_survive_their_text_form() {
        let sha = "0123456789abcdef0123456789abcdef01234567";
        for text in [
            "pull/7",
            "issue/9",
            "alert/3",
            "branch/a/b",
            "repo",
            "none",
            &format!("commit/{sha}"),
        ] {
            assert_eq!(text.parse::<Subject>().unwrap().to_string(), text);
        }
        assert!(
            "issue/x"
                .parse::<Subject>()
                .unwrap_err()
                .contains("write issue/7")
        );
    }
}
