//! One round of questions.

use crate::model::{Answer, Class, Evidence, ForgeQuery, Query, RepoRef, Span};
use crate::ports::{Freshness, PortError, Ports};

/// What a round brought beside its answers.
#[derive(Debug, Default)]
pub(super) struct Round {
    /// Whether any question was answered for the first time.
    pub(super) news: bool,
    /// The longest wait a source asked for.
    pub(super) wait: Option<Span>,
    /// The last failure, in words for operators.
    pub(super) failure: Option<String>,
}

/// Asks everything at once and adds the answers. Failures become evidence, never gaps.
pub(super) async fn round(
    ports: &Ports,
    repo: &RepoRef,
    queries: Vec<Query>,
    freshness: Freshness,
    class: Class,
    evidence: &mut Evidence,
) -> Round {
    let mut forge: Vec<ForgeQuery> = Vec::new();
    let mut state: Vec<String> = Vec::new();
    let mut pause = false;
    for query in queries {
        match query {
            Query::Forge(query) if !forge.contains(&query) => forge.push(query),
            Query::State(key) if !state.contains(&key) => state.push(key),
            Query::Pause => pause = true,
            Query::Forge(_) | Query::State(_) => {}
        }
    }
    let mut round = Round::default();
    // Our own memory last: a stop that came while the forge answered is seen.
    if !forge.is_empty() {
        let answers = ports.forge.read_for(class, repo, &forge, freshness).await;
        for (query, answer) in forge.into_iter().zip(answers) {
            round.note(Query::Forge(query), answer, evidence);
        }
    }
    for key in state {
        let answer = ports
            .storage
            .value(&repo.key, &key)
            .await
            .map(Answer::State);
        round.note(Query::State(key), answer, evidence);
    }
    if pause {
        let answer = ports.storage.paused(&repo.key).await.map(Answer::Pause);
        round.note(Query::Pause, answer, evidence);
    }
    round
}

impl Round {
    fn note(&mut self, query: Query, answer: Result<Answer, PortError>, evidence: &mut Evidence) {
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => {
                if let crate::ports::Kind::RateLimited(Some(wait)) = error.kind {
                    self.wait = self.wait.max(Some(wait));
                }
                match error.kind.failure() {
                    None => Answer::Missing,
                    Some(failure) => {
                        self.failure = Some(error.to_string());
                        Answer::Failed(failure)
                    }
                }
            }
        };
        self.news |= evidence.add(query, answer);
    }
}
