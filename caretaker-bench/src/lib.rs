//! How fast Caretaker is: what every measurement of `make bench` shares.
//!
//! Here live figures and what is stored of them, tables, the page and taking turns. What is
//! measured, and how, is in `benches/`, one file for each part; nothing here is a test that fails
//! by time.
#![deny(missing_docs)]

pub mod figure;
pub mod page;
pub mod report;
pub mod turns;
