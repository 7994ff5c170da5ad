//! Whether somebody may take a task on, by what is known about it.

use serde::Serialize;

use super::registry::Registry;
use super::{Params, Provider, Request, Risk, Tag, TaskType};

/// Why somebody is passed over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum Against {
    /// Its switch is off.
    SwitchedOff {
        /// The switch.
        key: String,
    },
    /// It is to work in another way than by hand-off, and nothing else is there.
    NoHandOff {
        /// The key that says so.
        key: String,
    },
    /// It does not take on such tasks.
    TaskNotTaken {
        /// What the task is.
        task: TaskType,
    },
    /// The change comes from another repository.
    Fork,
    /// Nobody knows whether the change comes from another repository.
    OriginUnknown,
    /// The change is larger than it may touch.
    TooManyFiles {
        /// Files touched.
        files: u32,
        /// Files it may touch.
        limit: u32,
    },
    /// The change is larger than it may touch.
    TooManyLines {
        /// Lines changed.
        lines: u32,
        /// Lines it may change.
        limit: u32,
    },
    /// Nobody knows how large the change is.
    SizeUnknown,
    /// The error text is longer than it can read.
    ErrorTooLong {
        /// Characters of it.
        characters: u32,
        /// Characters it can read.
        limit: u32,
    },
    /// Nobody knows how long the error text is.
    ErrorLengthUnknown,
    /// Somebody who knows about security should see the change.
    SecurityReview,
    /// Nobody knows which paths the change touches.
    PathsUnknown,
}

/// The tool loop reads error texts up to this length, in characters (spec 01 §14.5).
const MAX_ERROR: u32 = 16_000;

/// Everything that keeps `provider` from this task. Empty means that it may be asked; what is not
/// known keeps it as what is too much does.
pub(super) fn against(
    provider: &Provider,
    request: &Request,
    risk: &Risk,
    params: &Params,
) -> Vec<Against> {
    let mut found: Vec<Against> = Registry::new(params).absent(provider).into_iter().collect();
    match provider {
        // They work in the forge's own environments, under the limits that are set there.
        Provider::Copilot | Provider::ClaudeCode | Provider::Opencode | Provider::Custom(_) => {}
        // A push to the head's branch has nowhere to go in somebody else's repository.
        Provider::K8sJob => found.extend(origin(request)),
        // It runs what the change contains beside our own secrets.
        Provider::OpencodeLocal => {
            found.extend(origin(request));
            found.extend(safety(risk));
        }
        Provider::Foundry => {
            if !takes(params, request.task) {
                found.push(Against::TaskNotTaken { task: request.task });
            }
            if params.foundry.route_same_repo_only {
                found.extend(origin(request));
            }
            found.extend(size(request, params));
            found.extend(match request.error_characters {
                None => Some(Against::ErrorLengthUnknown),
                Some(characters) if characters > MAX_ERROR => Some(Against::ErrorTooLong {
                    characters,
                    limit: MAX_ERROR,
                }),
                Some(_) => None,
            });
            found.extend(safety(risk));
        }
    }
    found
}

fn takes(params: &Params, task: TaskType) -> bool {
    let mut allowed = params.foundry.allowed_task_types.iter();
    allowed.any(|name| TaskType::from_name(name) == Some(task))
}

fn origin(request: &Request) -> Option<Against> {
    match request.same_repository {
        Some(true) => None,
        Some(false) => Some(Against::Fork),
        None => Some(Against::OriginUnknown),
    }
}

fn size(request: &Request, params: &Params) -> Vec<Against> {
    let (max_files, max_lines) = (
        params.foundry.max_files_touched,
        params.foundry.max_diff_lines,
    );
    let mut found = Vec::new();
    if request.size.files.is_none() || request.size.lines.is_none() {
        found.push(Against::SizeUnknown);
    }
    if let Some(files) = request.size.files.filter(|n| *n > max_files) {
        let limit = max_files;
        found.push(Against::TooManyFiles { files, limit });
    }
    if let Some(lines) = request.size.lines.filter(|n| *n > max_lines) {
        let limit = max_lines;
        found.push(Against::TooManyLines { lines, limit });
    }
    found
}

fn safety(risk: &Risk) -> Option<Against> {
    if risk.tags.contains(&Tag::SecurityReviewNeeded) {
        Some(Against::SecurityReview)
    } else if risk.paths_known {
        None
    } else {
        Some(Against::PathsUnknown)
    }
}

impl Against {
    /// One word for records.
    pub fn code(&self) -> &'static str {
        match self {
            Self::SwitchedOff { .. } => "switched_off",
            Self::NoHandOff { .. } => "no_hand_off",
            Self::TaskNotTaken { .. } => "task_not_taken",
            Self::Fork => "fork",
            Self::OriginUnknown => "origin_unknown",
            Self::TooManyFiles { .. } => "too_many_files",
            Self::TooManyLines { .. } => "too_many_lines",
            Self::SizeUnknown => "size_unknown",
            Self::ErrorTooLong { .. } => "error_too_long",
            Self::ErrorLengthUnknown => "error_length_unknown",
            Self::SecurityReview => "security_review",
            Self::PathsUnknown => "paths_unknown",
        }
    }

    /// In words that continue "passed over: ".
    pub fn words(&self) -> String {
        match self {
            Self::SwitchedOff { key } => format!("`{key}` is off"),
            Self::NoHandOff { key } => format!("`{key}` is not `handoff`"),
            Self::TaskNotTaken { task } => format!(
                "{} is not in `executor.foundry.allowed_task_types`",
                task.name()
            ),
            Self::Fork => "the change comes from another repository".to_owned(),
            Self::OriginUnknown => {
                "nobody knows whether the change comes from another repository".to_owned()
            }
            Self::TooManyFiles { files, limit } => format!("{files} files, more than {limit}"),
            Self::TooManyLines { lines, limit } => format!("{lines} lines, more than {limit}"),
            Self::SizeUnknown => "the size of the change is unknown".to_owned(),
            Self::ErrorTooLong { characters, limit } => {
                format!("{characters} characters of error text, more than {limit}")
            }
            Self::ErrorLengthUnknown => "the length of the error text is unknown".to_owned(),
            Self::SecurityReview => "the change touches what concerns security".to_owned(),
            Self::PathsUnknown => "the paths of the change are unknown".to_owned(),
        }
    }
}
