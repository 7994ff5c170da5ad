//! What was decided is no right to do it.

use caretaker_core::model::{ActionKey, Merge, RepoRef};
use caretaker_core::ports::Forge;

async fn merge(forge: &dyn Forge, repo: &RepoRef, merge: &Merge, key: &ActionKey) {
    let _ = forge.merge(repo, merge, key).await;
}

fn main() {}
