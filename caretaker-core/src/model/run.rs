//! The record of one run: what was asked, seen, decided, held, looked at again and done.
//!
//! One JSON object per line, schema `caretaker.run/1`; field order is struct order, maps are
//! ordered, numbers are integers. Changes within the major schema are additive.

use serde::{Deserialize, Serialize};

use super::{
    ActionKey, AgentName, Decision, Event, EventId, Evidence, ForgeAction, Json, Mode, Pause,
    RepoKey, RepoRef, Reviewed, RunId, Sha, Timestamp, digest,
};

/// The schema every line names.
pub const SCHEMA: &str = "caretaker.run/1";

/// What one agent is asked to look at: everything a decision may depend on but the evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// What happened.
    pub event: Event,
    /// The agent's effective parameters, defaults filled in.
    pub params: Json,
    /// What the guard goes by.
    pub settings: Settings,
    /// The time of the run, read once.
    pub now: Timestamp,
}

/// What the guard goes by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// The effective mode of this agent here and now.
    pub mode: Mode,
    /// The server's ceiling that went into it; the last look computes the mode anew.
    pub ceiling: Mode,
    /// Acts allowed in an hour.
    pub writes_per_hour: u64,
    /// Where the configuration stood.
    pub config: ConfigUsed,
    /// The operator's stop that was in force; the last look asks anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused: Option<Pause>,
}

/// Where a repository's configuration stood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigUsed {
    /// What was found.
    pub state: ConfigState,
    /// The commit of the text that is in force; `None` where defaults are.
    pub commit: Option<Sha>,
}

/// What was found at the configuration file's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConfigState {
    /// A valid file; it is in force.
    Valid,
    /// No file: defaults, observed only.
    Absent,
    /// An invalid file; the last valid one is in force.
    LastGood,
    /// An invalid file and never a valid one: defaults, observed only.
    NeverValid,
}

/// One attempt of one agent at one event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// `H(event, agent, generation, attempt)`.
    pub id: RunId,
    /// The repository as it was called then; `None` outside repositories.
    pub repo: Option<RepoRef>,
    /// Who decided.
    pub agent: AgentName,
    /// Revision of the agent's meaning.
    pub agent_revision: u32,
    /// Revision of the guard's meaning.
    pub guard_revision: u32,
    /// Raised by redrives and by the repeat of a buried delivery; from 0.
    pub generation: u32,
    /// From 1; grows when an earlier attempt closed without a final outcome.
    pub attempt: u32,
    /// Events that this run answers beside its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub joined: Vec<EventId>,
    /// What was asked.
    pub task: Task,
    /// What was seen.
    pub evidence: Evidence,
    /// What was decided; `None` when the run ended before that.
    pub decision: Option<Decision>,
    /// What the guard made of it.
    pub reviewed: Option<Reviewed>,
    /// What was seen right before the first effect, and what followed from it.
    pub looked: Option<Looked>,
    /// What came of each effect, by its place among the allowed actions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub effects: Vec<EffectRecord>,
    /// When it began.
    pub opened_at: Timestamp,
    /// When it closed; `None` while open.
    pub closed_at: Option<Timestamp>,
    /// Failed attempts at it that closed nothing.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub blocked: u32,
    /// The last of those failures, in our words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_failure: Option<String>,
    /// How it ended; `None` while open.
    pub outcome: Option<Outcome>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls it with a reference"
)]
fn is_zero(n: &u32) -> bool {
    *n == 0
}

/// What the last look saw, and the guard's word on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Looked {
    /// Answers asked past every cache.
    pub evidence: Evidence,
    /// What followed.
    pub verdict: LookVerdict,
    /// When it was asked.
    pub at: Timestamp,
}

/// What the last look said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "look", content = "v", rename_all = "snake_case")]
pub enum LookVerdict {
    /// Nothing that the actions depend on has changed.
    Unchanged,
    /// These have; the run ends as overtaken.
    Changed(Vec<String>),
}

/// What came of one effect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EffectRecord {
    /// Its place among the allowed actions.
    pub index: u32,
    /// What it was claimed under.
    pub key: ActionKey,
    /// What came of it.
    pub result: EffectResult,
}

/// What came of an effect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "came", content = "v", rename_all = "snake_case")]
pub enum EffectResult {
    /// It is there.
    Performed(Receipt),
    /// The forge said no, with this status.
    Refused(u16),
    /// A crash or a lost reply, read back as not performed.
    NotPerformed,
    /// Nobody can tell.
    Unknown,
}

/// What the forge confirmed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Whether anything had to be written; false when it already was as wanted.
    pub changed: bool,
    /// How it was done where there are several ways: `check_run`, `status`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<String>,
}

/// How a run ended (decisions §4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "was", content = "v", rename_all = "snake_case")]
pub enum Outcome {
    /// Decided, and every allowed effect settled.
    Decided,
    /// Nobody was to hear it; the word says why.
    Unheard(String),
    /// Another run answered for it.
    Superseded(EventId),
    /// A command that came too late to execute.
    Expired,
    /// It cannot be decided, now or later, without somebody's doing.
    Halted(HaltKind),
    /// Given up after repeated failures of ours; the text says which.
    Buried(String),
    /// The world changed between decision and effect; not final.
    Overtaken,
    /// The process ended, or an effect failed; not final.
    Interrupted,
    /// The code failed; not final.
    Panicked(String),
}

/// Why a run cannot be decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "why", content = "v", rename_all = "snake_case")]
pub enum HaltKind {
    /// The subject does not exist any more.
    SubjectGone,
    /// The agent's parameters do not decode.
    Misconfigured(String),
    /// We may not see or do it; names the permission or the missing credentials.
    NoAccess(String),
}

impl Outcome {
    /// Whether the event is settled for this agent and generation.
    pub fn is_final(&self) -> bool {
        match self {
            Self::Decided
            | Self::Unheard(_)
            | Self::Superseded(_)
            | Self::Expired
            | Self::Halted(_)
            | Self::Buried(_) => true,
            Self::Overtaken | Self::Interrupted | Self::Panicked(_) => false,
        }
    }

    /// One word, for metrics, filters and log lines.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Decided => "decided",
            Self::Unheard(_) => "unheard",
            Self::Superseded(_) => "superseded",
            Self::Expired => "expired",
            Self::Halted(_) => "halted",
            Self::Buried(_) => "buried",
            Self::Overtaken => "overtaken",
            Self::Interrupted => "interrupted",
            Self::Panicked(_) => "panicked",
        }
    }
}

impl RunId {
    /// The id of an attempt: the same for everybody who computes it.
    pub fn derive(event: &EventId, agent: &AgentName, generation: u32, attempt: u32) -> Self {
        let (generation, attempt) = (generation.to_string(), attempt.to_string());
        let hash = digest(&["run", event.as_str(), agent.as_str(), &generation, &attempt]);
        Self::new(&hash[..24])
    }
}

impl ActionKey {
    /// The key of an effect that is sent once, whichever run wants it.
    pub fn of_once(repo: &RepoKey, action: &ForgeAction, tries: u32) -> Self {
        let action =
            serde_json::to_string(action).expect("invariant: an action has only string keys");
        Self::new(digest(&[
            "once",
            &repo.to_string(),
            &action,
            &tries.to_string(),
        ]))
    }

    /// Under which the effect at `index` of a run is claimed.
    pub fn of_run(run: &RunId, index: u32) -> Self {
        Self::new(format!("{run}/{index}"))
    }
}
