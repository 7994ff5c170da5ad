//! What a repository may demand beyond the ordinary.

use super::{Freezes, ProtectedPaths, Rule};

/// Demands that most repositories leave out. The default demands nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extras {
    /// The rule that reviews have to satisfy, if there is one.
    pub reviews: Option<Rule>,
    /// Whether only approvals of the head count, even where the forge keeps older ones.
    pub dismiss_stale: bool,
    /// When nothing is merged.
    pub freeze: Freezes,
    /// Paths that automation does not merge changes of.
    pub protected: ProtectedPaths,
}
