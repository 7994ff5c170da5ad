//! Rechecks: one for each repository, subject and agent.

use std::sync::Arc;

use caretaker_core::model::{AgentName, Subject, Timestamp};
use caretaker_core::ports::{DueRecheck, Storage, Write};

use super::worker::Worker;
use crate::samples::{at, issue, pull, repo_key};

fn recheck(repo: u64, subject: Subject, agent: &str, at: Option<Timestamp>) -> Write {
    Write::Recheck {
        repo: repo_key(repo),
        subject,
        agent: AgentName::new(agent),
        at,
    }
}

fn row(repo: u64, subject: Subject, agent: &str, at: Timestamp) -> DueRecheck {
    DueRecheck {
        repo: repo_key(repo),
        subject,
        agent: AgentName::new(agent),
        at,
    }
}

async fn due(storage: &Arc<dyn Storage>, now: Timestamp, limit: u32) -> Vec<DueRecheck> {
    let due = storage.due_rechecks(now, limit).await;
    due.expect("rechecks can be read")
}

/// What is due is listed oldest first, and stays until it is taken back.
pub async fn due_rechecks_are_listed_oldest_first(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    let writes = vec![
        recheck(1, issue(7), "stale", Some(at(20))),
        recheck(1, pull(7), "pr", Some(at(10))),
        recheck(2, issue(7), "stale", Some(at(30))),
    ];
    worker.commit(writes).await;
    assert_eq!(due(&storage, at(9), 9).await, []);
    let both = [
        row(1, pull(7), "pr", at(10)),
        row(1, issue(7), "stale", at(20)),
    ];
    assert_eq!(due(&storage, at(20), 9).await, both);
    assert_eq!(
        due(&storage, at(20), 9).await,
        both,
        "reading takes nothing away"
    );
    assert_eq!(due(&storage, at(99), 1).await, both[..1]);
}

/// A later word replaces the earlier one of the same subject and agent, or takes it back.
pub async fn a_recheck_is_replaced_and_taken_back(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    worker
        .write(recheck(1, issue(7), "stale", Some(at(10))))
        .await;
    worker.write(recheck(1, issue(7), "pr", Some(at(10)))).await;
    worker
        .write(recheck(1, issue(7), "stale", Some(at(50))))
        .await;
    assert_eq!(
        due(&storage, at(40), 9).await,
        [row(1, issue(7), "pr", at(10))]
    );
    worker.write(recheck(1, issue(7), "pr", None)).await;
    worker.write(recheck(1, issue(8), "pr", None)).await;
    assert_eq!(
        due(&storage, at(99), 9).await,
        [row(1, issue(7), "stale", at(50))]
    );
}
