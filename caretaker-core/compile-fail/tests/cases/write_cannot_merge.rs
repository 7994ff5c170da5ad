//! Merging is no action that is written.

use caretaker_core::model::{ActionKey, ForgeAction, Merge, RepoRef};
use caretaker_core::ports::Forge;

async fn merge(forge: &dyn Forge, repo: &RepoRef, merge: Merge, key: &ActionKey) {
    let _ = forge.write(repo, &merge, key).await;
    let _ = forge.write(repo, &ForgeAction::Merge(merge), key).await;
}

fn main() {}
