//! Nor written into one.

use caretaker_core::merge_gate::MergePermit;
use serde::Serialize;

fn is_written<T: Serialize>(_: &T) {}

fn keep(permit: &MergePermit) {
    is_written(permit);
}

fn main() {}
