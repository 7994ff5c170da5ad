//! Stories about the agent `stale`, in which nobody else speaks.

use caretaker_core::model::Span;

use super::Story;

/// Only `stale` is switched on, and may act.
pub const STALE_ONLY: &str = "\
version: v1
safety:
  mode: act
pr_agent:
  enabled: false
";

/// Long enough for an item to go stale.
pub const LONG: Span = Span::days(61);

impl Story {
    /// A story in which issue #2 has been quiet for long enough, and pull request #1 is exempt.
    pub async fn quiet(config: &str) -> Self {
        let mut story = Self::unconfigured();
        story.config(config);
        story.label(1, "alice", "pinned");
        story.settle().await;
        story.advance(LONG).await;
        story
    }
}
