//! What must hold for every history in which pushes, reviews, checks, labels, configuration
//! changes and pauses race with us at every step (decisions §6, §8).
//!
//! Never is another head merged than the one that the last look saw, and never what was red,
//! unreviewed, held or paused at the instant at which the world answered that look. What changes
//! after that instant is counted and is no failure, but for what the forge itself refuses: another
//! head, and what rules of the base branch demand.
//!
//! Histories are numbered; `RACES_SEED=17 cargo test -p caretaker-core --test races` plays one.

#![expect(
    clippy::disallowed_methods,
    reason = "core itself has no threads and no environment; this test shares its work and is told what to play again"
)]

mod between;
mod change;
mod config;
mod dice;
mod history;
mod oracle;

use std::collections::BTreeMap;

use between::{Moment, Told};
use change::Kind;

/// Histories played; unoptimised, one takes 25 ms.
const HISTORIES: u64 = 400;
/// Shares of the work; each is a thread.
const SHARES: u64 = 2;

/// What came of many histories.
#[derive(Default)]
struct Count {
    merges: usize,
    /// Merges after which it turned out that something had changed after the look, by what.
    late: BTreeMap<Kind, usize>,
    refused: BTreeMap<u16, usize>,
    happened: BTreeMap<(Kind, Moment), usize>,
    wrong: Vec<String>,
}

impl Count {
    fn add(&mut self, seed: u64, told: &Told) {
        self.merges += told.merged.len();
        for kind in told.merged.iter().flat_map(|merged| &merged.since) {
            *self.late.entry(*kind).or_default() += 1;
        }
        for status in &told.refused {
            *self.refused.entry(*status).or_default() += 1;
        }
        for (moment, kind) in &told.happened {
            *self.happened.entry((*kind, *moment)).or_default() += 1;
        }
        if told.merged.len() > 1 {
            self.wrong.push(format!("history {seed}: merged twice"));
        }
        self.wrong.extend(told.wrong.iter().map(|wrong| {
            format!(
                "history {seed}: {wrong}; what happened: {:?}\n    again: RACES_SEED={seed} cargo test -p \
                 caretaker-core --test races",
                told.happened
            )
        }));
    }

    fn join(mut self, other: Self) -> Self {
        self.merges += other.merges;
        for (kind, times) in other.late {
            *self.late.entry(kind).or_default() += times;
        }
        for (status, times) in other.refused {
            *self.refused.entry(status).or_default() += times;
        }
        for (at, times) in other.happened {
            *self.happened.entry(at).or_default() += times;
        }
        self.wrong.extend(other.wrong);
        self
    }
}

fn played(seeds: impl Iterator<Item = u64>) -> Count {
    let mut count = Count::default();
    for seed in seeds {
        count.add(seed, &history::play(seed));
    }
    count
}

fn all(histories: u64) -> Count {
    std::thread::scope(|scope| {
        let shares: Vec<_> = (0..SHARES)
            .map(|share| {
                let seeds = (0..histories).filter(move |seed| seed % SHARES == share);
                scope.spawn(move || played(seeds))
            })
            .collect();
        let counts = shares.into_iter().map(|share| {
            share
                .join()
                .expect("a history panicked; its message is above")
        });
        counts.fold(Count::default(), Count::join)
    })
}

#[test]
fn nothing_is_merged_but_the_looked_at_head_and_nothing_that_was_not_mergeable_then() {
    let one = std::env::var("RACES_SEED").ok();
    if let Some(seed) = one.and_then(|text| text.parse().ok()) {
        let count = played(std::iter::once(seed));
        assert!(count.wrong.is_empty(), "{}", count.wrong.join("\n"));
        return;
    }
    let count = all(HISTORIES);
    let first: Vec<&String> = count.wrong.iter().take(5).collect();
    let (wrong, merges) = (count.wrong.len(), count.merges);
    assert!(
        first.is_empty(),
        "{wrong} of {HISTORIES}, such as {first:#?}"
    );
    // The law must not hold because nothing is ever merged, or nothing ever comes in between.
    let histories = usize::try_from(HISTORIES).expect("few histories");
    assert!(merges * 5 > histories, "only {merges} merges");
    for status in [405, 409] {
        let refused = count.refused.contains_key(&status);
        assert!(refused, "never refused by {status}");
    }
    assert!(
        count.late.len() > 10,
        "too little is late: {:?}",
        count.late
    );
    for kind in Kind::ALL {
        let hit = |moment: &&Moment| count.happened.contains_key(&(*kind, **moment));
        let moments = Moment::ALL.iter().filter(hit).count();
        assert!(moments > 3, "{kind:?} happens at {moments} moments only");
    }
}
