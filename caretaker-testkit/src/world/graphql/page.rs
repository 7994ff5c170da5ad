//! Connections: rows by cursor, as GitHub cuts them.

use super::{Args, Out, types};
use crate::world::trouble::Trouble;

/// Rows of a connection that one answer shows.
pub(super) struct Page {
    declared: String,
    total: usize,
    /// Place of the first row.
    from: usize,
    rows: Vec<Out>,
}

/// Rows of one page at most.
const LARGEST: u64 = 100;

impl Page {
    /// Cuts the rows that the arguments ask for.
    pub(super) fn cut(rows: Vec<Out>, declared: &str, args: &Args) -> Result<Self, Trouble> {
        let connection = declared.trim_end_matches("Connection");
        let asked = args.number("first").or_else(|| args.number("last"));
        let Some(size) = asked else {
            return Err(Trouble::invalid_page(format!(
                "You must provide a `first` or `last` value to properly paginate the `{connection}` connection."
            )));
        };
        if size > LARGEST {
            return Err(Trouble::invalid_page(format!(
                "Requesting {size} records on the `{connection}` connection exceeds the `first` limit of {LARGEST} records."
            )));
        }
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let total = rows.len();
        let place = |name: &str| args.text(name).map(read).transpose();
        let lowest = place("after")?.map_or(0, |after| after + 1);
        let highest = place("before")?.unwrap_or(total).min(total);
        let from = if args.number("first").is_some() {
            lowest
        } else {
            highest.saturating_sub(size).max(lowest)
        };
        let rows = rows.into_iter().take(highest).skip(from).take(size);
        Ok(Self {
            declared: declared.to_owned(),
            total,
            from,
            rows: rows.collect(),
        })
    }

    pub(super) fn field(&self, name: &str) -> Result<Out, Trouble> {
        match name {
            "nodes" => Ok(Out::List(self.rows.clone())),
            "totalCount" => Ok(Out::leaf(self.total)),
            "pageInfo" => {
                let last = (self.from + self.rows.len()).checked_sub(1);
                let shown = last.filter(|_| !self.rows.is_empty());
                let cursor = |at: Option<usize>| at.map_or(Out::NULL, |at| Out::leaf(write(at)));
                Ok(Out::Fields(vec![
                    (
                        "hasNextPage",
                        Out::leaf(self.from + self.rows.len() < self.total),
                    ),
                    ("hasPreviousPage", Out::leaf(self.from > 0)),
                    ("startCursor", cursor(shown.map(|_| self.from))),
                    ("endCursor", cursor(shown)),
                ]))
            }
            _ => Err(types::unknown(&self.declared, name)),
        }
    }
}

fn write(at: usize) -> String {
    format!("cursor:{at}")
}

fn read(cursor: &str) -> Result<usize, Trouble> {
    let at = cursor
        .strip_prefix("cursor:")
        .and_then(|at| at.parse().ok());
    at.ok_or_else(|| {
        Trouble::invalid_page(format!("`{cursor}` does not appear to be a valid cursor."))
    })
}

impl Trouble {
    /// A page that GitHub refuses to cut; a well-made client asks for none.
    fn invalid_page(message: String) -> Self {
        Self::new(422, message).violation()
    }
}
