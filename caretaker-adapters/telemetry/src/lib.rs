//! Numbers about this process, in Prometheus' text format.
//!
//! | Module | What |
//! |---|---|
//! | `table` | every metric, once: name, kind, labels, meaning |
//! | `record` | one function for each thing that is counted |
//! | `page` | renders `docs/metrics.md` |
//!
//! Whoever counts calls `record`, which does nothing until [`install`] has been called. Labels hold
//! words of ours only: nothing that a sender chooses makes a series.
#![deny(missing_docs)]

pub mod page;
pub mod record;
mod table;

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

pub use table::{Kind, METRICS, Metric};

/// Under which name this process counts.
const SERVICE: &str = "caretaker";

/// Why nothing is counted.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The table cannot be made into a recorder.
    #[error("the table of metrics is not one")]
    Table(#[source] BuildError),
    /// This process counts already.
    #[error("another recorder is installed in this process")]
    Installed,
}

/// What has been counted, for whoever asks.
#[derive(Clone, Debug)]
pub struct Scrape(PrometheusHandle);

/// Counts from now on, in the whole process.
///
/// # Errors
/// When something else counts in this process already.
pub fn install() -> Result<Scrape, Error> {
    let mut builder = PrometheusBuilder::new().add_global_label("service", SERVICE);
    for metric in METRICS {
        if let Kind::Histogram(buckets) = metric.kind {
            let name = Matcher::Full(metric.name.to_owned());
            builder = builder
                .set_buckets_for_metric(name, buckets)
                .map_err(Error::Table)?;
        }
    }
    let recorder = builder.build_recorder();
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder).map_err(|_taken| Error::Installed)?;
    table::describe();
    Ok(Scrape(handle))
}

impl Scrape {
    /// Everything counted so far, in the text format 0.0.4.
    pub fn text(&self) -> String {
        self.0.run_upkeep();
        self.0.render()
    }
}
