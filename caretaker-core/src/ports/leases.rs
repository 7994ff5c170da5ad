//! Who may work.

use async_trait::async_trait;

use super::{Fence, PortError};
use crate::model::{Span, Timestamp};

/// Who holds a lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The worker's own name of itself, process id included.
    pub worker: String,
    /// Its fence.
    pub fence: Fence,
    /// Until when, if it does not renew.
    pub until: Timestamp,
}

/// Exclusive rights that end by themselves.
#[async_trait]
pub trait Leases: Send + Sync {
    /// Takes the named lease for `ttl`, with a fence higher than any before, of whatever name;
    /// `Conflict` while another worker holds it. The same worker name takes it over at once, with
    /// a new fence. A backend that knows more than the time goes by that: a holder that is known to
    /// have ended is succeeded at once; one that is known to live keeps the lease though its time
    /// has passed, until somebody who has seen that nothing moves ends it with `release`.
    ///
    /// Cancel-safe: a cancelled call may leave the lease taken until `ttl` passes.
    async fn acquire(
        &self,
        name: &str,
        worker: &str,
        now: Timestamp,
        ttl: Span,
    ) -> Result<Fence, PortError>;

    /// Extends it; `Fenced` when another worker took it meanwhile.
    async fn renew(
        &self,
        name: &str,
        fence: Fence,
        now: Timestamp,
        ttl: Span,
    ) -> Result<(), PortError>;

    /// Gives it back, or ends that of a worker which does not renew, so that the next one need
    /// not wait. Of a lost lease: nothing.
    async fn release(&self, name: &str, fence: Fence) -> Result<(), PortError>;

    /// Who holds it at `now`; also one whose time has passed, while it keeps the lease.
    async fn holder(&self, name: &str, now: Timestamp) -> Result<Option<Holder>, PortError>;
}
