//! Measuring by turns: A B A B …, so that whatever else the machine does meets all of them alike.

use std::hint::black_box;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// How long one turn lasts, about: shorter than the slices in which a busy machine shares its
/// cores, so that some turns are undisturbed.
const TURN: Duration = Duration::from_millis(2);
/// How many turns each has.
const TURNS: u32 = 400;

/// Something to be done again and again.
pub type Subject<'a> = &'a mut dyn FnMut();

/// Nanoseconds of one call of each subject, in its best turn: what disturbs only adds.
pub fn best<const N: usize>(mut subjects: [Subject<'_>; N]) -> [f64; N] {
    let calls = subjects.each_mut().map(|subject| calls_of_a_turn(*subject));
    let mut best = [f64::INFINITY; N];
    for _turn in 0..TURNS {
        for (at, subject) in subjects.iter_mut().enumerate() {
            let took = time(*subject, calls[at]).as_secs_f64() * 1e9 / f64::from(calls[at]);
            best[at] = best[at].min(took);
        }
    }
    best
}

/// How often a subject is called to fill a turn.
fn calls_of_a_turn(subject: Subject<'_>) -> u32 {
    let mut calls = 1;
    loop {
        if time(subject, calls) >= TURN || calls > u32::MAX / 2 {
            return calls;
        }
        calls *= 2;
    }
}

fn time(subject: Subject<'_>, calls: u32) -> Duration {
    let began = Instant::now();
    for _call in 0..calls {
        subject();
    }
    began.elapsed()
}

/// The middle one; of an even number the mean of both.
///
/// # Panics
/// When there is none.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let (half, odd) = (sorted.len() / 2, sorted.len() % 2 == 1);
    if odd {
        sorted[half]
    } else {
        f64::midpoint(sorted[half - 1], sorted[half])
    }
}

/// The one that 99 of 100 do not exceed.
///
/// # Panics
/// When there is none.
pub fn ninety_nine(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[(sorted.len() * 99).div_ceil(100) - 1]
}

/// What other work is compared with: reading and writing a JSON document of 20 kB, for which no
/// line of ours is run. Its ratios change with our code and hardly with the machine.
#[derive(Debug)]
pub struct Yardstick(String);

impl Yardstick {
    /// The document.
    pub fn new() -> Self {
        let row = |n: u32| {
            json!({
                "id": 100_000 + n,
                "login": format!("somebody-{n}"),
                "url": format!("https://api.example.com/users/somebody-{n}"),
                "site_admin": n.is_multiple_of(7),
                "body": "Plain words, \"quoted\" ones, and a line break\n".repeat(2),
            })
        };
        let rows: Vec<Value> = (0..95).map(row).collect();
        Self(json!({ "rows": rows }).to_string())
    }

    /// Lays it on once.
    pub fn lay(&self) {
        let value: Value = serde_json::from_str(&self.0).expect("the document is JSON");
        black_box(value.to_string());
    }
}

impl Default for Yardstick {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_one() {
        assert!((median(&[3.0, 1.0, 9.0]) - 3.0).abs() < 1e-9);
        assert!((median(&[4.0, 1.0]) - 2.5).abs() < 1e-9);
    }

    #[test]
    fn ninety_nine_of_a_hundred_do_not_exceed_it() {
        let hundred: Vec<f64> = (1..=100).rev().map(f64::from).collect();
        assert!((ninety_nine(&hundred) - 99.0).abs() < 1e-9);
        assert!((ninety_nine(&[4.0, 1.0]) - 4.0).abs() < 1e-9);
    }

    #[test]
    fn the_yardstick_is_as_long_as_it_says() {
        let length = Yardstick::new().0.len();
        assert!((19_000..21_000).contains(&length), "{length}");
    }
}
