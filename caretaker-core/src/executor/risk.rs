//! What makes a change risky: where it is and how much.
//!
//! Paths are compared part by part and word by word, never by what they merely contain: `author`
//! is not `auth`, and neither spelling nor detours (`./`, `a/../`, `\`) hide a workflow.

use std::collections::BTreeSet;

use serde::Serialize;

use super::Size;

/// What makes a change risky (spec 04 §2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Tag {
    /// It touches what CI runs.
    WorkflowsTouched,
    /// It touches secrets, or who may do what.
    AuthTouched,
    /// It touches the form of stored data.
    MigrationTouched,
    /// It touches a published interface.
    PublicApiTouched,
    /// It is large.
    LargeDiff,
    /// It spreads over many parts.
    CrossPackage,
    /// Somebody who knows about security should see it.
    SecurityReviewNeeded,
    /// Everything about it is known, and nothing is risky.
    Safe,
}

impl Tag {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::WorkflowsTouched => "workflows_touched",
            Self::AuthTouched => "auth_touched",
            Self::MigrationTouched => "migration_touched",
            Self::PublicApiTouched => "public_api_touched",
            Self::LargeDiff => "large_diff",
            Self::CrossPackage => "cross_package",
            Self::SecurityReviewNeeded => "security_review_needed",
            Self::Safe => "safe",
        }
    }
}

/// What is known about a change's risk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Risk {
    /// What makes it risky; `safe` alone, or without `safe`.
    pub tags: BTreeSet<Tag>,
    /// Whether the paths that it touches are known; if not, tags may be missing.
    pub paths_known: bool,
}

/// More changed lines than this are large.
const LARGE_LINES: u32 = 400;
/// More files than this are large.
const LARGE_FILES: u32 = 20;
/// More top folders than this are a spread.
const MANY_FOLDERS: usize = 3;

const WORKFLOWS: &[&str] = &[".github/workflows/**", ".github/actions/**"];
const API: &[&str] = &[
    "**/openapi*.json",
    "**/openapi*.y*ml",
    "**/swagger*.json",
    "**/swagger*.y*ml",
    "**/*.proto",
    "**/*.graphql",
    "**/*.graphqls",
];
/// Words of a path's parts.
const AUTH_WORDS: &[&str] = &[
    "secret",
    "secrets",
    "credential",
    "credentials",
    "auth",
    "authn",
    "authz",
    "oauth*",
    "authentication",
    "authorization",
    "token",
    "tokens",
    "password",
    "passwords",
    "passwd",
];
const MIGRATION_WORDS: &[&str] = &[
    "migration",
    "migrations",
    "migrate",
    "alembic",
    "schema",
    "schemas",
];

impl Risk {
    /// Judges a change by the paths that it touches (`None`: nobody knows) and its size.
    pub fn of(paths: Option<&[String]>, size: Size) -> Self {
        let mut tags = BTreeSet::new();
        let mut folders = BTreeSet::new();
        for path in paths.unwrap_or_default() {
            let Some(parts) = parts(path) else {
                // It leads out of the repository, and no tool writes such a path by itself.
                tags.insert(Tag::SecurityReviewNeeded);
                continue;
            };
            tags.extend(tags_of(&parts));
            if parts.len() > 1 {
                folders.extend(parts.into_iter().next());
            }
        }
        if tags.contains(&Tag::WorkflowsTouched) || tags.contains(&Tag::AuthTouched) {
            tags.insert(Tag::SecurityReviewNeeded);
        }
        if size.lines.is_some_and(|n| n > LARGE_LINES)
            || size.files.is_some_and(|n| n > LARGE_FILES)
        {
            tags.insert(Tag::LargeDiff);
        }
        if folders.len() > MANY_FOLDERS {
            tags.insert(Tag::CrossPackage);
        }
        let known = paths.is_some() && size.files.is_some() && size.lines.is_some();
        if tags.is_empty() && known {
            tags.insert(Tag::Safe);
        }
        Self {
            tags,
            paths_known: paths.is_some(),
        }
    }
}

fn tags_of(parts: &[String]) -> impl Iterator<Item = Tag> {
    let lower: Vec<String> = parts.iter().map(|part| part.to_lowercase()).collect();
    let at = |globs: &[&str]| globs.iter().any(|glob| path_fits(glob, &lower));
    let words: Vec<String> = parts.iter().flat_map(|part| words(part)).collect();
    let says = |globs: &[&str]| {
        let mut words = words.iter();
        words.any(|word| globs.iter().any(|glob| part_fits(glob, word)))
    };
    let found = [
        (Tag::WorkflowsTouched, at(WORKFLOWS)),
        (Tag::AuthTouched, says(AUTH_WORDS)),
        (Tag::MigrationTouched, says(MIGRATION_WORDS)),
        (Tag::PublicApiTouched, at(API)),
    ];
    found
        .into_iter()
        .filter_map(|(tag, here)| here.then_some(tag))
}

/// The path's parts without detours; `None` when it leads out of the repository.
fn parts(path: &str) -> Option<Vec<String>> {
    let mut parts = Vec::new();
    for part in path.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part.to_owned()),
        }
    }
    Some(parts)
}

