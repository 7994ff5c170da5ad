//! What must hold for every history in which pushes, reviews, checks, labels, configuration
//! changes and pauses race with us at every step (decisions §6, §8).
//!
//! Never is another head merged than the one that the last look saw, and never what was red,
//! unreviewed, held or paused at the instant at which the world answered that look. What changes
//! after that instant is counted and is no failure, but for what the forge itself refuses: another
//! head, and what rules of the base branch demand.
//!
//! Histories are numbered. `make test` plays the first few hundred, `make races` a hundred
//! thousand in a build of its own, and `RACES_SEED=17 cargo test -p caretaker-core --test races`
//! that one alone.

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
mod owners;

use std::collections::BTreeMap;
use std::io::Write as _;

use between::{Moment, Told};
use change::Kind;

/// Histories played where nobody says how many; unoptimised, one takes 10 ms.
const HISTORIES: u64 = 400;
/// So many that everything that can happen has happened at every moment.
const MANY: u64 = 50_000;
/// Shares of the work; each is a thread.
const SHARES: u64 = 2;
/// After so many of its own a thread says how far it is.
const TELL: usize = 5_000;

/// What came of many histories.
#[derive(Default)]
struct Count {
    merges: usize,
    /// Merges after which it turned out that something had changed after the look, by what.
    late: BTreeMap<Kind, usize>,
    refused: BTreeMap<u16, usize>,
    happened: BTreeMap<(Kind, Moment), usize>,
    /// What stood against a merge at last looks, by the oracle's word.
    stood: BTreeMap<&'static str, usize>,
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
        for word in &told.stood {
            *self.stood.entry(word).or_default() += 1;
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
        for (word, times) in other.stood {
            *self.stood.entry(word).or_default() += times;
        }
        self.wrong.extend(other.wrong);
        self
    }
}

impl Count {
    /// The law must not hold because nothing is ever merged, or nothing ever comes in between.
    fn is_worth_its_name(&self, histories: u64) {
        let merges = u64::try_from(self.merges).expect("few merges");
        assert!(merges * 5 > histories, "only {merges} merges");
        for status in [405, 409] {
            let refused = self.refused.contains_key(&status);
            assert!(refused, "never refused by {status}");
        }
        let late = &self.late;
        assert!(late.len() > 10, "too little is late: {late:?}");
        let many = histories >= MANY;
        let most = if many { Moment::ALL.len() } else { 4 };
        for word in oracle::WORDS.iter().filter(|_| many) {
            let stood = self.stood.contains_key(word);
            assert!(stood, "no last look ever saw: {word}");
        }
        for kind in Kind::ALL {
            let hit = |moment: &&Moment| self.happened.contains_key(&(*kind, **moment));
            let moments = Moment::ALL.iter().filter(hit).count();
            assert!(
                moments >= most,
                "{kind:?} happens at {moments} moments only"
            );
        }
    }
}

fn played(seeds: impl Iterator<Item = u64>) -> Count {
    let mut count = Count::default();
    for (done, seed) in (1..).zip(seeds) {
        count.add(seed, &history::play(seed));
        if done % TELL == 0 {
            let (merges, wrong) = (count.merges, count.wrong.len());
            // Past the test runner, which keeps what is printed until the end.
            writeln!(
                std::io::stderr(),
                "races: {done} histories of a share, {merges} merges, {wrong} wrong"
            )
            .ok();
        }
    }
    count
}

/// A number from the environment.
///
/// # Panics
/// When it is set and is none.
fn told(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{name}={text} is no whole number")),
    )
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
    if let Some(seed) = told("RACES_SEED") {
        let count = played(std::iter::once(seed));
        assert!(count.wrong.is_empty(), "{}", count.wrong.join("\n"));
        return;
    }
    let histories = told("RACES").unwrap_or(HISTORIES);
    let count = all(histories);
    let first: Vec<&String> = count.wrong.iter().take(5).collect();
    let wrong = count.wrong.len();
    assert!(
        first.is_empty(),
        "{wrong} of {histories}, such as {first:#?}"
    );
    count.is_worth_its_name(histories);
}
