//! What would release a pull request: the smallest sets of acts after which the gate lets it
//! through.
//!
//! Nothing here judges. Acts edit what was seen ([`Situation::after`]), and the gate's own
//! functions are asked again; so this can be wrong about what an act brings about, but never
//! about what the gate makes of it. An act is taken to go well: a check ends well, a reviewer
//! agrees. What is not known stays unknown, and no act makes it known.

mod act;
mod consent;
mod edit;
mod search;

pub use act::{Act, Kind, Setting, Until};
pub use edit::{Care, Seen, Situation};
pub use search::{MOST_ACTS, MOST_ASKED, MOST_WAYS, Releases};

use serde::Serialize;

/// What is to be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Aim {
    /// The right to merge it.
    Merge,
    /// That nothing stands against merging it; people merge.
    Ready,
}

impl Aim {
    /// In words: "until …".
    pub fn words(self) -> &'static str {
        match self {
            Self::Merge => "Caretaker merges it",
            Self::Ready => "it is ready to merge",
        }
    }
}

#[cfg(test)]
mod tests;
