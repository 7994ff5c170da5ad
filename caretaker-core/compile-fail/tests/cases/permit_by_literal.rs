//! The fields of a permit are the gate's own.

use caretaker_core::merge_gate::MergePermit;
use caretaker_core::model::{Branch, MergeMethod, Number, RepoKey, Sha, Timestamp};

fn forged(head: Sha) -> MergePermit {
    MergePermit {
        repo: RepoKey::github(1),
        number: Number::new(7),
        head,
        base: Branch::new("main"),
        base_sha: None,
        method: MergeMethod::Squash,
        config: None,
        not_after: Timestamp::from_millis(0),
    }
}

fn main() {}
