//! The real server under load while it is killed again and again, its deliveries are lost, repeated
//! and shuffled, and GitHub fails; beside a twin to which nothing of that happens.
//!
//! `make soak` runs it: `SOAK=1000` deliveries at least, `KILLS=5`, `SEED=17` the same once more.
//! Afterwards nothing may be missing, nothing may have been done twice, and there must be
//! the same to see in both.

#![expect(clippy::unwrap_used, reason = "helpers of tests are tests")]

#[path = "soak/checks.rs"]
mod checks;
#[expect(dead_code, reason = "the live tests name them")]
#[path = "live/examples.rs"]
mod examples;
#[path = "soak/facts.rs"]
mod facts;
#[path = "soak/github.rs"]
mod github;
#[path = "soak/plan.rs"]
mod plan;
#[path = "soak/play.rs"]
mod play;
#[path = "soak/postman.rs"]
mod postman;
#[expect(dead_code, reason = "the hostile tests use the rest")]
mod running;

use std::env;
use std::time::{SystemTime, UNIX_EPOCH};

use plan::Plan;
use play::{Played, play};

/// What the caller asks for, or what is usual.
fn asked(name: &str, usual: u64) -> u64 {
    let text = env::var(name).ok().filter(|text| !text.is_empty());
    text.map_or(usual, |text| text.parse().expect("a whole number"))
}

#[expect(
    clippy::disallowed_methods,
    reason = "a seed that nobody names has to come from somewhere"
)]
fn any_seed() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    u64::from(since.unwrap().subsec_nanos())
}

#[test]
#[ignore = "takes minutes: make soak"]
fn killed_again_and_again_it_loses_nothing_and_does_nothing_twice() {
    let (deliveries, kills) = (asked("SOAK", 20_000), asked("KILLS", 50));
    let seed = asked("SEED", any_seed());
    eprintln!("soak: {deliveries} deliveries, {kills} kills; again: SEED={seed}");
    let examples = examples::examples().unwrap_or_default();
    let mut plan = Plan::new(seed, deliveries, &examples);

    let calm = play(&mut plan, 0);
    eprintln!("soak: the twin is through: {}", calm.told());
    plan.begin_again();
    let wild = play(&mut plan, kills);
    eprintln!("soak: through: {}", wild.told());

    for (name, played) in [("undisturbed", &calm), ("disturbed", &wild)] {
        checks::every_delivery_has_one_end(name, played);
        checks::every_event_ended_once(name, played);
        checks::nothing_was_done_twice(name, played);
    }
    assert_eq!(wild.kills, kills, "it was killed as often as it should be");
    facts::same(&calm, &wild);
}

impl Played {
    fn told(&self) -> String {
        format!(
            "{} deliveries accepted, {} runs, {} calls of GitHub, {} of them writes, {} kills, {} faults",
            self.accepted.len(),
            self.runs.len(),
            self.calls.count(),
            self.calls.writes().count(),
            self.kills,
            self.faults,
        )
    }
}
