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
    /// a new fence.
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

    /// Gives it back, so that the next worker need not wait. Of a lost lease: nothing.
    async fn release(&self, name: &str, fence: Fence) -> Result<(), PortError>;

    /// Who holds it at `now`.
    async fn holder(&self, name: &str, now: Timestamp) -> Result<Option<Holder>, PortError>;
}
