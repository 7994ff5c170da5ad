//! Waiting for the lease: when its holder counts as ended, and when what it began may be settled.
//!
//! A store that can tell knows at once when a holder has ended. One that lives but does not renew
//! (stopped, or cut off from its store) is measured on our own monotonic clock, because the lease's
//! end is wall time of another process: a clock that jumps must not take the lease from a live
//! holder, nor leave it for a day with a stopped one.

use std::hash::{BuildHasher as _, RandomState};

use caretaker_core::model::{Span, Timestamp};
use caretaker_core::ports::{Fence, Holder};

use super::consumer::LEASE_TTL;

/// How often who waits for the lease looks whether it is free.
pub const LOOK: Span = Span::millis(200);

/// A name that no other process has, in whatever container: what it is, its id, a random word.
pub fn worker_name(what: &str) -> String {
    let word = RandomState::new().hash_one(std::process::id());
    format!("{what} {} {word:016x}", std::process::id())
}

/// Whom we wait for, and since when we have not seen it move.
#[derive(Debug, Default)]
pub struct Standby {
    seen: Option<(Fence, Timestamp, Span)>,
}

impl Standby {
    /// Notes who holds the lease at `now` on the monotonic clock. Gives the fence of a holder that
    /// has not renewed for as long as a lease lasts: its lease is to be ended.
    pub fn saw(&mut self, holder: Option<&Holder>, now: Span) -> Option<Fence> {
        let holder = holder?;
        match self.seen {
            Some((fence, until, since)) if (fence, until) == (holder.fence, holder.until) => {
                (now - since >= LEASE_TTL).then_some(fence)
            }
            Some(_) | None => {
                self.seen = Some((holder.fence, holder.until, now));
                None
            }
        }
    }

    /// How long to wait before what the holder before us began is settled, now that the lease is
    /// ours: one that was seen to end in peace, or by its lock, leaves nothing under way; one whose
    /// time ran out may (decisions §3).
    pub fn settles_after(&self, now: Span) -> Span {
        match self.seen {
            Some((_, _, since)) if now - since >= LEASE_TTL => LEASE_TTL,
            Some(_) | None => Span::millis(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holder(fence: u64, until: i64) -> Holder {
        Holder {
            worker: "serve 1".to_owned(),
            fence: Fence(fence),
            until: Timestamp::from_millis(until),
        }
    }

    #[test]
    fn a_holder_that_renews_is_never_ended_whatever_the_wall_clock_says() {
        let mut standby = Standby::default();
        for second in 0..60 {
            // Its clock is a day behind.
            let seen = holder(1, second * 1_000 - 86_400_000);
            assert_eq!(standby.saw(Some(&seen), Span::seconds(second)), None);
        }
        assert_eq!(standby.settles_after(Span::seconds(60)), Span::millis(0));
    }

    #[test]
    fn a_holder_that_does_not_move_is_ended_when_a_lease_has_passed() {
        let mut standby = Standby::default();
        let seen = holder(7, 86_400_000);
        for second in 0..15 {
            assert_eq!(standby.saw(Some(&seen), Span::seconds(second)), None);
        }
        let ended = standby.saw(Some(&seen), Span::seconds(15));
        assert_eq!(ended, Some(Fence(7)));
        assert_eq!(standby.settles_after(Span::seconds(15)), LEASE_TTL);
    }

    #[test]
    fn another_holder_begins_a_wait_of_its_own() {
        let mut standby = Standby::default();
        standby.saw(Some(&holder(7, 5)), Span::seconds(0));
        assert_eq!(standby.saw(Some(&holder(8, 5)), Span::seconds(15)), None);
        assert_eq!(standby.saw(None, Span::seconds(20)), None);
        assert_eq!(standby.settles_after(Span::seconds(16)), Span::millis(0));
    }

    #[test]
    fn names_of_one_process_differ() {
        assert_ne!(worker_name("serve"), worker_name("serve"));
        let process = format!("run {} ", std::process::id());
        assert!(worker_name("run").starts_with(&process));
    }
}
