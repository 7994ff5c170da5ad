//! A circumstance: what it is, without which a pull request may be merged, and with which not.

use caretaker_core::merge_gate::{Blocker, table};

use crate::case::Case;

/// One thing that prevents merging.
pub(crate) struct Circumstance {
    /// The variant of [`Blocker`] and the wording, as [`table`] calls it.
    pub(crate) variant: &'static str,
    /// What else follows from it, by code.
    pub(crate) also: &'static [&'static str],
    /// A pull request that may be merged.
    pub(crate) without: fn() -> Case,
    /// The one change.
    pub(crate) with: fn(Case) -> Case,
}

/// A test for each circumstance, and [`Circumstance`]s of all of them. Where another blocker
/// follows from the change by necessity, it stands behind a `+`.
macro_rules! circumstances {
    ($(
        $(#[doc = $why:literal])*
        $variant:literal $(+ $also:literal)*, in $without:expr,
        fn $name:ident($case:ident) $with:block
    )+) => {
        pub(crate) const ALL: &[$crate::circumstance::Circumstance] = &[$(
            $crate::circumstance::Circumstance {
                variant: $variant,
                also: &[$($also),*],
                without: || $without,
                with: |$case| $with,
            }
        ),+];

        $(
            $(#[doc = $why])*
            #[test]
            fn $name() {
                $crate::circumstance::Circumstance {
                    variant: $variant,
                    also: &[$($also),*],
                    without: || $without,
                    with: |$case| $with,
                }
                .stops();
            }
        )+
    };
}

impl Circumstance {
    /// Without it there is a permit. When it comes between decision and last look there is none,
    /// for this reason alone.
    #[track_caller]
    pub(crate) fn stops(&self) {
        let before = (self.without)();
        assert_eq!(before.codes(), [""; 0], "without it there is a permit");
        let against = (self.with)(before.clone()).verdict_after(&before);
        let against = against.expect_err("with it there is none");
        let (mine, others): (Vec<_>, Vec<_>) = against.iter().partition(|found| self.is(found));
        assert_eq!(mine.len(), 1, "{:?} is in {against:?}", self.variant);
        let others: Vec<&str> = others.into_iter().map(Blocker::code).collect();
        assert_eq!(others, self.also, "nothing else stands against it");
    }

    /// Whether a blocker is worded like this one.
    fn is(&self, found: &Blocker) -> bool {
        let table = table();
        let mut rows = table
            .lines()
            .map(|line| line.split('\t').collect::<Vec<_>>());
        let row = rows.find(|row| row[0] == self.variant);
        let row = row.unwrap_or_else(|| panic!("nothing is called {:?}", self.variant));
        let (rule, owner) = (found.reason().rule, found.owner().word());
        [row[1], row[2], row[3], row[5]] == [found.code(), &rule, owner, found.remedy()]
    }
}
