//! Path patterns in the language of CODEOWNERS, which our own lists of paths share.
//!
//! The language is that of gitignore with GitHub's exceptions (docs.github.com, "About code
//! owners", CODEOWNERS syntax and syntax exceptions; git-scm.com/docs/gitignore, pattern format):
//!
//! - A pattern with `/` at its start or in its middle is meant from the root; any other matches
//!   at every depth.
//! - `/` at the end means everything below a directory of that name. A name without it means the
//!   file, or everything below the directory.
//! - `*` and `?` do not cross `/`; `**` as a whole segment stands for any number of them. A last
//!   segment that is `*` alone means direct children only.
//! - `\` takes the next character as it stands. There is no `!` and no `[ ]`.
//! - Case matters.

use std::fmt;

/// A pattern, ready to be matched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern {
    segments: Vec<Segment>,
    /// Whether what lies below a match is matched too.
    below: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    /// `**`: any number of segments; at the end at least one.
    Deep,
    /// A name without wildcards.
    Plain(String),
    /// A name with wildcards.
    Wild(Vec<Token>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    Char(char),
    /// `?`
    One,
    /// `*`
    Many,
}

/// Why a text is no pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PatternFault {
    /// There is nothing.
    Empty,
    /// `/` alone, which matches nothing.
    RootOnly,
    /// It begins with `!`.
    Negation,
    /// It has a bracket that is not escaped.
    Range,
    /// Three or more `*` in a row.
    Stars,
    /// A `\` with nothing after it that could be escaped.
    Escape,
}

impl fmt::Display for PatternFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "there is no pattern; `*` matches everything",
            Self::RootOnly => "the pattern `/` matches nothing; `*` matches everything",
            Self::Negation => "`!` negates nothing here; remove it",
            Self::Range => "`[` and `]` mean no range here; write `?`, or `\\[` for a bracket",
            Self::Stars => "more than two `*` in a row; write `**`",
            Self::Escape => "`\\` has nothing to escape; write the character that shall follow it",
        })
    }
}

impl Pattern {
    /// Says what keeps a text from being a pattern. Nearly every text is a path, and looked at once.
    pub(super) fn check(text: &str) -> Result<(), PatternFault> {
        let escapes = |byte| matches!(byte, b'\\' | b'[' | b']');
        let is_path = |byte| !escapes(byte) && !matches!(byte, b'*' | b'!');
        if text.len() > 1 && text.bytes().all(is_path) {
            return Ok(());
        }
        Self::shape(text)?;
        if text.bytes().any(escapes) {
            Self::parse(text)?;
        }
        Ok(())
    }

    /// What is no pattern as a whole, whatever its segments are.
    fn shape(text: &str) -> Result<(), PatternFault> {
        match text {
            "" => Err(PatternFault::Empty),
            "/" => Err(PatternFault::RootOnly),
            _ if text.starts_with('!') => Err(PatternFault::Negation),
            _ if has_three_stars(text) => Err(PatternFault::Stars),
            _ => Ok(()),
        }
    }

    /// Reads a pattern.
    pub(super) fn parse(text: &str) -> Result<Self, PatternFault> {
        Self::shape(text)?;
        let (from_root, directory) = (text.starts_with('/'), text.ends_with('/'));
        let names = text.strip_prefix('/').unwrap_or(text);
        let names = names.strip_suffix('/').unwrap_or(names);
        let mut segments = Vec::new();
        if !from_root && !names.contains('/') && names != "**" {
            segments.push(Segment::Deep);
        }
        for name in names.split('/') {
            segments.push(Segment::parse(name)?);
        }
        if directory {
            segments.push(Segment::Deep);
        }
        let last_is_star = !directory && names.rsplit('/').next() == Some("*");
        Ok(Self {
            segments,
            below: !last_is_star,
        })
    }

