//! Tests of the state and the port face. Those of the REST face stand beside it.

use std::sync::Arc;

use async_trait::async_trait;
use caretaker_core::model::{Span, Timestamp};
use caretaker_core::ports::Clock;

use super::World;

/// A clock that stands still.
pub(crate) struct Fixed;

#[async_trait]
impl Clock for Fixed {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_750_000_000_000)
    }
    fn monotonic(&self) -> Span {
        Span::default()
    }
    async fn sleep(&self, _span: Span) {}
}

pub(crate) fn world() -> World {
    World::new(Arc::new(Fixed))
}

mod forge;
mod state;
