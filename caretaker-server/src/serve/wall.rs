//! Whether the wall clock jumped, told by the monotonic one.
//!
//! Leases do not depend on it; what does are the times in records, windows of schedules, retention,
//! and the App's tokens, which GitHub refuses when they come from another day.

use caretaker_core::model::{Span, Timestamp};

/// A smaller step between two looks is none: clocks are slewed.
const JUMP: Span = Span::seconds(60);
/// How long a jump is told of that is not taken back: then it was a correction.
const TOLD_FOR: Span = Span::minutes(10);

/// What two clocks have said of each other so far.
#[derive(Debug, Default)]
pub(super) struct Wall {
    /// Wall time minus monotonic time at the last look, in milliseconds.
    offset: Option<i64>,
    jump: Option<Jump>,
}

#[derive(Debug)]
struct Jump {
    /// The offset before it.
    from: i64,
    at: Span,
}

impl Wall {
    /// Looks at both clocks. Gives by how much the wall clock jumped, while that is worth telling;
    /// negative is back.
    pub(super) fn look(&mut self, now: Timestamp, monotonic: Span) -> Option<Span> {
        let offset = now.as_millis().saturating_sub(monotonic.as_millis());
        let before = self.offset.replace(offset).unwrap_or(offset);
        if is_jump(before, offset) && self.jump.is_none() {
            let (from, at) = (before, monotonic);
            self.jump = Some(Jump { from, at });
        }
        let jump = self.jump.as_ref()?;
        if !is_jump(jump.from, offset) || monotonic - jump.at >= TOLD_FOR {
            self.jump = None;
            return None;
        }
        Some(Span::millis(offset - jump.from))
    }
}

fn is_jump(from: i64, to: i64) -> bool {
    from.abs_diff(to) > JUMP.as_millis().unsigned_abs()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Looks every five seconds at a wall clock that is off by so many seconds.
    fn told(off_by: impl IntoIterator<Item = i64>) -> Vec<i64> {
        let mut wall = Wall::default();
        let looks = off_by.into_iter().zip(0..).map(|(off, n)| {
            let monotonic = Span::seconds(5 * n);
            let now = Timestamp::from_millis(1_700_000_000_000) + monotonic + Span::seconds(off);
            wall.look(now, monotonic)
                .map_or(0, |jump| jump.as_millis() / 1_000)
        });
        looks.collect()
    }

    #[test]
    fn a_day_forth_and_back_is_told_and_taken_back() {
        let day = 86_400;
        assert_eq!(told([0, day, day, 1, 1]), [0, day, day, 0, 0]);
        assert_eq!(told([0, -day, -day, 0]), [0, -day, -day, 0]);
    }

    #[test]
    fn a_clock_that_is_slewed_does_not_jump() {
        assert_eq!(told((0..50).map(|n| n * 30)), [0; 50]);
    }

    #[test]
    fn a_correction_is_told_of_for_a_while_only() {
        let said = told(std::iter::once(0).chain([3_600; 200]));
        assert_eq!(said[1], 3_600);
        assert_eq!(said[120], 3_600);
        assert_eq!(said[121], 0, "ten minutes later");
        assert_eq!(said[200], 0);
    }
}
