//! A permit is not read back from a record.

use caretaker_core::merge_gate::MergePermit;
use serde::Deserialize;

fn is_read<'a, T: Deserialize<'a>>(text: &'a str) -> T {
    serde_json::from_str(text).unwrap()
}

fn main() {
    let _: MergePermit = is_read("{}");
}
