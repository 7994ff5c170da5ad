//! Adapters put together: one file per port, one arm per backend, one cargo feature per adapter.
#![deny(missing_docs)]

#[cfg(feature = "github")]
pub mod bootstrap;
#[cfg(feature = "github")]
pub mod forge;
