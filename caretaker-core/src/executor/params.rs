//! Section `executor`, as far as choosing reads it.

use std::collections::BTreeMap;

use serde::Deserialize;

/// Section `executor`, as far as choosing reads it. Names are still as the file spells them.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Params {
    pub(super) provider: String,
    pub(super) foundry: Foundry,
    pub(super) opencode_local: Switch,
    pub(super) claude_code: Switch,
    pub(super) opencode: Switch,
    pub(super) k8s_worker: Switch,
    pub(super) agents: BTreeMap<String, HandOff>,
    pub(super) features: BTreeMap<String, Chosen>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Foundry {
    pub(super) enabled: bool,
    pub(super) max_files_touched: u32,
    pub(super) max_diff_lines: u32,
    pub(super) allowed_task_types: Vec<String>,
    pub(super) route_same_repo_only: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Switch {
    pub(super) enabled: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HandOff {
    pub(super) enabled: bool,
    pub(super) mode: Mode,
}

/// How work is handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Mode {
    /// By a comment or label.
    Handoff,
    /// Inside this process; no hand-off can do that.
    Inline,
    /// In a Job; no hand-off can do that.
    K8sJob,
}

/// Who is asked for a feature.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Chosen {
    /// Whom first; without it the general provider.
    pub(super) provider: Option<String>,
    /// Who works in a Job.
    pub(super) agent: Option<String>,
    /// Whom then, in order.
    pub(super) fallback: Vec<String>,
}