/// `authToken_v2.rs` is `auth`, `token`, `v`, `2`, `rs`; `AWSSecret` is `aws`, `secret`.
fn words(part: &str) -> Vec<String> {
    let chars: Vec<char> = part.chars().collect();
    let mut words = vec![String::new()];
    for (at, c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).map(|before| chars[before]);
        let hump = c.is_uppercase()
            && (before.is_some_and(char::is_lowercase)
                || chars.get(at + 1).is_some_and(|next| next.is_lowercase()));
        let number = before.is_some_and(|before| before.is_numeric() != c.is_numeric());
        if hump || number || !c.is_alphanumeric() {
            words.push(String::new());
        }
        if c.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(c.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether a glob fits a path, part by part; `**` stands for any number of parts, none included.
fn path_fits(glob: &str, parts: &[String]) -> bool {
    match glob.split_once('/') {
        _ if glob == "**" => true,
        Some(("**", rest)) => (0..=parts.len()).any(|n| path_fits(rest, &parts[n..])),
        Some((first, rest)) => parts
            .split_first()
            .is_some_and(|(part, others)| part_fits(first, part) && path_fits(rest, others)),
        None => matches!(parts, [only] if part_fits(glob, only)),
    }
}

/// Whether a glob fits one part; `*` stands for any characters of it.
fn part_fits(glob: &str, part: &str) -> bool {
    let Some((head, tail)) = glob.split_once('*') else {
        return glob == part;
    };
    let Some(rest) = part.strip_prefix(head) else {
        return false;
    };
    let ends = rest.char_indices().map(|(at, _)| at).chain([rest.len()]);
    ends.into_iter().any(|at| part_fits(tail, &rest[at..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(path: &str) -> Vec<Tag> {
        let small = Size {
            files: Some(1),
            lines: Some(1),
        };
        let risk = Risk::of(Some(&[path.to_owned()]), small);
        risk.tags.into_iter().collect()
    }

    #[test]
    fn a_path_is_risky_by_its_parts_and_words() {
        use Tag::{
            AuthTouched as Auth, MigrationTouched as Migration, PublicApiTouched as Api, Safe,
            SecurityReviewNeeded as Security, WorkflowsTouched as Workflows,
        };
        let table: &[(&str, &[Tag])] = &[
            ("src/lib.rs", &[Safe]),
            (".github/workflows/ci.yml", &[Workflows, Security]),
            ("./.github/workflows/ci.yml", &[Workflows, Security]),
            ("src/../.github/workflows/ci.yml", &[Workflows, Security]),
            (".github\\workflows\\ci.yml", &[Workflows, Security]),
            (".GitHub/Workflows/ci.yml", &[Workflows, Security]),
            (".github/actions/setup/action.yml", &[Workflows, Security]),
            ("docs/.github/workflows/ci.yml", &[Safe]),
            ("x.github/workflows/ci.yml", &[Safe]),
            ("src/auth/mod.rs", &[Auth, Security]),
            ("src/AuthToken.java", &[Auth, Security]),
            ("src/AWSSecretStore.ts", &[Auth, Security]),
            ("src/token2.ts", &[Auth, Security]),
            ("src/OAUTH.ts", &[Auth, Security]),
            ("config/secrets.yml", &[Auth, Security]),
            ("src/reset-password.ts", &[Auth, Security]),
            ("src/oauth2_client.py", &[Auth, Security]),
            ("src/author.rs", &[Safe]),
            ("src/authors/list.rs", &[Safe]),
            ("src/tokenizer.rs", &[Safe]),
            ("src/secretary.rs", &[Safe]),
            ("db/migrations/0001.sql", &[Migration]),
            ("alembic/env.py", &[Migration]),
            ("src/immigration.rs", &[Safe]),
            ("src/schematic.rs", &[Safe]),
            ("api/openapi.yaml", &[Api]),
            ("service.proto", &[Api]),
            ("src/prototype.rs", &[Safe]),
            ("../outside", &[Security]),
            ("a/../../outside", &[Security]),
        ];
        for (path, expected) in table {
            assert_eq!(tags(path), *expected, "{path}");
        }
    }

    #[test]
    fn much_and_far_are_risky_from_the_first_beyond_the_limit() {
        let of = |files, lines| {
            let size = Size {
                files: Some(files),
                lines: Some(lines),
            };
            Risk::of(Some(&[]), size).tags.into_iter().next()
        };
        assert_eq!(of(20, 400), Some(Tag::Safe));
        assert_eq!(of(21, 400), Some(Tag::LargeDiff));
        assert_eq!(of(20, 401), Some(Tag::LargeDiff));
        let spread = |n: usize| {
            let paths: Vec<_> = (0..n)
                .map(|n| format!("p{n}/x"))
                .chain(["top".to_owned()])
                .collect();
            Risk::of(Some(&paths), Size::default()).tags
        };
        assert!(
            !spread(3).contains(&Tag::CrossPackage),
            "a file at the top is in no folder"
        );
        assert!(spread(4).contains(&Tag::CrossPackage));
    }

    #[test]
    fn what_is_not_known_is_not_safe() {
        let small = Size {
            files: Some(1),
            lines: Some(1),
        };
        assert!(Risk::of(None, small).tags.is_empty());
        assert!(
            Risk::of(
                Some(&[]),
                Size {
                    lines: None,
                    ..small
                }
            )
            .tags
            .is_empty()
        );
        assert!(!Risk::of(None, small).paths_known);
    }
}
