//! CODEOWNERS: who owns which file, as GitHub reads it.
//!
//! Source of the rules: docs.github.com, "About code owners" (file size, syntax, example, syntax
//! exceptions, branch protection) and the errors that `GET /repos/{owner}/{repo}/codeowners/errors`
//! tells of. Where those are silent: a `#` glued to a pattern makes its line invalid.
//!
//! - The last rule that matches a path decides alone. One without owners means that nobody owns it.
//! - A line with anything invalid in it is skipped as a whole and reported.
//! - A file over 3 MB counts as absent.
//! - An owner by e-mail address is somebody we cannot name: never fulfilled, never absent.
//!
//! Who of the owners has approved is judged with the other review rules.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::owner::{Party, Team};
use super::pattern::{Pattern, PatternFault};

/// GitHub does not load a file that is bigger. Which megabyte it means is not said; reading a file
/// that GitHub ignores only asks for more.
const MAX_BYTES: usize = 3 * 1024 * 1024;
/// Lines whose problems are kept.
const MAX_PROBLEMS: usize = 100;

/// A file that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CodeOwners {
    rules: Vec<Line>,
    /// What was skipped, in order of lines; the first hundred.
    pub problems: Vec<LineProblem>,
    /// Skipped lines beyond those.
    pub more_problems: usize,
    /// Whether it is too big and was not read.
    pub too_large: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Line {
    number: usize,
    pattern: Pattern,
    owners: Vec<Owner>,
}

/// An owner as the file names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// Somebody who can be told from others.
    Party(Party),
    /// Somebody by e-mail address; whose account that is, only the forge knows.
    Email(String),
}

/// A line that is skipped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineProblem {
    /// From 1.
    pub line: usize,
    /// What is wrong with it.
    pub fault: LineFault,
}

/// Why a line is skipped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LineFault {
    /// It is not UTF-8.
    Encoding,
    /// Its pattern is none.
    Pattern(PatternFault),
    /// A `#` stands in its pattern.
    Hash,
    /// This names no owner.
    Owner(String),
}

/// Shows no text of the file.
impl fmt::Display for LineFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Encoding => f.write_str("the line is not UTF-8; save the file as UTF-8"),
            Self::Pattern(fault) => fault.fmt(f),
            Self::Hash => f.write_str(
                "`#` begins a comment and cannot be escaped; write `?` for it in a pattern",
            ),
            Self::Owner(_) => {
                f.write_str("an owner is `@user`, `@organisation/team` or an e-mail address")
            }
        }
    }
}

/// Who owns a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owned<'a> {
    /// No rule matches it.
    NoRule,
    /// The rule on this line matches it and leaves its owners empty.
    Nobody {
        /// From 1.
        line: usize,
    },
    /// The rule on this line names them; any one of them suffices.
    By {
        /// In the order of the line; at least one.
        owners: &'a [Owner],
        /// From 1.
        line: usize,
    },
}

/// Files that have the same owners: one approval by any of these is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnerGroup {
    /// In the order of the line that names them; at least one.
    pub owners: Vec<Owner>,
    /// Which files, in alphabetical order.
    pub files: Vec<String>,
}

impl OwnerGroup {
    /// The owners that can be told from others.
    pub fn parties(&self) -> impl Iterator<Item = &Party> {
        self.owners.iter().filter_map(|owner| match owner {
            Owner::Party(party) => Some(party),
            Owner::Email(_) => None,
        })
    }
}

/// Reads a file. Total: whatever the bytes, there is an answer, and each line is either a rule,
/// a comment, blank, or a problem. Time and memory are bounded by the size of the file.
pub fn parse(bytes: &[u8]) -> CodeOwners {
    let mut read = CodeOwners::default();
    if bytes.len() > MAX_BYTES {
        read.too_large = true;
        return read;
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    for (number, line) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
        let parsed = match std::str::from_utf8(line) {
            Ok(text) => rule(text.trim_matches([' ', '\t', '\r'])),
            Err(_) => Err(LineFault::Encoding),
        };
        match parsed {
            Ok(None) => {}
            Ok(Some((pattern, owners))) => read.rules.push(Line {
                number,
                pattern,
                owners,
            }),
            Err(fault) if read.problems.len() < MAX_PROBLEMS => {
                read.problems.push(LineProblem {
                    line: number,
                    fault,
                });
            }
            Err(_) => read.more_problems += 1,
        }
    }
    read
}

