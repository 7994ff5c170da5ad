//! What a repository demands.

use super::{Authority, Extras, Section};
use crate::config::Config;
use crate::model::{Families, Label, MergeMethod, Snapshot, Span};

/// What a repository demands beyond what its forge enforces, and what it lets us do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Name of the check by which we publish readiness; it never waits for itself.
    pub check_name: String,
    /// Names of checks that do not count where the forge requires none by name.
    pub ignored: Vec<String>,
    /// The label that stops merging; the built-in one stops it too.
    pub hold_label: Label,
    /// The label by which a person lets a pull request in that automation had remarks on, and
    /// lets us merge it whatever its family.
    pub opt_in_label: Label,
    /// Approvals demanded; the forge may demand more.
    pub required_reviews: u32,
    /// How long nothing must have happened to the head where no check is required by name.
    pub settle: Span,
    /// Whether a head without any check may be merged.
    pub allow_no_ci: bool,
    /// Whether we merge at all.
    pub authority: Authority,
    /// Families whose pull requests we merge without being told.
    pub families: Families,
    /// The label of pull requests in our care; `None` where care is switched off.
    pub care_label: Option<Label>,
    /// Families whose pull requests are taken into care by themselves.
    pub claims: Families,
    /// How commits are combined where the base branch has no merge queue.
    pub method: MergeMethod,
    /// What most repositories do not ask for.
    pub extras: Extras,
}

impl Policy {
    /// What a configuration says; in words why it says nothing usable.
    pub fn of(config: &Config) -> Result<Self, String> {
        let section = config.section("pr_agent").decode::<Section>()?;
        Ok(section.policy())
    }

    /// How commits are combined: through the merge queue where the base branch takes them no other
    /// way, else as configured.
    pub fn method_for(&self, snapshot: &Snapshot) -> MergeMethod {
        let required = snapshot.required.as_ref();
        if required.is_some_and(|required| required.queue) {
            MergeMethod::Queue
        } else {
            self.method
        }
    }

    /// Whether only approvals of this very head count, by the repository or its forge.
    pub(super) fn dismisses_stale(&self, snapshot: &Snapshot) -> bool {
        let required = snapshot.required.as_ref();
        self.extras.dismiss_stale || required.is_some_and(|required| required.dismiss_stale)
    }
}
