//! What is said about each blocker stands in `golden/blockers.tsv`, a line for every wording of
//! every variant. `UPDATE=1` writes it anew; people and their searches go by these words.
#![expect(
    clippy::disallowed_methods,
    reason = "the golden file is a file, and who runs this says whether to rewrite it"
)]

use std::path::Path;
use std::{env, fs};

use caretaker_core::merge_gate::table;

#[test]
fn each_blocker_is_told_in_the_words_that_stand_there() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/blockers.tsv");
    let table = table();
    if env::var_os("UPDATE").is_some_and(|said| !said.is_empty()) {
        fs::write(&path, &table).expect("the golden file can be written");
    }
    let golden = fs::read_to_string(&path).unwrap_or_default();
    for line in table.lines() {
        let variant = line.split('\t').next().unwrap_or_default();
        assert!(
            golden.lines().any(|known| known == line),
            "golden/blockers.tsv tells `{variant}` otherwise, or not at all; see whether \
             `{line}` is meant, and write it with UPDATE=1"
        );
    }
    assert_eq!(
        golden, table,
        "golden/blockers.tsv tells of what is no more"
    );
}

#[test]
fn every_line_says_who_can_help_and_how() {
    for line in table().lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        assert_eq!(fields.len(), 6, "{line}");
        assert!(fields.iter().all(|field| !field.is_empty()), "{line}");
    }
}
