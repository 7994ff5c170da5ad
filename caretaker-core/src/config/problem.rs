//! What can be wrong with a configuration file, and how it is said.
//!
//! The rules that find problems live in `tree` and `validate`.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One thing to say about one place of the file.
///
/// `message` and `hint` quote the file: names and values come from outside. They are cut,
/// hold no control characters and no backticks, and stand in backticks; whoever writes them to
/// GitHub still escapes them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Dotted path of the key; empty when the whole file is meant.
    pub path: String,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// What kind of problem it is.
    pub kind: ProblemKind,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

/// The kinds of problem; the last two are notes that leave a file valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProblemKind {
    /// The file is bigger than we read.
    TooLarge,
    /// Not YAML.
    Syntax,
    /// YAML we do not take: anchors, aliases, tags, several documents, keys that are no text.
    Unsupported,
    /// Nested deeper than we read.
    TooDeep,
    /// One key twice in the same mapping.
    Duplicate,
    /// A key the table does not hold.
    UnknownKey,
    /// Nothing where a value must be.
    MissingValue,
    /// A value of another type than the key's.
    WrongType,
    /// A number or a length outside its bounds.
    OutOfBounds,
    /// A text that is none of the key's values.
    UnknownValue,
    /// Two keys that exclude each other.
    Conflict,
    /// There are more problems than are listed.
    TooMany,
    /// The key is known and nothing reads it yet.
    Later,
    /// The key is known and has no effect.
    Dead,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)?;
        match &self.hint {
            Some(hint) => write!(f, "; {hint}"),
            None => Ok(()),
        }
    }
}

/// A place in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) line: u32,
    pub(super) column: u32,
}

impl Place {
    pub(super) const START: Self = Self { line: 1, column: 1 };

    pub(super) fn problem(
        self,
        path: &str,
        kind: ProblemKind,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Problem {
        Problem {
            path: clean(path, MAX_PATH),
            line: self.line,
            column: self.column,
            kind,
            message: message.into(),
            hint: Some(hint.into()),
        }
    }
}

/// Adds a problem, up to a bound; the one after says that there are more.
pub(super) fn push(list: &mut Vec<Problem>, problem: Problem) {
    match list.len() {
        n if n < MAX_LISTED => list.push(problem),
        MAX_LISTED => list.push(
            Place {
                line: problem.line,
                column: problem.column,
            }
            .problem(
                "",
                ProblemKind::TooMany,
                format!("there is more than the {MAX_LISTED} listed"),
                "begin with those",
            ),
        ),
        _ => {}
    }
}

/// Whether nothing more will be listed.
pub(super) fn is_full(list: &[Problem]) -> bool {
    list.len() > MAX_LISTED
}

const MAX_LISTED: usize = 100;
const MAX_PATH: usize = 120;
const MAX_QUOTED: usize = 60;

/// Text from the file, fit to stand in a message.
pub(crate) fn quoted(text: &str) -> String {
    format!("`{}`", clean(text, MAX_QUOTED))
}

/// A path fit to stand in a message; longer than a value may be.
pub(super) fn quoted_path(path: &str) -> String {
    format!("`{}`", clean(path, MAX_PATH))
}

/// What a parser says of the file, which may quote it, fit to stand in a message.
pub(super) fn said(text: &str) -> String {
    clean(text, MAX_PATH)
}

fn clean(text: &str, max: usize) -> String {
    let mut out = String::new();
    for (n, c) in text.chars().enumerate() {
        if n == max {
            out.push('…');
            break;
        }
        out.push(match c {
            '`' => '\'',
            c if c.is_control() || is_invisible(c) => '\u{fffd}',
            c => c,
        });
    }
    out
}

/// Characters that change how a line reads without being seen.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_reads_line_then_what_then_what_to_do() {
        let problem = Place { line: 3, column: 5 }.problem(
            "a.b",
            ProblemKind::UnknownKey,
            "`a.b` is not a known key",
            "did you mean `c`?",
        );
        assert_eq!(
            problem.to_string(),
            "line 3: `a.b` is not a known key; did you mean `c`?"
        );
    }

    #[test]
    fn a_list_of_problems_is_bounded_and_says_so() {
        let mut list = Vec::new();
        for line in 1..500 {
            let at = Place { line, column: 1 };
            push(&mut list, at.problem("", ProblemKind::UnknownKey, "m", "h"));
        }
        assert_eq!(list.len(), MAX_LISTED + 1);
        assert_eq!(list[MAX_LISTED].kind, ProblemKind::TooMany);
    }

    #[test]
    fn quoted_text_cannot_leave_its_quotes_or_reorder_the_line() {
        assert_eq!(quoted("a`b\n\u{202e}c"), "`a'b\u{fffd}\u{fffd}c`");
        assert_eq!(quoted(&"x".repeat(500)).chars().count(), 63);
    }
}
