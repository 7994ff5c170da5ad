//! Who did something: people, bots, us.

use serde::{Deserialize, Serialize};

use super::{AccountId, AppId, Login};

/// An account as a webhook or listing shows it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Actor {
    /// Account name; `ghost` where the account is gone.
    pub login: Login,
    /// Account number, where given.
    pub id: Option<AccountId>,
    /// Whether the forge itself marks the account as a bot.
    pub bot: bool,
}

/// Author of a comment, review or act, as far as it concerns us.
///
/// The adapter decides what is ours: posted through our App id, or with a personal token by our
/// user and with a marker (decisions §11). Core never guesses it from text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "who", content = "v", rename_all = "snake_case")]
pub enum Author {
    /// Ourselves.
    Us,
    /// Another automation.
    Bot(Actor),
    /// A person, or an account we cannot tell from one.
    Human(Actor),
}

impl Author {
    /// Whether a person speaks, as opposed to any automation.
    pub fn is_human(&self) -> bool {
        matches!(self, Self::Human(_))
    }

    /// The account's name for showing.
    pub fn login(&self) -> Login {
        match self {
            Self::Us => Login::new("caretaker"),
            Self::Bot(actor) | Self::Human(actor) => actor.login.clone(),
        }
    }
}

/// Families of pull-request authors that have policies of their own (spec 02 §2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// GitHub's coding agent.
    Copilot,
    /// GitHub's dependency updater.
    Dependabot,
    /// This App.
    Caretaker,
    /// Release bookkeeping by the repository's own workflows.
    MaintainerBot,
    /// Everybody else.
    Human,
}

/// Some of the families.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Families(u8);

impl Families {
    /// Whether this one is among them.
    pub fn contains(self, family: Family) -> bool {
        self.0 & Self::bit(family) != 0
    }

    /// With this one too.
    #[must_use]
    pub fn with(self, family: Family) -> Self {
        Self(self.0 | Self::bit(family))
    }

    fn bit(family: Family) -> u8 {
        1 << family as u8
    }
}

impl FromIterator<Family> for Families {
    fn from_iter<I: IntoIterator<Item = Family>>(families: I) -> Self {
        families.into_iter().fold(Self::default(), Self::with)
    }
}

impl Family {
    /// Every family.
    pub const ALL: [Self; 5] = [
        Self::Copilot,
        Self::Dependabot,
        Self::Caretaker,
        Self::MaintainerBot,
        Self::Human,
    ];

    /// The family's name as configuration keys spell it.
    pub fn key(self) -> &'static str {
        match self {
            Self::Copilot => "copilot_prs",
            Self::Dependabot => "dependabot_prs",
            Self::Caretaker => "caretaker_prs",
            Self::MaintainerBot => "maintainer_bot_prs",
            Self::Human => "human_prs",
        }
    }
}

/// Accounts that are automation although the forge does not always mark them so (spec 02 §2).
const KNOWN_BOTS: &[&str] = &[
    "copilot",
    "copilot-swe-agent",
    "github-copilot",
    "copilot-pull-request-reviewer",
    "dependabot",
    "dependabot-preview",
    "github-actions",
    "github-advanced-security",
    "renovate",
    "coderabbitai",
    "reviewdog",
    "sonarcloud",
];

impl Actor {
    /// Whether the account is automation: marked so by the forge, named `*[bot]`, or known.
    pub fn is_automation(&self) -> bool {
        let known = |name: &&str| name.eq_ignore_ascii_case(self.login.as_str());
        self.is_marked() || KNOWN_BOTS.iter().any(known)
    }

    /// Whether the forge marks it as automation, by itself or by the suffix of its name.
    fn is_marked(&self) -> bool {
        self.bot || self.before_suffix().is_some()
    }

    /// What comes before the suffix that GitHub gives to Apps alone, if it has that.
    fn before_suffix(&self) -> Option<&[u8]> {
        let (name, suffix) = self.login.as_str().as_bytes().split_last_chunk::<5>()?;
        suffix.eq_ignore_ascii_case(b"[bot]").then_some(name)
    }

    /// Family by account and origin. A name alone never makes a family: a branch prefix counts
    /// only together with the author's account and the same repository (D-02), so `ours` and
    /// `same_repository` come from the adapter's facts.
    pub fn family(&self, ours: bool, same_repository: bool, head: &str) -> Family {
        if !same_repository {
            return Family::Human;
        }
        if ours {
            return Family::Caretaker;
        }
        // Anybody may register a name without the suffix that GitHub gives to Apps alone.
        if !self.is_marked() {
            return Family::Human;
        }
        let login = self.login.as_str().as_bytes();
        let name = self.before_suffix().unwrap_or(login);
        let is = |known: &str| name.eq_ignore_ascii_case(known.as_bytes());
        if is("copilot") || is("copilot-swe-agent") || is("github-copilot") {
            Family::Copilot
        } else if is("dependabot") || is("dependabot-preview") {
            Family::Dependabot
        } else if is("github-actions") && head.starts_with("chore/") {
            Family::MaintainerBot
        } else {
            Family::Human
        }
    }
}

/// What an App that authored a check says about itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AppRef {
    /// The App's number.
    pub id: AppId,
    /// Whether it is ours.
    pub ours: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn actor(login: &str, bot: bool) -> Actor {
        Actor {
            login: Login::new(login),
            id: None,
            bot,
        }
    }

    #[test]
    fn case_and_suffix_do_not_hide_a_bot() {
        for login in [
            "Copilot",
            "copilot-pull-request-reviewer[bot]",
            "Dependabot[bot]",
            "x[bot]",
        ] {
            assert!(actor(login, false).is_automation(), "{login}");
        }
        assert!(!actor("octocat", false).is_automation());
    }

    #[test]
    fn a_fork_or_a_branch_name_earns_no_family() {
        let dependabot = actor("dependabot[bot]", true);
        assert_eq!(
            dependabot.family(false, true, "dependabot/npm"),
            Family::Dependabot
        );
        assert_eq!(
            dependabot.family(false, false, "dependabot/npm"),
            Family::Human
        );
        let namesake = actor("dependabot-preview", false);
        assert_eq!(namesake.family(false, true, "x"), Family::Human);
        let stranger = actor("mallory", false);
        assert_eq!(stranger.family(false, true, "caretaker/fix"), Family::Human);
        assert_eq!(
            stranger.family(false, true, "chore/releases-json-1"),
            Family::Human
        );
    }
}
