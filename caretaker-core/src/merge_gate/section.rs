//! Section `pr_agent` of a repository's configuration, as it is written there.
//!
//! It lies here and not with the agent `pr`, because the gate goes by it too: right before a merge
//! it is read anew from the configuration in force then.

use serde::Deserialize;

use super::{Extras, Freezes, Policy, ProtectedPaths, Rule};
use crate::model::{Families, Family, Label, MergeMethod, Span};

/// Section `pr_agent`, as far as something reads it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    #[serde(rename = "enabled")]
    _enabled: bool,
    auto_merge: AutoMerge,
    ci: Ci,
    pub(crate) ownership: Ownership,
    pub(crate) readiness: Readiness,
    pub(crate) merge_authority: MergeAuthority,
    merge: Merge,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "one switch for each family, as the configuration has them"
)]
struct AutoMerge {
    copilot_prs: bool,
    dependabot_prs: bool,
    caretaker_prs: bool,
    maintainer_bot_prs: bool,
    human_prs: bool,
    merge_method: MergeMethod,
    merge_opt_in_label: Label,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ci {
    ignore_jobs: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ownership {
    pub(crate) enabled: bool,
    pub(crate) label: Label,
    pub(crate) hold_label: Label,
    auto_claim: AutoClaim,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "one switch for each family, as the configuration has them"
)]
struct AutoClaim {
    copilot_prs: bool,
    dependabot_prs: bool,
    caretaker_prs: bool,
    maintainer_bot_prs: bool,
    human_prs: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Readiness {
    pub(crate) enabled: bool,
    pub(crate) check_name: String,
    required_reviews: u32,
    caretaker_workflow_check_names: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MergeAuthority {
    pub(crate) mode: Authority,
}

/// What the published readiness may stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Authority {
    /// Nothing: it informs.
    Advisory,
    /// Merging, where branch rules ask for it.
    GateOnly,
    /// The same, and more than this agent does.
    GateAndMerge,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Merge {
    settle_seconds: u32,
    allow_no_ci: bool,
    // Records made before these keys existed hold none of them, and replay as they were decided.
    #[serde(default)]
    reviews: Option<Rule>,
    #[serde(default)]
    dismiss_stale: bool,
    #[serde(default)]
    freeze: Freezes,
    #[serde(default)]
    protected_paths: ProtectedPaths,
}

impl Section {
    /// What the repository demands beyond what its forge enforces.
    pub(crate) fn policy(&self) -> Policy {
        let jobs = self.readiness.caretaker_workflow_check_names.iter();
        Policy {
            check_name: self.readiness.check_name.clone(),
            ignored: jobs.chain(&self.ci.ignore_jobs).cloned().collect(),
            hold_label: self.ownership.hold_label.clone(),
            opt_in_label: self.auto_merge.merge_opt_in_label.clone(),
            required_reviews: self.readiness.required_reviews,
            settle: Span::seconds(self.merge.settle_seconds.into()),
            allow_no_ci: self.merge.allow_no_ci,
            authority: self.merge_authority.mode,
            families: families(|family| self.merges(family)),
            care_label: self.ownership.enabled.then(|| self.ownership.label.clone()),
            claims: families(|family| self.claims(family)),
            method: self.auto_merge.merge_method,
            extras: self.extras(),
        }
    }

    /// What it demands beyond the ordinary.
    pub(crate) fn extras(&self) -> Extras {
        let merge = &self.merge;
        Extras {
            reviews: merge.reviews.clone(),
            dismiss_stale: merge.dismiss_stale,
            freeze: merge.freeze.clone(),
            protected: merge.protected_paths.clone(),
        }
    }

    /// Whether pull requests of this family are merged when ready.
    fn merges(&self, family: Family) -> bool {
        let merge = &self.auto_merge;
        match family {
            Family::Copilot => merge.copilot_prs,
            Family::Dependabot => merge.dependabot_prs,
            Family::Caretaker => merge.caretaker_prs,
            Family::MaintainerBot => merge.maintainer_bot_prs,
            Family::Human => merge.human_prs,
        }
    }

    /// Whether pull requests of this family are taken into care by themselves.
    pub(crate) fn claims(&self, family: Family) -> bool {
        let claim = &self.ownership.auto_claim;
        match family {
            Family::Copilot => claim.copilot_prs,
            Family::Dependabot => claim.dependabot_prs,
            Family::Caretaker => claim.caretaker_prs,
            Family::MaintainerBot => claim.maintainer_bot_prs,
            Family::Human => claim.human_prs,
        }
    }
}

fn families(which: impl Fn(Family) -> bool) -> Families {
    let all = Family::ALL.into_iter();
    all.filter(|family| which(*family)).collect()
}
