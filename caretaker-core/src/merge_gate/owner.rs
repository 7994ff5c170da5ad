//! Who may be asked for an approval: people and teams, as CODEOWNERS and review rules name them.

use crate::model::Login;

/// A team of an organisation. Names are kept in lower case: the forge compares them without.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Team {
    org: String,
    slug: String,
}

impl Team {
    /// The organisation's account name.
    pub fn org(&self) -> &str {
        &self.org
    }

    /// The team's name within it, as addresses spell it.
    pub fn slug(&self) -> &str {
        &self.slug
    }
}

impl std::fmt::Display for Team {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.org, self.slug)
    }
}

/// A person or a team.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Party {
    /// An account.
    Person(Login),
    /// Whoever is in a team.
    Team(Team),
}

impl Party {
    /// Reads `alice`, `org/team`, or either after an `@`. `None` for what cannot name a person or
    /// a team; the accounts of Apps, `name[bot]`, are neither.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix('@').unwrap_or(text);
        match text.split_once('/') {
            Some((org, slug)) => (is_name(org) && is_name(slug)).then(|| {
                Self::Team(Team {
                    org: org.to_ascii_lowercase(),
                    slug: slug.to_ascii_lowercase(),
                })
            }),
            None => is_name(text).then(|| Self::Person(Login::new(text))),
        }
    }
}

/// People as `alice`, teams as `org/team`; without an `@`, so that showing it calls nobody.
impl std::fmt::Display for Party {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Person(login) => login.fmt(f),
            Self::Team(team) => team.fmt(f),
        }
    }
}

/// The letters of account names and of teams' names in addresses. Managed accounts have an
/// underscore in front of their enterprise's short name.
fn is_name(text: &str) -> bool {
    let letter = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    (1..=100).contains(&text.len()) && text.bytes().all(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn team(text: &str) -> Team {
        match Party::parse(text) {
            Some(Party::Team(team)) => team,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn people_and_teams_are_read_with_and_without_their_sign() {
        assert_eq!(Party::parse("@alice"), Party::parse("alice"));
        assert_eq!(Party::parse("@Octo/Team"), Party::parse("octo/team"));
        assert_eq!(team("@octo/a-team_1").to_string(), "octo/a-team_1");
        for bad in [
            "",
            "@",
            "@@a",
            "a b",
            "dependabot[bot]",
            "a@b",
            "/a",
            "a/",
            "a/b/c",
            "é",
        ] {
            assert_eq!(Party::parse(bad), None, "{bad}");
        }
    }
}
