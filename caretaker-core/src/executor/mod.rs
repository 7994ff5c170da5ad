//! Who writes code: the plan for one task, from labels, configuration and what is known about it.
//!
//! [`select`] is pure and total: every request under every configuration gives a [`Plan`], which
//! either lists whom to ask, in order and never nobody, or refuses and says why. Nothing is
//! dispatched here, and nobody is asked anything.
//!
//! Order (decisions §7, seed "Event pipeline"): quarantine refuses; then a label by which somebody
//! with write access chose; then the provider of the feature, else the general one, and the
//! feature's fallbacks; then Copilot, who is always last.

mod check;
mod feature;
mod label;
mod limits;
mod params;
mod plan;
mod provider;
mod registry;
mod risk;
mod select;
mod size;
mod task;

#[cfg(test)]
mod tests;

pub use self::check::{Finding, findings};
pub use self::feature::Feature;
pub use self::label::{Heard, Labelled, Setter};
pub use self::limits::Against;
pub use self::params::Params;
pub use self::plan::{Chain, Link, Outcome, Plan, Refusal, Source, Step, Verdict};
pub use self::provider::Provider;
pub use self::risk::{Risk, Tag};
pub use self::select::{Request, select};
pub use self::size::Size;
pub use self::task::TaskType;

/// Names are compared in small letters and with `_` for `-` (spec 04 §2.3).
fn normal(name: &str) -> String {
    name.to_lowercase().replace('-', "_")
}
