//! Time without sleeping: which windows are due.

pub mod cadence;
