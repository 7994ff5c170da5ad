//! The command line's one printer: results on stdout as text or JSON, complaints on stderr.

use std::fmt::Display;
use std::io::{self, Write as _};

use serde::Serialize;

/// Prints results in the form that was asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Out {
    json: bool,
}

impl Out {
    pub(crate) fn new(json: bool) -> Self {
        Self { json }
    }

    /// Whether the form asked for is JSON.
    pub(crate) fn is_json(self) -> bool {
        self.json
    }

    /// The whole result of a command: one line of JSON, or text.
    pub(crate) fn show<T: Serialize>(
        self,
        value: &T,
        text: impl FnOnce(&T) -> String,
    ) -> io::Result<()> {
        if self.json {
            line(serde_json::to_string(value)?)
        } else {
            let text = text(value);
            line(text.strip_suffix('\n').unwrap_or(&text))
        }
    }
}

/// One line on stdout.
///
/// # Errors
/// Of the kind that stdout gave; says that it was the result that could not be written.
pub(crate) fn line(text: impl Display) -> io::Result<()> {
    writeln!(io::stdout().lock(), "{text}").map_err(|error| {
        let said = format!("the result cannot be written to stdout: {error}");
        io::Error::new(error.kind(), said)
    })
}

/// One line on stderr. There is nobody to tell when that fails.
pub(crate) fn complain(text: impl Display) {
    writeln!(io::stderr().lock(), "{text}").ok();
}

/// Rows in columns, two blanks between them; the last column is as long as it is.
pub(crate) fn table<const N: usize>(rows: &[[String; N]]) -> String {
    let mut widths = [0; N];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (width, cell) in widths.iter().zip(row) {
            let blanks = width + 2 - cell.chars().count();
            line.push_str(cell);
            line.push_str(&" ".repeat(blanks));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_end_without_blanks() {
        let row = |a: &str, b: &str| [a.to_owned(), b.to_owned()];
        let text = table(&[row("a", "x"), row("größer", "")]);
        assert_eq!(text, "a       x\ngrößer\n");
    }
}
