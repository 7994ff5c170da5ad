//! Nor by taking the rest of it over.

use caretaker_core::merge_gate::MergePermit;
use caretaker_core::model::Sha;

fn aim(permit: MergePermit, head: Sha) -> MergePermit {
    MergePermit { head, ..permit }
}

fn main() {}
