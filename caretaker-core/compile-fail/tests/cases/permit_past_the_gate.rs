//! The gate's own parts are not within reach.

use caretaker_core::merge_gate::permit::MergePermit;

fn main() {}
