//! One permit does not become two.

use caretaker_core::merge_gate::MergePermit;

fn is_copied<T: Clone>(_: &T) {}

fn twice(permit: &MergePermit) {
    is_copied(permit);
}

fn main() {}