/// One line without the blanks around it; `None` where it says nothing.
fn rule(line: &str) -> Result<Option<(Pattern, Vec<Owner>)>, LineFault> {
    if line.is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    let mut escaped = false;
    let end = line.find(|c: char| {
        let ends = !escaped && matches!(c, ' ' | '\t');
        escaped = !escaped && c == '\\';
        ends
    });
    let (pattern, rest) = line.split_at(end.unwrap_or(line.len()));
    if pattern.contains('#') {
        return Err(LineFault::Hash);
    }
    let pattern = Pattern::parse(pattern).map_err(LineFault::Pattern)?;
    let named = rest.split('#').next().unwrap_or_default();
    let owners = named
        .split([' ', '\t'])
        .filter(|word| !word.is_empty())
        .map(|word| owner(word).ok_or_else(|| LineFault::Owner(word.to_owned())))
        .collect::<Result<_, _>>()?;
    Ok(Some((pattern, owners)))
}

fn owner(word: &str) -> Option<Owner> {
    if word.starts_with('@')
        && let Some(party) = Party::parse(word)
    {
        return Some(Owner::Party(party));
    }
    let (name, host) = word.rsplit_once('@')?;
    let address = !name.trim_start_matches('@').is_empty() && !host.is_empty();
    address.then(|| Owner::Email(word.to_owned()))
}

impl CodeOwners {
    /// Who owns this path, given from the root without `/` at its start. Case matters.
    pub fn owners_of(&self, path: &str) -> Owned<'_> {
        let mut latest_first = self.rules.iter().rev();
        match latest_first.find(|line| line.pattern.matches(path)) {
            None => Owned::NoRule,
            Some(line) if line.owners.is_empty() => Owned::Nobody { line: line.number },
            Some(line) => Owned::By {
                owners: &line.owners,
                line: line.number,
            },
        }
    }

    /// The groups of which each needs one approval, for files given as path and, where one was
    /// renamed, former path. Both names count: else a file could be moved out of its owners' sight.
    ///
    /// Files that nobody owns are in no group. The same owners in another order or on another line
    /// are one group.
    pub fn groups<'f>(
        &self,
        files: impl IntoIterator<Item = (&'f str, Option<&'f str>)>,
    ) -> Vec<OwnerGroup> {
        let mut groups: BTreeMap<BTreeSet<String>, (&[Owner], BTreeSet<&str>)> = BTreeMap::new();
        let names = files
            .into_iter()
            .flat_map(|(path, previous)| [Some(path), previous]);
        for path in names.flatten() {
            match self.owners_of(path) {
                Owned::NoRule | Owned::Nobody { .. } => {}
                Owned::By { owners, .. } => {
                    let key = owners.iter().map(Owner::key).collect();
                    let (_, paths) = groups.entry(key).or_insert((owners, BTreeSet::new()));
                    paths.insert(path);
                }
            }
        }
        let group = |(owners, files): (&[Owner], BTreeSet<&str>)| OwnerGroup {
            owners: owners.to_vec(),
            files: files.into_iter().map(str::to_owned).collect(),
        };
        groups.into_values().map(group).collect()
    }
}

impl Owner {
    /// The same for two spellings of one owner.
    fn key(&self) -> String {
        match self {
            Self::Party(party) => party.to_string().to_ascii_lowercase(),
            Self::Email(address) => address.to_ascii_lowercase(),
        }
    }
}

/// The teams that own something here: those whose members have to be asked for.
pub fn owner_teams(groups: &[OwnerGroup]) -> BTreeSet<Team> {
    let teams = groups.iter().flat_map(OwnerGroup::parties);
    let teams = teams.filter_map(|party| match party {
        Party::Team(team) => Some(team.clone()),
        Party::Person(_) => None,
    });
    teams.collect()
}

#[cfg(test)]
mod tests;
