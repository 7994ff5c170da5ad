//! What the server answers over HTTP: one endpoint, one file.

mod counted;
mod error;
mod health;
mod listen;
mod secrets;
mod webhook;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use caretaker_core::intake::AllowList;
use caretaker_core::model::{BacklogLimits, Depth};
use caretaker_core::ports::{PortError, Ports};
use tokio::sync::{Notify, Semaphore};

use super::backlog;
use super::vitals::{Report, Vitals};
pub use counted::Outcome;
pub use error::{ApiError, Cause};
pub use listen::serve;
pub use secrets::Secrets;

/// Bytes of large bodies that are held at the same time, all connections together, in KiB.
const BODY_BUDGET_KIB: usize = 256 * 1024;

/// Where deliveries go.
pub const WEBHOOKS: &str = "/webhooks/github";

/// What the endpoints need.
pub struct Door {
    /// Memory and time; the door never asks the forge.
    pub ports: Ports,
    /// With what deliveries are signed.
    pub secrets: Secrets,
    /// Largest body in bytes.
    pub max_body: usize,
    /// How long a body may take to arrive.
    pub body_timeout: Duration,
    /// Whose deliveries are taken.
    pub allow_list: AllowList,
    /// How much may wait before no more is taken.
    pub backlog: BacklogLimits,
    /// Tells the consumer that there is something to do.
    pub news: Arc<Notify>,
    /// How the parts of the server are.
    pub vitals: Arc<Vitals>,
    /// KiB of bodies that may be held at once.
    pub body_budget: Arc<Semaphore>,
}

impl Door {
    /// A budget for bodies in flight, at least one body large.
    pub fn budget(max_body: usize) -> Arc<Semaphore> {
        Arc::new(Semaphore::new(BODY_BUDGET_KIB.max(max_body / 1024 + 1)))
    }
}

impl Door {
    /// How everything is, and how much waits where the store tells.
    pub async fn look(&self) -> (Result<Depth, PortError>, Report) {
        let depth = self.ports.storage.depth().await;
        let clock = &self.ports.clock;
        let mut report = self.vitals.report(depth.is_ok(), clock.monotonic());
        let filled = depth
            .as_ref()
            .ok()
            .and_then(|depth| backlog::filled(&self.backlog, &depth.backlog, clock.now()));
        match filled {
            Some(filled) if filled.full => report.missing.push(filled.said),
            Some(filled) => report.notes.push(filled.said),
            None => {}
        }
        (depth, report)
    }
}

/// Every route.
pub fn router(door: Arc<Door>) -> Router {
    Router::new()
        .route(WEBHOOKS, post(webhook::receive))
        .route("/health", get(health::health))
        .route("/ready", get(health::ready))
        .fallback(error::no_such_route)
        .method_not_allowed_fallback(error::wrong_method)
        // The webhook endpoint counts for itself while it reads.
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn_with_state(Arc::clone(&door), counted::counted))
        .with_state(door)
}
