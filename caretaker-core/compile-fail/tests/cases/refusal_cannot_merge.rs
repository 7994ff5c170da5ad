//! The gate's answer has to be looked at before it is used.

use caretaker_core::merge_gate::{Policy, Seen, evaluate};
use caretaker_core::model::{ActionKey, Merge, RepoRef, Timestamp};
use caretaker_core::ports::Forge;

async fn merge(
    forge: &dyn Forge,
    repo: &RepoRef,
    (merge, seen, policy): (&Merge, &Seen<'_>, &Policy),
    now: Timestamp,
    key: &ActionKey,
) {
    let answer = evaluate(merge, seen, policy, now);
    let _ = forge.merge(repo, &answer, key).await;
}

fn main() {}
