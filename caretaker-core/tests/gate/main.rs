//! Each thing that can stand against merging, alone: a pull request that may be merged, and the
//! same one with a single thing changed since, which may not, for that reason and no other.
//!
//! It is the last look that is asked ([`Look::permit`]), after a decision that knew nothing of the
//! change, with the configuration as a text and every answer as the forge gives it: whatever of
//! that the gate forgot to look at would show here. The tests of one blocker are named after it.
//!
//! [`Look::permit`]: caretaker_core::guard::last_look::Look::permit

#[macro_use]
mod circumstance;
mod agent;
mod case;
mod checks;
mod look;
mod permit;
mod reviews;
mod right;
mod state;

use std::collections::BTreeSet;

use caretaker_core::merge_gate::table;
use circumstance::Circumstance;

/// Every circumstance there is a test for.
fn all() -> impl Iterator<Item = &'static Circumstance> {
    let parts = [state::ALL, reviews::ALL, checks::ALL, right::ALL];
    parts.into_iter().flatten()
}

/// The table has a line for each wording of each variant, which the compiler holds; one is no
/// blocker.
#[test]
fn every_blocker_has_a_circumstance_in_which_it_stands_alone() {
    let table = table();
    let variants = table
        .lines()
        .skip(1)
        .filter_map(|line| line.split('\t').next());
    let variants: BTreeSet<&str> = variants.filter(|name| *name != "Checks, Passed").collect();
    let tested: BTreeSet<&str> = all().map(|one| one.variant).collect();
    let missing: Vec<&&str> = variants.difference(&tested).collect();
    assert!(missing.is_empty(), "no test stops by {missing:?}");
    let unknown: Vec<&&str> = tested.difference(&variants).collect();
    assert!(unknown.is_empty(), "nothing is called {unknown:?}");
}
