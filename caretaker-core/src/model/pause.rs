//! An operator's word that nothing is to be done for now.

use serde::{Deserialize, Serialize};

use super::Timestamp;

/// A pause: in one repository, or everywhere. It holds until the operator resumes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// Since when.
    pub at: Timestamp,
    /// Who paused, in the operator's own words.
    pub by: String,
    /// Why, as free text; `None` when nothing was said.
    pub why: Option<String>,
}
