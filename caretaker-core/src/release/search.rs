//! Finds the smallest sets of acts.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde::Serialize;

use super::{Act, Aim, Seen, Situation};
use crate::merge_gate::{Change, Ground, Policy};
use crate::model::{ConfigState, Evidence, Mode, Snapshot, Timestamp};

/// Sets that are told at most.
pub const MOST_WAYS: usize = 3;
/// Acts in a set at most; what takes more is no short way.
pub const MOST_ACTS: usize = 4;
/// How often the gate is asked at most, for one pull request.
pub const MOST_ASKED: usize = 300;

/// Where nobody asks about our own right.
const NO_GROUND: Ground<'static> = Ground {
    mode: Mode::Observe,
    ceiling: Mode::Observe,
    config: ConfigState::Absent,
    paused: None,
    claimed: false,
    refused: None,
    stirred: false,
};

/// What would release a pull request that something stands against.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Releases {
    /// What would be reached.
    pub aim: Aim,
    /// Sets of acts, the smallest first; of no set a part suffices. Empty where there is no short
    /// way.
    pub ways: Vec<Vec<Act>>,
    /// Whether acts were found that go further, but not to the end within [`MOST_ACTS`].
    pub longer: bool,
    /// Whether the search was cut off at [`MOST_ASKED`]; then there may be other ways.
    pub cut: bool,
}

impl Releases {
    /// Searches breadth first; the same situation gives the same sets. `None` where nothing stands
    /// against it.
    ///
    /// Each step takes the blocker that the fewest acts help against: whatever releases must hold
    /// one of them.
    pub fn of(situation: &Situation<'_>) -> Option<Self> {
        Self::toward(situation.aim(), situation)
    }

    /// What would make it ready, whoever merges it; asks nothing about our own right.
    pub fn to_ready(
        snapshot: &Snapshot,
        (change, evidence): (&Change, &Evidence),
        policy: &Policy,
        now: Timestamp,
    ) -> Option<Self> {
        let seen = Seen {
            snapshot,
            change,
            evidence,
            policy,
            ground: NO_GROUND,
            now,
        };
        Self::toward(Aim::Ready, &Situation::new(seen, &|_, _| false))
    }

    fn toward(aim: Aim, situation: &Situation<'_>) -> Option<Self> {
        Search {
            situation,
            aim,
            asked: 0,
            longer: false,
            cut: false,
        }
        .run()
    }

    /// Why no way is told; `None` where one is.
    pub fn none(&self) -> Option<&'static str> {
        if !self.ways.is_empty() {
            None
        } else if self.cut {
            Some("no short way was found: so much stands against it that not all was tried")
        } else if self.longer {
            Some("no short way: it takes more than 4 acts")
        } else {
            Some("no short way: something stands against it that none of these acts would change")
        }
    }

    /// One line each for several ways, as a Markdown list.
    pub fn markdown(&self) -> String {
        let mut out = String::new();
        for way in &self.ways {
            writeln!(out, "- {}", line(way)).expect("writing to a string cannot fail");
        }
        if let Some(none) = self.none() {
            writeln!(out, "{none}.").expect("writing to a string cannot fail");
        }
        out
    }

    /// The first way in one line.
    pub fn short(&self) -> String {
        let first = self.ways.first().map(|way| line(way));
        first.unwrap_or_else(|| self.none().unwrap_or_default().to_owned())
    }
}

/// A set in one line: who does what, in the order in which it may happen.
pub(super) fn line(way: &[Act]) -> String {
    let acts = way.iter().map(|act| {
        let (who, what) = (act.owner().word(), act.words());
        format!("*{who}*: {what}")
    });
    acts.collect::<Vec<_>>().join("; ")
}

struct Search<'a, 's> {
    situation: &'s Situation<'a>,
    aim: Aim,
    asked: usize,
    longer: bool,
    cut: bool,
}

impl Search<'_, '_> {
    fn run(mut self) -> Option<Releases> {
        let mut ways: Vec<Vec<Act>> = Vec::new();
        let mut level = BTreeSet::from([Vec::new()]);
        for size in 0..=MOST_ACTS {
            let mut next = BTreeSet::new();
            for set in &level {
                let covered = |way: &Vec<Act>| way.iter().all(|act| set.contains(act));
                if ways.iter().any(covered) {
                    continue;
                }
                if self.asked >= MOST_ASKED {
                    self.cut = true;
                    break;
                }
                match self.options(set) {
                    None if size == 0 => return None,
                    None if self.is_minimal(set) => ways.push(set.clone()),
                    None => {}
                    Some(acts) if size == MOST_ACTS => self.longer |= !acts.is_empty(),
                    Some(acts) => next.extend(acts.into_iter().map(|act| {
                        let mut longer = set.clone();
                        longer.push(act);
                        longer.sort();
                        longer
                    })),
                }
            }
            if ways.len() >= MOST_WAYS || self.cut {
                break;
            }
            level = next;
        }
        ways.truncate(MOST_WAYS);
        Some(Releases {
            aim: self.aim,
            ways,
            longer: self.longer,
            cut: self.cut,
        })
    }

    /// Acts one of which must come beside these; `None` where these release it, and none where
    /// nothing can.
    fn options(&mut self, set: &[Act]) -> Option<Vec<Act>> {
        self.asked += 1;
        let then = self.situation.after(set);
        let against = then.against(self.aim);
        let options = against.iter().map(|blocker| {
            let mut acts = then.against_it(blocker, &against, set);
            acts.retain(|act| !set.contains(act));
            acts
        });
        options.min_by_key(Vec::len)
    }

    /// Whether no part of the set suffices.
    fn is_minimal(&mut self, set: &[Act]) -> bool {
        let whole = (1_u32 << set.len()) - 1;
        (1..whole).all(|mask| {
            let kept = set.iter().enumerate();
            let part: Vec<Act> = kept
                .filter(|(place, _)| mask & (1 << place) != 0)
                .map(|(_, act)| act.clone())
                .collect();
            self.asked += 1;
            !self.situation.after(&part).against(self.aim).is_empty()
        })
    }
}
