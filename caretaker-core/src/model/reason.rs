//! Why: a tree of rules with what was seen. Comment, check, command line and log line render it.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{Span, Timestamp};

/// One rule that was looked at. All children are evaluated, never only the first that fails.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// The rule as a statement that can hold, in `snake_case`.
    pub rule: Cow<'static, str>,
    /// Whether it holds.
    pub result: Holds,
    /// What was seen, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub saw: Vec<(Cow<'static, str>, Fact)>,
    /// Who can make it hold, and how.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unblock: Option<Unblock>,
    /// The rules it consists of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<Self>,
}

/// Whether a rule holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Holds {
    /// It holds.
    Holds,
    /// It does not.
    Fails,
    /// It cannot be told; never permits anything.
    Unknown,
    /// The question does not arise here.
    NotApplicable,
}

/// Something seen. Text from outside is a [`Fact::Name`] and is escaped by every renderer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", content = "v", rename_all = "snake_case")]
pub enum Fact {
    /// A count.
    Count(i64),
    /// Yes or no.
    Flag(bool),
    /// A moment.
    Time(Timestamp),
    /// A length of time.
    Span(Span),
    /// A word of our own.
    Word(String),
    /// Text from outside: a label, a login, the name of a check.
    Name(String),
    /// Several.
    List(Vec<Self>),
}

/// Who can make a rule hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    /// The change's author.
    Author,
    /// Whoever may review it.
    Reviewer,
    /// Whoever may write to the repository.
    Maintainer,
    /// The checks.
    Ci,
    /// The forge.
    #[serde(rename = "github")]
    GitHub,
    /// Whoever runs this server.
    Operator,
}

/// What would make a rule hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unblock {
    /// Who can do it.
    pub owner: Owner,
    /// What to do, in our words.
    pub remedy: String,
}

impl Reason {
    /// A rule that consists of nothing else.
    pub fn leaf(rule: &'static str, holds: bool) -> Self {
        Self::result(rule, if holds { Holds::Holds } else { Holds::Fails })
    }

    /// A rule whose result is known to be more than yes or no.
    pub fn result(rule: &'static str, result: Holds) -> Self {
        Self {
            rule: Cow::Borrowed(rule),
            result,
            saw: Vec::new(),
            unblock: None,
            children: Vec::new(),
        }
    }

    /// A rule that holds when all that apply hold. Unknown wins over holds, fails over unknown.
    pub fn all(rule: &'static str, children: Vec<Self>) -> Self {
        let has = |wanted| children.iter().any(|child| child.result == wanted);
        let result = if has(Holds::Fails) {
            Holds::Fails
        } else if has(Holds::Unknown) {
            Holds::Unknown
        } else {
            Holds::Holds
        };
        Self {
            children,
            ..Self::result(rule, result)
        }
    }

    /// Notes something seen.
    #[must_use]
    pub fn saw(mut self, name: &'static str, fact: Fact) -> Self {
        self.saw.push((Cow::Borrowed(name), fact));
        self
    }

    /// Notes who can make it hold, and how.
    #[must_use]
    pub fn unblock(mut self, owner: Owner, remedy: impl Into<String>) -> Self {
        self.unblock = Some(Unblock {
            owner,
            remedy: remedy.into(),
        });
        self
    }

    /// Whether it holds; unknown does not.
    pub fn holds(&self) -> bool {
        self.result == Holds::Holds
    }

    /// The leaves that keep it from holding.
    pub fn against(&self) -> Vec<&Self> {
        if matches!(self.result, Holds::Holds | Holds::NotApplicable) {
            return Vec::new();
        }
        let below: Vec<&Self> = self.children.iter().flat_map(Self::against).collect();
        if below.is_empty() { vec![self] } else { below }
    }
}

impl Fact {
    /// Several names from outside.
    pub fn names(names: impl IntoIterator<Item: Into<String>>) -> Self {
        Self::List(names.into_iter().map(|n| Self::Name(n.into())).collect())
    }
}
