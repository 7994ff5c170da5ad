//! Paths that automation does not merge changes of.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Deserialize;

use super::pattern::{Pattern, PatternFault};

/// Protected paths. Empty by default: nothing is protected.
///
/// The patterns are those of CODEOWNERS, but without regard to case: which spellings of its own
/// files a forge reads is not told, and protecting one too many costs a merge by hand.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Vec<String>")]
pub struct ProtectedPaths(Arc<Vec<String>>);

/// Protected paths, ready to be matched. They are made ready only where files are at hand: every
/// decision reads its settings, and few look at files.
struct Patterns<'a>(Vec<(&'a str, Pattern)>);

impl ProtectedPaths {
    /// Adds a pattern.
    pub fn add(&mut self, text: &str) -> Result<(), PatternFault> {
        Pattern::check(text)?;
        Arc::make_mut(&mut self.0).push(text.to_owned());
        Ok(())
    }

    /// Which names of changed files are protected, in alphabetical order. Files are given as path
    /// and, where one was renamed, former path; both count.
    pub fn touched<'f>(
        &self,
        files: impl IntoIterator<Item = (&'f str, Option<&'f str>)>,
    ) -> Vec<String> {
        let names = files
            .into_iter()
            .flat_map(|(path, previous)| [Some(path), previous]);
        let mut names = names.flatten().peekable();
        if names.peek().is_none() {
            return Vec::new();
        }
        let patterns = self.patterns();
        let protected = names.filter(|path| patterns.of(path).is_some());
        let paths: BTreeSet<&str> = protected.collect();
        paths.into_iter().map(str::to_owned).collect()
    }

    /// The first pattern that protects this path, as it was written.
    pub fn pattern_of(&self, path: &str) -> Option<&str> {
        self.patterns().of(path)
    }

    /// All of them, ready to be matched against many paths.
    fn patterns(&self) -> Patterns<'_> {
        let read = |text: &String| Pattern::parse(&folded(text));
        let known = |text| read(text).expect("it was checked when it was added");
        let texts = self.0.iter();
        Patterns(texts.map(|text| (text.as_str(), known(text))).collect())
    }

    /// Whether there are no patterns, so that the changed files need not be known.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'a> Patterns<'a> {
    /// The first that protects this path, as it was written.
    fn of(&self, path: &str) -> Option<&'a str> {
        let path = folded(path);
        let mut patterns = self.0.iter();
        let found = patterns.find(|(_, pattern)| pattern.matches(&path));
        found.map(|(text, _)| *text)
    }
}

/// One spelling for all cases, letter by letter: what stands beside a letter does not change it, as
/// it does a sigma at the end of a word, and one letter stays one, as `?` stands for one.
fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.chars()
        .map(|letter| {
            let upper = only(letter.to_uppercase()).unwrap_or(letter);
            only(upper.to_lowercase()).unwrap_or(upper)
        })
        .collect()
}

fn only(mut letters: impl Iterator<Item = char>) -> Option<char> {
    letters.next().filter(|_| letters.next().is_none())
}

/// For settings that were validated when they were read.
impl TryFrom<Vec<String>> for ProtectedPaths {
    type Error = PatternFault;

    fn try_from(texts: Vec<String>) -> Result<Self, PatternFault> {
        for text in &texts {
            Pattern::check(text)?;
        }
        Ok(Self(Arc::new(texts)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(texts: &[&str]) -> ProtectedPaths {
        let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
        texts.try_into().unwrap()
    }

    #[test]
    fn old_and_new_names_are_protected_and_told_once() {
        let protected = paths(&[".github/workflows/**", "/CODEOWNERS"]);
        let files = [
            ("src/a.rs", None),
            (".github/workflows/ci.yml", None),
            ("ci/ci.yml", Some(".github/workflows/old.yml")),
            (".github/workflows/ci.yml", Some("x")),
            ("docs/CODEOWNERS", None),
        ];
        assert_eq!(
            protected.touched(files),
            [".github/workflows/ci.yml", ".github/workflows/old.yml"]
        );
        assert!(ProtectedPaths::default().touched(files).is_empty());
    }

    #[test]
    fn case_hides_nothing() {
        let protected = paths(&["/.github/CODEOWNERS", "Secrets/"]);
        assert_eq!(
            protected.pattern_of(".github/codeowners"),
            Some("/.github/CODEOWNERS")
        );
        assert_eq!(protected.pattern_of("x/SECRETS/key"), Some("Secrets/"));
        assert_eq!(protected.pattern_of("secretsx/key"), None);
    }

    #[test]
    fn case_hides_nothing_in_any_script() {
        for (pattern, path) in [
            ("ΚΛΕΙΣ*", "κλεισά"),
            ("κλεις", "ΚΛΕΙΣ/a"),
            ("κλεισ", "κλεις"),
            ("Ä?/", "äß/a"),
            ("İ?i", "İxI"),
            ("keys/", "\u{212a}EYS/a"),
        ] {
            assert!(paths(&[pattern]).pattern_of(path).is_some(), "{pattern}");
        }
    }

    #[test]
    fn a_text_that_is_no_pattern_is_refused() {
        assert_eq!(
            ProtectedPaths::try_from(vec!["!a".to_owned()]),
            Err(PatternFault::Negation)
        );
    }
}
