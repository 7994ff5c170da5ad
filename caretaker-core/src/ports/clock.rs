//! Time from outside.

use async_trait::async_trait;

use crate::model::{Span, Timestamp};

/// Tells the time and waits for it. Virtual in tests.
#[async_trait]
pub trait Clock: Send + Sync {
    /// Wall-clock time; may jump.
    fn now(&self) -> Timestamp;
    /// Time since an arbitrary moment of this process; never goes back.
    fn monotonic(&self) -> Span;
    /// Waits until the monotonic clock has advanced by `span`. Cancel-safe.
    async fn sleep(&self, span: Span);
}
