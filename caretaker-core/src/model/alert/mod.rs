//! What GitHub's scanners have found: in code, in what was pushed, among dependencies.

pub mod answer;
pub mod query;

pub use answer::{AlertAnswer, CodeAlert, DependencyAlert, SecretAlert, Severity, Validity, Watch};
pub use query::AlertQuery;
