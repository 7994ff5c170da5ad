//! The log of calls on both faces, in order, for counting.

use caretaker_core::model::Timestamp;
use serde::Serialize;

/// Through which face a call came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Face {
    /// The `Forge` port.
    Port,
    /// REST over HTTP.
    Http,
}

/// One call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Its place, from 0.
    pub seq: usize,
    /// When it arrived.
    pub at: Timestamp,
    /// Through which face.
    pub face: Face,
    /// Port operation (`read item`, `write add_label`) or method and route.
    pub op: String,
    /// What it is about: `octo/widgets#1`, or the path with its query.
    pub about: String,
    /// Whether it is one that writes.
    pub write: bool,
    /// Whether it changed the world.
    pub changed: bool,
    /// How it was answered; `None` while it was not, or for ever.
    pub status: Option<u16>,
    /// The account it came with; empty without credentials.
    pub login: String,
    /// The key of a port write.
    pub key: Option<String>,
    /// What a GraphQL document took from the hour's points.
    pub points: u32,
}

impl Entry {
    /// The text that faults are matched with.
    pub(crate) fn line(&self) -> String {
        format!("{} {}", self.op, self.about)
    }
}

/// Calls in order, with filters.
#[derive(Clone, Debug, Default)]
pub struct Log(pub(crate) Vec<Entry>);

impl Log {
    /// Every call.
    pub fn entries(&self) -> &[Entry] {
        &self.0
    }

    /// Attempts to write, refused ones and those without difference included.
    #[must_use]
    pub fn writes(&self) -> Self {
        self.only(|entry| entry.write)
    }

    /// Calls that changed the world: what "exactly once" is counted in.
    #[must_use]
    pub fn effects(&self) -> Self {
        self.only(|entry| entry.changed)
    }

    /// Calls whose line contains the text.
    #[must_use]
    pub fn on(&self, text: &str) -> Self {
        self.only(|entry| entry.line().contains(text))
    }

    /// Calls from a place on, for "since then".
    #[must_use]
    pub fn since(&self, seq: usize) -> Self {
        self.only(|entry| entry.seq >= seq)
    }

    /// How many.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn only(&self, keep: impl Fn(&Entry) -> bool) -> Self {
        Self(self.0.iter().filter(|e| keep(e)).cloned().collect())
    }
}

/// One line each, for a failing test's message.
impl std::fmt::Display for Log {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for entry in &self.0 {
            let status = entry.status.map_or("-".to_owned(), |s| s.to_string());
            let mark = if entry.changed { "*" } else { " " };
            writeln!(f, "{:>4} {status:>3}{mark} {}", entry.seq, entry.line())?;
        }
        Ok(())
    }
}
