//! What was recorded: read sides of runs, claims, answers and our memory of repositories.

use async_trait::async_trait;

use super::PortError;
use crate::model::{
    ActionKey, AgentName, EffectResult, EventId, Pause, RepoKey, Run, RunId, Subject, Timestamp,
    Versioned,
};

/// Which closed runs to read.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only of this repository.
    pub repo: Option<RepoKey>,
    /// Only about this subject.
    pub subject: Option<Subject>,
    /// Only of this agent.
    pub agent: Option<AgentName>,
    /// Only with this outcome word.
    pub outcome: Option<String>,
    /// Only closed at or after this time.
    pub since: Option<Timestamp>,
}

/// A closed run with its place in the journal.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// Grows with every closed run.
    pub seq: u64,
    /// The record as one line, large answers stored elsewhere.
    pub line: String,
}

/// Reads runs.
#[async_trait]
pub trait Journal: Send + Sync {
    /// Closed runs after a place, ascending, at most `limit`. An empty page is the end.
    async fn closed(
        &self,
        filter: &Filter,
        after: u64,
        limit: u32,
    ) -> Result<Vec<Recorded>, PortError>;

    /// The youngest closed runs, youngest first.
    async fn latest(&self, filter: &Filter, limit: u32) -> Result<Vec<Recorded>, PortError>;

    /// Open runs, oldest first: blocked ones, and those a crash left.
    async fn open_runs(&self, limit: u32) -> Result<Vec<Run>, PortError>;

    /// An open or closed run by id or by an unambiguous beginning of it.
    async fn run(&self, id: &RunId) -> Result<Option<Run>, PortError>;

    /// What is recorded of an event: every agent's attempts in a generation, open ones included.
    async fn attempts(&self, event: &EventId, generation: u32) -> Result<Vec<Attempt>, PortError>;

    /// The first event but this one whose final record of an agent decides an edge identity in a
    /// repository. A record that says `superseded` decides nothing: it names the one that did.
    async fn edge_decided(
        &self,
        repo: &RepoKey,
        agent: &AgentName,
        identity: &str,
        but: &EventId,
    ) -> Result<Option<EventId>, PortError>;

    /// A large answer by its hash; `None` when retention has removed it.
    async fn blob(&self, sha256: &str) -> Result<Option<String>, PortError>;
}

/// One attempt at an event, in brief.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The run.
    pub run: RunId,
    /// Who.
    pub agent: AgentName,
    /// Which attempt.
    pub attempt: u32,
    /// Its outcome's word; `None` while open.
    pub outcome: Option<String>,
    /// Whether that outcome is final.
    pub is_final: bool,
}

/// A claimed effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimRow {
    /// Its place among the allowed actions of its run.
    pub index: u32,
    /// Under what.
    pub key: ActionKey,
    /// What came of it; `None` while started.
    pub result: Option<EffectResult>,
}

/// Remembers which effects were begun and what came of them.
#[async_trait]
pub trait Ledger: Send + Sync {
    /// The claims of a run, by place.
    async fn claims(&self, run: &RunId) -> Result<Vec<ClaimRow>, PortError>;
}

/// Our own versioned records, by repository, and what operators have paused.
#[async_trait]
pub trait State: Send + Sync {
    /// The value under a key. Counters are values whose JSON is a number.
    async fn value(&self, repo: &RepoKey, key: &str) -> Result<Option<Versioned>, PortError>;

    /// The pause in force in a repository: the one for everywhere, else its own.
    async fn paused(&self, repo: &RepoKey) -> Result<Option<Pause>, PortError>;

    /// Every pause: the one for everywhere (`None`) first, then by repository, ascending by key.
    async fn pauses(&self) -> Result<Vec<(Option<RepoKey>, Pause)>, PortError>;
}