    /// Whether it matches a file's path from the root, without `/` at its start. Time is bounded
    /// by the product of both lengths.
    pub(super) fn matches(&self, path: &str) -> bool {
        if path.is_empty() {
            return false;
        }
        let (mut at, mut rest) = (0, Some(path));
        // Where to go on after the latest `**` if it has to swallow one segment more.
        let mut retry: Option<(usize, &str)> = None;
        loop {
            let last = at + 1 == self.segments.len();
            match (self.segments.get(at), rest) {
                (None, None) => return true,
                (None, Some(_)) if self.below => return true,
                (Some(Segment::Deep), Some(_)) if last => return true,
                (Some(Segment::Deep), None) => return false,
                (Some(Segment::Deep), Some(here)) => {
                    at += 1;
                    retry = Some((at, here));
                    continue;
                }
                (Some(segment), Some(here)) => {
                    let (name, below) = first(here);
                    if segment.matches(name) {
                        (at, rest) = (at + 1, below);
                        continue;
                    }
                }
                (None, Some(_)) | (Some(_), None) => {}
            }
            let Some((after, Some(below))) = retry.map(|(after, here)| (after, first(here).1))
            else {
                return false;
            };
            (at, rest, retry) = (after, Some(below), Some((after, below)));
        }
    }
}

fn has_three_stars(text: &str) -> bool {
    let mut stars = 0;
    text.bytes().any(|byte| {
        stars = if byte == b'*' { stars + 1 } else { 0 };
        stars == 3
    })
}

/// The first segment of a path, and what comes after it.
fn first(path: &str) -> (&str, Option<&str>) {
    match path.split_once('/') {
        Some((name, below)) => (name, Some(below)),
        None => (path, None),
    }
}

impl Segment {
    fn parse(name: &str) -> Result<Self, PatternFault> {
        if name == "**" {
            return Ok(Self::Deep);
        }
        // Nearly every name; patterns are read for each decision.
        let special = |byte| matches!(byte, b'\\' | b'[' | b']' | b'?' | b'*');
        if !name.bytes().any(special) {
            return Ok(Self::Plain(name.to_owned()));
        }
        let mut tokens = Vec::new();
        let mut chars = name.chars();
        while let Some(c) = chars.next() {
            tokens.push(match c {
                '\\' => Token::Char(chars.next().ok_or(PatternFault::Escape)?),
                '[' | ']' => return Err(PatternFault::Range),
                '?' => Token::One,
                '*' if tokens.last() == Some(&Token::Many) => continue,
                '*' => Token::Many,
                c => Token::Char(c),
            });
        }
        let plain = |token: &Token| match token {
            Token::Char(c) => Some(*c),
            Token::One | Token::Many => None,
        };
        let text: Option<String> = tokens.iter().map(plain).collect();
        Ok(text.map_or(Self::Wild(tokens), Self::Plain))
    }

    fn matches(&self, name: &str) -> bool {
        match self {
            Self::Deep => true,
            Self::Plain(text) => text == name,
            Self::Wild(tokens) => !name.is_empty() && wild(tokens, name),
        }
    }
}

