//! What we need from the world.
//!
//! | Port | What for |
//! |---|---|
//! | [`Forge`] | questions and effects on the code forge |
//! | [`AppForge`] | questions about the App that we are, and the log of its webhooks |
//! | [`Store`] | the one write side of our memory |
//! | [`Bus`], [`Ledger`], [`State`], [`Journal`], [`Repos`] | its read sides |
//! | [`Leases`] | who may work |
//! | [`Clock`] | time |
//!
//! Implementations hold no policy; the testkit's conformance suites define them.

mod app_forge;
mod bus;
mod clock;
mod error;
mod forge;
mod journal;
mod leases;
mod repos;
mod store;

use std::sync::Arc;

pub use app_forge::AppForge;
pub use bus::{Bus, DeliveryState, DueRecheck, SETBACKS, Setback, Standing, StandingItem};
pub use clock::Clock;
pub use error::{Kind, PortError};
pub use forge::{Forge, Freshness, Settled, same_repository};
pub use journal::{Attempt, ClaimRow, Filter, Journal, Ledger, Recorded, State};
pub use leases::{Holder, Leases};
pub use repos::{KnownRepo, Repos};
pub use store::{Claim, Fence, Retained, Store, Write, Wrote};

/// Every storage port at once, as one backend offers them.
pub trait Storage: Store + Bus + Ledger + State + Journal + Repos + Leases {}

impl<T: Store + Bus + Ledger + State + Journal + Repos + Leases> Storage for T {}

/// What the driver is given.
#[derive(Clone)]
pub struct Ports {
    /// The code forge.
    pub forge: Arc<dyn Forge>,
    /// Our memory.
    pub storage: Arc<dyn Storage>,
    /// Time.
    pub clock: Arc<dyn Clock>,
}
