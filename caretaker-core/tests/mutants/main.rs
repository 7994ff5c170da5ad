//! Gates that are broken on purpose, each in one place, and the test that sees it.
//!
//! A test that no mutant ever made fail may hold nothing. So for every blocker, and for every
//! other step from the plan to the merge, the list has a text that forgets it and the one test
//! that has to fail then. `make mutants` builds them, one after another, in a copy of the tree;
//! the ordinary tests here see to it that the list cannot rot.

#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "core itself has no files and starts nothing; this test breaks a copy of it and runs cargo there"
)]

mod checkout;
mod list;
mod mutant;
mod run;

use std::collections::BTreeSet;

use caretaker_core::merge_gate::wordings;
use list::all;
use mutant::text;

#[test]
fn each_text_that_is_replaced_stands_once() {
    let rotten: Vec<String> = all()
        .filter_map(|one| one.applied(&text(one.file)).err())
        .collect();
    assert!(rotten.is_empty(), "{rotten:#?}");
}

#[test]
fn each_mutant_has_a_name_of_its_own_and_changes_something() {
    let mut names = BTreeSet::new();
    for one in all() {
        assert!(names.insert(one.name), "two are called {}", one.name);
        assert_ne!(one.old, one.new, "{}", one.name);
    }
}

#[test]
fn each_test_that_is_named_exists() {
    let gone: Vec<&str> = all()
        .filter(|one| !one.test_stands())
        .map(|one| one.caught_by)
        .collect();
    assert!(gone.is_empty(), "{gone:#?}");
}

#[test]
fn each_blocker_is_forgotten_by_a_mutant() {
    let forgotten: BTreeSet<&str> = all().filter_map(|one| one.blocker).collect();
    assert_eq!(forgotten, wordings());
}

#[test]
#[ignore = "builds the core once for each mutant: make mutants"]
fn each_mutant_is_caught_by_its_test() {
    let told = std::env::var("ONLY").unwrap_or_default();
    let only: BTreeSet<&str> = told.split_whitespace().collect();
    let unknown: Vec<&&str> = only
        .iter()
        .filter(|name| !all().any(|one| one.name == **name))
        .collect();
    assert!(unknown.is_empty(), "no mutant is called {unknown:?}");
    let chosen: Vec<_> = all()
        .filter(|one| only.is_empty() || only.contains(one.name))
        .collect();
    let failed = run::all(&chosen);
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