fn wild(tokens: &[Token], name: &str) -> bool {
    let (mut at, mut rest) = (0, name.chars());
    let mut retry: Option<(usize, std::str::Chars<'_>)> = None;
    loop {
        let mut next = rest.clone();
        match (tokens.get(at), next.next()) {
            (None, None) => return true,
            (Some(Token::Many), _) => {
                at += 1;
                retry = Some((at, rest.clone()));
                continue;
            }
            (Some(Token::One), Some(_)) => {
                (at, rest) = (at + 1, next);
                continue;
            }
            (Some(Token::Char(wanted)), Some(found)) if *wanted == found => {
                (at, rest) = (at + 1, next);
                continue;
            }
            (Some(Token::One | Token::Char(_)), _) | (None, Some(_)) => {}
        }
        let Some((after, mut left)) = retry else {
            return false;
        };
        if left.next().is_none() {
            return false;
        }
        (at, rest, retry) = (after, left.clone(), Some((after, left)));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    fn matches(pattern: &str, path: &str) -> bool {
        Pattern::parse(pattern).unwrap().matches(path)
    }

    /// A pattern, what it matches, and what it does not.
    type Case = (
        &'static str,
        &'static [&'static str],
        &'static [&'static str],
    );

    /// The examples of GitHub's page, then those of gitignore's.
    const DOCUMENTED: &[Case] = &[
        ("*", &["a", "a/b", ".github/x.yml"], &[]),
        (
            "*.js",
            &["a.js", "lib/a.js"],
            &["a.jsx", "lib/a.ts", "a.JS"],
        ),
        (
            "/build/logs/",
            &["build/logs/a", "build/logs/x/a"],
            &["build/logs", "x/build/logs/a", "build/logsx/a"],
        ),
        (
            "docs/*",
            &["docs/getting-started.md"],
            &["docs/build-app/troubleshooting.md", "x/docs/a.md", "docs"],
        ),
        (
            "apps/",
            &["apps/a", "x/apps/a", "x/apps/y/a"],
            &["apps", "x/apps", "myapps/a"],
        ),
        ("/docs/", &["docs/a", "docs/x/a"], &["x/docs/a", "docs"]),
        (
            "/scripts/",
            &["scripts/release.sh"],
            &["x/scripts/release.sh"],
        ),
        (
            "**/logs",
            &[
                "logs/a",
                "build/logs/a",
                "deeply/nested/logs",
                "scripts/logs/x/a",
            ],
            &["logsx/a", "build/mylogs/a"],
        ),
        (
            "/apps/github",
            &["apps/github", "apps/github/a"],
            &["apps/githubber", "apps/a"],
        ),
        (
            "doc/frotz/",
            &["doc/frotz/a"],
            &["a/doc/frotz/a", "doc/frotz"],
        ),
        ("frotz/", &["frotz/a", "a/frotz/a"], &["frotz"]),
        (
            "**/foo/bar",
            &["foo/bar", "x/foo/bar", "x/foo/bar/y"],
            &["foo/x/bar"],
        ),
        ("abc/**", &["abc/a", "abc/x/a"], &["abc", "x/abc/a"]),
        (
            "a/**/b",
            &["a/b", "a/x/b", "a/x/y/b", "a/x/b/c"],
            &["x/a/b", "a/x/bb"],
        ),
        ("foo/*", &["foo/test.json"], &["foo/bar/hello.c"]),
    ];

    /// What the pages leave open, as GitHub's own users found it.
    const BETWEEN: &[Case] = &[
        (
            "foo",
            &["foo", "foo/a", "x/foo", "x/foo/y"],
            &["foo.txt", "x/foo.txt"],
        ),
        ("/foo", &["foo", "foo/a/b"], &["fool", "x/foo"]),
        (
            "foo/bar",
            &["foo/bar", "foo/bar/a"],
            &["x/foo/bar", "foo/bart"],
        ),
        ("f*", &["foo", "x/foo", "foo/a"], &["xfoo"]),
        ("/*", &["a"], &["a/b"]),
        ("/*/", &["a/b", "a/b/c"], &["a"]),
        ("*/", &["a/b", "a/b/c"], &["a"]),
        ("/f*", &["foo", "foo/a"], &["x/foo"]),
        ("f?o", &["foo", "fäo"], &["fo", "fooo", "f/o"]),
        ("f\\*o", &["f*o"], &["foo"]),
        ("f\\?o", &["f?o"], &["foo"]),
        ("a\\ b", &["a b", "x/a b"], &["a", "b"]),
        ("\\[id\\]", &["[id]"], &["i", "d"]),
        ("**", &["a", "a/b"], &[]),
        ("**/*", &["a", "a/b"], &[]),
        ("foo/**/", &["foo/a", "foo/a/b"], &["foo"]),
        ("foo/**/*", &["foo/a", "foo/a/b"], &["foo"]),
        (
            "foo/**/bar/b*",
            &["foo/bar/baz", "foo/x/y/bar/baz"],
            &["foo/bar/x", "foo/bar"],
        ),
        (
            "foo/*/baz",
            &["foo/x/baz", "foo/x/baz/y"],
            &["foo/baz", "foo/x/y/baz"],
        ),
        ("a**b", &["ab", "axxb", "x/ab"], &["a/b"]),
        ("a//b", &[], &["a/b", "a/x/b", "ab"]),
        (
            "*a*a*a*b",
            &["aaaaaaaab"],
            &["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"],
        ),
        ("Docs/", &["Docs/a"], &["docs/a"]),
        ("{{name}}/", &["{{name}}/a"], &["name/a"]),
    ];

    #[test]
    fn documented_examples_match_what_their_pages_say() {
        for (pattern, yes, no) in DOCUMENTED.iter().chain(BETWEEN) {
            for path in *yes {
                assert!(matches(pattern, path), "{pattern} must match {path}");
            }
            for path in *no {
                assert!(!matches(pattern, path), "{pattern} must not match {path}");
            }
        }
    }

    #[test]
    fn what_is_no_pattern_says_why() {
        use PatternFault as F;
        let table = [
            ("", F::Empty),
            ("/", F::RootOnly),
            ("!docs/", F::Negation),
            ("file.[ch]", F::Range),
            ("pages/[id].tsx", F::Range),
            ("a]", F::Range),
            ("a***b", F::Stars),
            ("a\\", F::Escape),
            ("a\\/b", F::Escape),
        ];
        for (text, fault) in table {
            assert_eq!(Pattern::parse(text), Err(fault), "{text}");
        }
    }

    #[test]
    fn an_empty_path_is_no_file() {
        for pattern in ["*", "**", "/a", "a/"] {
            assert!(!matches(pattern, ""), "{pattern}");
        }
    }

    fn walk(names: &[&str], path: &[&str]) -> bool {
        match (names, path) {
            ([], _) => true,
            (["**"], path) => !path.is_empty(),
            (["*"], path) => path.len() == 1,
            (["**", more @ ..], path) => (0..=path.len()).any(|n| walk(more, &path[n..])),
            ([name, more @ ..], [first, rest @ ..]) => glob(name, first) && walk(more, rest),
            (_, []) => false,
        }
    }

    fn glob(name: &str, text: &str) -> bool {
        match (name.chars().next(), text.chars().next()) {
            (None, None) => true,
            (Some('*'), _) => {
                glob(&name[1..], text) || (!text.is_empty() && glob(name, &text[1..]))
            }
            (Some('?'), Some(_)) => glob(&name[1..], &text[1..]),
            (Some(a), Some(b)) if a == b => glob(&name[1..], &text[1..]),
            _ => false,
        }
    }

    /// The language once more, by trying every split; slow and obvious.
    fn reference(pattern: &str, path: &str) -> bool {
        let rooted = pattern.trim_end_matches('/').contains('/');
        let trimmed = pattern.strip_prefix('/').unwrap_or(pattern);
        let mut names: Vec<&str> = trimmed.split('/').collect();
        if names.last() == Some(&"") {
            *names.last_mut().unwrap() = "**";
        }
        if !rooted {
            names.insert(0, "**");
        }
        let path: Vec<&str> = path.split('/').collect();
        walk(&names, &path)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn matching_agrees_with_trying_every_split(
            names in prop::collection::vec(
                select(vec!["a", "b", "ab", "*", "**", "?", "a*", "*b", "a*b"]), 1..5),
            root in select(vec!["", "/"]),
            end in select(vec!["", "/"]),
            path in prop::collection::vec(select(vec!["a", "b", "ab", "aab", "ba"]), 1..6),
        ) {
            let (pattern, path) = (format!("{root}{}{end}", names.join("/")), path.join("/"));
            prop_assert_eq!(
                matches(&pattern, &path), reference(&pattern, &path), "{} {}", pattern, path
            );
        }

        #[test]
        fn any_text_is_a_pattern_or_a_fault(text in "[ab*?/\\\\!\\[\\]#é ]{0,12}", path in "[ab/é]{0,12}") {
            if let Ok(pattern) = Pattern::parse(&text) {
                let _: bool = pattern.matches(&path);
            }
        }
    }
}
