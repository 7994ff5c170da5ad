//! A permit for one head does not become one for another.

use caretaker_core::merge_gate::MergePermit;
use caretaker_core::model::Sha;

fn aim(mut permit: MergePermit, head: Sha) -> MergePermit {
    permit.head = head;
    permit
}

fn main() {}
