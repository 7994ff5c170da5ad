//! Each thing that can stand against merging, alone: a pull request that may be merged, and the
//! same one with a single thing changed since, which may not, for that reason and no other.
//!
//! It is the last look that is asked ([`Look::permit`]), after a decision that knew nothing of the
//! change, with the configuration as a text and every answer as the forge gives it: whatever of
//! that the gate forgot to look at would show here. The tests of one blocker are named after it;
//! `tests/mutants` proves that they hold it.
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

use caretaker_core::merge_gate::wordings;
use circumstance::Circumstance;

/// Every circumstance there is a test for.
fn all() -> impl Iterator<Item = &'static Circumstance> {
    let parts = [state::ALL, reviews::ALL, checks::ALL, right::ALL];
    parts.into_iter().flatten()
}

#[test]
fn every_blocker_has_a_circumstance_in_which_it_stands_alone() {
    let tested: BTreeSet<&str> = all().map(|one| one.variant).collect();
    assert_eq!(tested, wordings());
}
