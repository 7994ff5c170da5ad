//! There is no permit that says nothing.

use caretaker_core::merge_gate::MergePermit;

fn main() {
    let _ = MergePermit::default();
}
