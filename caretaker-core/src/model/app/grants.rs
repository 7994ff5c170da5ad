//! Permissions as the forge grants them, compared with what something needs.

use std::collections::BTreeMap;

/// How far a permission goes. What the forge may name beyond these counts as not granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grant {
    /// Looking.
    Read,
    /// Changing, which includes looking.
    Write,
}

/// What is granted, by permission.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grants(BTreeMap<String, Grant>);

impl Grant {
    /// Reads the forge's word; `admin` includes writing.
    pub fn of(word: &str) -> Option<Self> {
        match word {
            "read" => Some(Self::Read),
            "write" | "admin" => Some(Self::Write),
            _ => None,
        }
    }
}

impl Grants {
    /// Takes names and words as the forge lists them.
    pub fn of<'a>(listed: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let known = |(name, word): (&str, &str)| Some((name.to_owned(), Grant::of(word)?));
        Self(listed.into_iter().filter_map(known).collect())
    }

    /// Whether a need is met, written as manifests and actions write theirs: `issues: write`. One
    /// that cannot be read is not.
    pub fn meet(&self, need: &str) -> bool {
        let need = need.split_once(':');
        let need = need.and_then(|(name, word)| Some((name.trim(), Grant::of(word.trim())?)));
        need.is_some_and(|(name, level)| self.0.get(name).is_some_and(|granted| *granted >= level))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writing_includes_reading_and_what_is_unknown_permits_nothing() {
        let grants = Grants::of([
            ("issues", "write"),
            ("checks", "read"),
            ("administration", "admin"),
            ("pages", "some"),
        ]);
        for need in [
            "issues: write",
            "issues: read",
            "checks: read",
            "administration: write",
        ] {
            assert!(grants.meet(need), "{need}");
        }
        for need in [
            "checks: write",
            "contents: read",
            "pages: read",
            "issues",
            "issues: all",
            "",
        ] {
            assert!(!grants.meet(need), "{need}");
        }
    }
}
