//! The mutants, by what they break.

mod checks;
mod look;
mod owners;
mod permit;
mod reviews;
mod right;
mod state;

use crate::mutant::Mutant;

/// All of them.
pub(crate) fn all() -> impl Iterator<Item = &'static Mutant> {
    let parts = [
        state::ALL,
        reviews::ALL,
        owners::ALL,
        checks::ALL,
        right::ALL,
        permit::ALL,
        look::ALL,
    ];
    parts.into_iter().flatten()
}
