//! What people and machines can do about a pull request.

use serde::Serialize;

use crate::explain::{code, escape, plain};
use crate::model::{Family, Label, Login, Owner, Span, Timestamp};

/// One act. Ordered as they are thought to happen: a push comes before the checks on it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum Act {
    /// A new head that merges, contains its base, and answers remarks. Its checks start anew, and
    /// approvals of the old head lapse where the rules say so.
    Push,
    /// It is opened again.
    Reopen,
    /// It is marked as ready for review.
    MarkReady,
    /// These checks end well on the head.
    Check {
        /// Their names.
        names: Vec<String>,
    },
    /// All checks of a pushed head end well; nothing where nobody pushed.
    NewChecks,
    /// A first check appears and ends well.
    FirstCheck,
    /// Somebody else who may write approves the head.
    Approve {
        /// Which of several approvals.
        nth: u32,
    },
    /// Somebody who is asked for by name approves the head.
    ApproveAs {
        /// Who; of a team any member would do.
        by: Login,
        /// The team, where that is asked for.
        team: Option<String>,
    },
    /// Who demanded changes approves instead.
    TakeBack {
        /// Who.
        by: Login,
    },
    /// A label is taken off.
    LabelOff {
        /// Which.
        label: Label,
    },
    /// Somebody who may write puts a label on.
    LabelOn {
        /// Which.
        label: Label,
        /// Whether it is on already, by somebody else, so that it has to be taken off first.
        anew: bool,
    },
    /// Something is set in the configuration of the repository or of the server.
    Configure {
        /// What.
        setting: Setting,
    },
    /// Time passes.
    Wait {
        /// How long.
        until: Until,
    },
}

/// What can be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "set", content = "v", rename_all = "snake_case")]
pub enum Setting {
    /// The operator ends a pause.
    Resume,
    /// The configuration file becomes valid.
    Valid,
    /// The mode becomes `act`; true where the server's limit is below it.
    Mode(bool),
    /// A head without checks may be merged.
    AllowNoCi,
    /// Pull requests of this family are merged without being told.
    AutoMerge(Family),
}

/// How long to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "until", content = "v", rename_all = "snake_case")]
pub enum Until {
    /// Until the forge has computed whether it merges.
    Computed,
    /// Until nothing has happened to the head for so long.
    Settled(Span),
    /// Until then.
    At(Timestamp),
}

/// What kind of act it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Commits.
    Push,
    /// The state of the pull request: open, ready for review.
    State,
    /// A check.
    Check,
    /// A review.
    Review,
    /// A label.
    Label,
    /// Configuration.
    Configuration,
    /// Time.
    Time,
}

impl Kind {
    /// One word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Push => "push",
            Self::State => "state",
            Self::Check => "check",
            Self::Review => "review",
            Self::Label => "label",
            Self::Configuration => "configuration",
            Self::Time => "time",
        }
    }
}

impl Act {
    /// What kind of act it is.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Push => Kind::Push,
            Self::Reopen | Self::MarkReady => Kind::State,
            Self::Check { .. } | Self::NewChecks | Self::FirstCheck => Kind::Check,
            Self::Approve { .. } | Self::ApproveAs { .. } | Self::TakeBack { .. } => Kind::Review,
            Self::LabelOff { .. } | Self::LabelOn { .. } => Kind::Label,
            Self::Configure { .. } => Kind::Configuration,
            Self::Wait { .. } => Kind::Time,
        }
    }

    /// Who can do it.
    pub fn owner(&self) -> Owner {
        match self {
            Self::Push | Self::MarkReady => Owner::Author,
            Self::Check { .. }
            | Self::NewChecks
            | Self::FirstCheck
            | Self::Wait {
                until: Until::Settled(_),
            } => Owner::Ci,
            Self::Approve { .. } | Self::ApproveAs { .. } | Self::TakeBack { .. } => {
                Owner::Reviewer
            }
            Self::Configure {
                setting: Setting::Resume | Setting::Mode(true),
            } => Owner::Operator,
            Self::Reopen
            | Self::LabelOff { .. }
            | Self::LabelOn { .. }
            | Self::Configure { .. } => Owner::Maintainer,
            Self::Wait { .. } => Owner::GitHub,
        }
    }

    /// What happens, in Markdown; names from outside are escaped, and nothing in it moves by
    /// itself.
    pub fn words(&self) -> String {
        self.told(escape)
    }

    /// The same for terminals and programs: names can be copied as they are.
    pub fn plain_words(&self) -> String {
        self.told(plain)
    }

    fn told(&self, name: fn(&str) -> String) -> String {
        match self {
            Self::Push => "push a commit that mends it".to_owned(),
            Self::Reopen => "open it again".to_owned(),
            Self::MarkReady => "mark it as ready for review".to_owned(),
            Self::Check { names } => {
                const SHOWN: usize = 5;
                let shown: Vec<String> = names.iter().take(SHOWN).map(|n| name(n)).collect();
                let more = names.len().saturating_sub(SHOWN);
                let more = (more > 0).then(|| format!(" and {more} more"));
                let (shown, more) = (shown.join(", "), more.unwrap_or_default());
                let ends = if names.len() == 1 { "ends" } else { "end" };
                format!("{shown}{more} {ends} well")
            }
            Self::NewChecks => "the checks of that commit end well".to_owned(),
            Self::FirstCheck => "a check runs on it and ends well".to_owned(),
            Self::Approve { nth: 1 } => "somebody who may write approves this commit".to_owned(),
            Self::Approve { .. } => "another who may write approves this commit".to_owned(),
            Self::ApproveAs {
                team: Some(team), ..
            } => format!("somebody of {} approves this commit", name(team)),
            Self::ApproveAs { by, team: None } => {
                format!("{} approves this commit", name(by.as_str()))
            }
            Self::TakeBack { by } => format!("{} approves instead", name(by.as_str())),
            Self::LabelOff { label } => format!("take the label {} off", code(label.as_str())),
            Self::LabelOn { label, anew } => {
                let label = code(label.as_str());
                if *anew {
                    format!("somebody who may write takes the label {label} off and puts it on")
                } else {
                    format!("somebody who may write puts the label {label} on")
                }
            }
            Self::Configure { setting } => setting.words(),
            Self::Wait { until } => match until {
                Until::Computed => "GitHub computes whether it merges".to_owned(),
                Until::Settled(span) => format!("nothing happens to it for {span}"),
                Until::At(at) => format!("wait until {at}"),
            },
        }
    }
}

impl Setting {
    /// The key of the repository's configuration that says so, with the value, as the parameters
    /// of agent `pr` hold it; `None` for what is set elsewhere.
    pub fn key(self) -> Option<(String, bool)> {
        match self {
            Self::Resume | Self::Valid | Self::Mode(_) => None,
            Self::AllowNoCi => Some(("pr_agent.merge.allow_no_ci".to_owned(), true)),
            Self::AutoMerge(family) => {
                Some((format!("pr_agent.auto_merge.{}", family.key()), true))
            }
        }
    }

    fn words(self) -> String {
        match self {
            Self::Resume => "run `caretaker resume`".to_owned(),
            Self::Valid => "mend the configuration (`caretaker config check`)".to_owned(),
            Self::Mode(true) => {
                "raise the server's `mode_ceiling` to `act`, with `safety.mode: act`".to_owned()
            }
            Self::Mode(false) => "set `safety.mode: act`, no less in `safety.agents.pr`".to_owned(),
            Self::AllowNoCi | Self::AutoMerge(_) => self
                .key()
                .map(|(key, value)| format!("set `{key}: {value}`"))
                .unwrap_or_default(),
        }
    }
}
