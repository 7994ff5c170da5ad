//! Who works: the right to write, and how long it lasts.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use crate::intake::Us;
use crate::model::{Mode, Span};
use crate::ports::Fence;

/// How long one call to the forge may take; the adapter holds it to that.
pub const CALL_DEADLINE: Span = Span::seconds(10);

/// A worker's lease, as far as the driver must know it. Cheap to clone; the shell renews it.
#[derive(Clone, Debug)]
pub struct Lease {
    fence: Fence,
    /// On the monotonic clock, in milliseconds.
    good_until: Arc<AtomicI64>,
}

impl Lease {
    /// A lease that was just taken or renewed: good for `ttl` from `now` on the monotonic clock.
    pub fn new(fence: Fence, now: Span, ttl: Span) -> Self {
        let until = now.as_millis().saturating_add(ttl.as_millis());
        Self {
            fence,
            good_until: Arc::new(AtomicI64::new(until)),
        }
    }

    /// The right to write.
    pub fn fence(&self) -> Fence {
        self.fence
    }

    /// Notes a renewal; `asked` is the monotonic time before the store was asked.
    pub fn renewed(&self, asked: Span, ttl: Span) {
        let until = asked.as_millis().saturating_add(ttl.as_millis());
        self.good_until.store(until, Ordering::SeqCst);
    }

    /// Whether it is time to renew it: a fifth is spent. Later would be too late for a steady
    /// worker, because with a third gone no call to the forge fits into what is left any more.
    pub fn is_due(&self, now: Span, ttl: Span) -> bool {
        let until = self.good_until.load(Ordering::SeqCst);
        until.saturating_sub(now.as_millis()) <= ttl.as_millis() * 4 / 5
    }

    /// Whether a call begun now would end before the lease does. The fence cannot reach the
    /// forge, so this is asked immediately before each effect is sent (decisions §3).
    pub fn covers_a_call(&self, now: Span) -> bool {
        let until = self.good_until.load(Ordering::SeqCst);
        now.as_millis().saturating_add(CALL_DEADLINE.as_millis()) < until
    }
}

/// What handling needs to know beside its ports.
#[derive(Clone, Debug)]
pub struct Worker {
    /// The right to write.
    pub lease: Lease,
    /// The server's own limit on every repository.
    pub ceiling: Mode,
    /// Whether there are credentials for the forge at all.
    pub has_credentials: bool,
    /// Who we are on the forge, for telling echoes.
    pub us: Us,
}
