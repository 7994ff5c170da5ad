//! Who may be asked for code.

use std::fmt;

use serde::{Serialize, Serializer};

use super::normal;

/// Somebody who may be asked for code.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Provider {
    /// GitHub's coding agent, called by a comment. Always there.
    Copilot,
    /// The tool loop inside this process.
    Foundry,
    /// The command `opencode` beside this process.
    OpencodeLocal,
    /// A workflow of the repository that hands the work to Claude Code.
    ClaudeCode,
    /// A workflow of the repository that hands the work to opencode.
    Opencode,
    /// A Kubernetes Job, in which an agent works.
    K8sJob,
    /// A hand-off of the repository's own, by its name of `executor.agents`.
    Custom(String),
}

/// Whom a configuration names for "the first that can do it".
pub(super) const AUTO: &str = "auto";
/// Whom a label names for "anybody but Copilot".
pub(super) const CUSTOM: &str = "custom";
/// What a label names for "nobody".
const QUARANTINE: &str = "quarantine";

impl Provider {
    /// All with names of their own.
    pub(super) const BUILT_IN: [Self; 6] = [
        Self::Copilot,
        Self::Foundry,
        Self::OpencodeLocal,
        Self::ClaudeCode,
        Self::Opencode,
        Self::K8sJob,
    ];

    /// Agents that can work in a Job (seed "Coding-job lifecycle").
    pub(super) const IN_A_JOB: [Self; 3] = [Self::OpencodeLocal, Self::Foundry, Self::ClaudeCode];

    /// The agent of that name or alias that can work in a Job.
    pub(super) fn in_a_job(name: &str) -> Option<Self> {
        Self::built_in(name).filter(|agent| Self::IN_A_JOB.contains(agent))
    }

    /// The name: in small letters and with `_`, or as the configuration spells it.
    pub fn name(&self) -> &str {
        match self {
            Self::Copilot => "copilot",
            Self::Foundry => "foundry",
            Self::OpencodeLocal => "opencode_local",
            Self::ClaudeCode => "claude_code",
            Self::Opencode => "opencode",
            Self::K8sJob => "k8s_job",
            Self::Custom(name) => name,
        }
    }

    /// The built-in one of that name or alias, in any case, `-` or `_`.
    pub(super) fn built_in(name: &str) -> Option<Self> {
        let name = match normal(name).as_str() {
            "claude_code_action" => "claude_code".to_owned(),
            "opencode_action" => "opencode".to_owned(),
            other => other.to_owned(),
        };
        Self::BUILT_IN
            .into_iter()
            .find(|provider| provider.name() == name)
    }

    /// Whether a name means something already, so that no hand-off can bear it.
    pub(super) fn is_reserved(name: &str) -> bool {
        [AUTO, CUSTOM, QUARANTINE].contains(&normal(name).as_str())
            || Self::built_in(name).is_some()
    }

    /// The key that switches it on; Copilot has none.
    pub fn switch(&self) -> Option<String> {
        let section = match self {
            Self::Copilot => return None,
            Self::Foundry => "foundry",
            Self::OpencodeLocal => "opencode_local",
            Self::ClaudeCode => "claude_code",
            Self::Opencode => "opencode",
            Self::K8sJob => "k8s_worker",
            Self::Custom(name) => return Some(format!("executor.agents.{name}.enabled")),
        };
        Some(format!("executor.{section}.enabled"))
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Provider {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_aliases_mean_the_same_however_they_are_spelled() {
        for (name, expected) in [
            ("copilot", Provider::Copilot),
            ("Copilot", Provider::Copilot),
            ("foundry", Provider::Foundry),
            ("opencode-local", Provider::OpencodeLocal),
            ("claude-code-action", Provider::ClaudeCode),
            ("claude_code_action", Provider::ClaudeCode),
            ("claude-code", Provider::ClaudeCode),
            ("opencode-action", Provider::Opencode),
            ("opencode", Provider::Opencode),
            ("k8s-job", Provider::K8sJob),
            ("K8S_JOB", Provider::K8sJob),
        ] {
            assert_eq!(Provider::built_in(name), Some(expected), "{name}");
        }
        for name in ["", "copilot2", "k8s", "claude", "auto", "custom"] {
            assert_eq!(Provider::built_in(name), None, "{name}");
        }
        for name in ["auto", "Custom", "quarantine", "opencode-action"] {
            assert!(Provider::is_reserved(name), "{name}");
        }
        assert!(!Provider::is_reserved("mine"));
    }
}
