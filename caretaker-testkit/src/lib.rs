//! What tests of this workspace share: the simulated GitHub, stories, conformance suites.
#![deny(missing_docs)]

pub mod clock;
pub mod conformance;
pub mod cost;
pub mod faulty;
pub mod fresh;
pub mod samples;
pub mod story;
pub mod world;
