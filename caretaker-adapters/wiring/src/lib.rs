//! Adapters put together: one file per port, one arm per backend, one cargo feature per adapter.
#![deny(missing_docs)]

#[cfg(all(feature = "github", feature = "sqlite"))]
pub mod answers;
#[cfg(feature = "github")]
pub mod bootstrap;
pub mod clock;
#[cfg(feature = "github")]
pub mod forge;
#[cfg(any(feature = "memory", feature = "sqlite"))]
pub mod storage;

#[cfg(feature = "telemetry")]
/// Numbers about this process.
pub use caretaker_telemetry as telemetry;
