//! What is counted. Each function is one line of the table, or two that belong together.

use std::time::Duration;

use crate::table;

/// A server of this version runs.
pub fn runs(version: &'static str) {
    metrics::gauge!(table::APP_INFO, "version" => version).set(1.0);
}

/// A request was answered; `route` is the template, or a word of ours where there is none.
pub fn answered(method: &'static str, route: String, status: u16, took: Duration) {
    let code = status.to_string();
    metrics::counter!(
        table::HTTP_REQUESTS,
        "http_method" => method, "http_route" => route.clone(), "http_status_code" => code
    )
    .increment(1);
    metrics::histogram!(table::HTTP_SECONDS, "http_method" => method, "http_route" => route)
        .record(took.as_secs_f64());
}

/// A delivery was answered. `event` is one that we know, or `other`.
pub fn delivery(event: &'static str, outcome: &'static str) {
    metrics::counter!(table::EVENTS, "event" => event, "outcome" => outcome).increment(1);
}

/// A delivery was turned away because a bound of the backlog is reached.
pub fn turned_away(bound: &'static str) {
    metrics::counter!(table::TURNED_AWAY, "bound" => bound).increment(1);
}

/// A run closed.
pub fn run(job: String, outcome: &'static str, took: Duration, since_event: Duration) {
    metrics::counter!(table::JOBS, "job" => job.clone(), "outcome" => outcome).increment(1);
    metrics::histogram!(table::JOB_SECONDS, "job" => job.clone()).record(took.as_secs_f64());
    metrics::histogram!(table::LATENCY, "job" => job).record(since_event.as_secs_f64());
}

/// An effect of a run ended.
pub fn effect(job: String, outcome: &'static str) {
    metrics::counter!(table::EFFECTS, "job" => job, "outcome" => outcome).increment(1);
}

/// An item has to come back.
pub fn put_off() {
    metrics::counter!(table::PUT_OFF).increment(1);
}

/// Something failed that somebody has to look at.
pub fn error(kind: &'static str) {
    metrics::counter!(table::ERRORS, "kind" => kind).increment(1);
}

/// How much waits, right now.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Now {
    /// Deliveries accepted and not expanded.
    pub deliveries: u64,
    /// Items that wait.
    pub waiting: u64,
    /// Items in hands.
    pub in_flight: u64,
    /// Given up.
    pub buried: u64,
    /// Age of what waits longest.
    pub oldest: Duration,
    /// How much of each bound of the backlog is used, in thousandths.
    pub backlog: [(&'static str, u64); 3],
}

/// Whether nothing is missing.
pub fn ready(ready: bool) {
    metrics::gauge!(table::READY).set(if ready { 1.0 } else { 0.0 });
}

/// Sets what goes up and down.
pub fn now(now: &Now) {
    let queues = [
        ("deliveries", now.deliveries),
        ("waiting", now.waiting),
        ("in_flight", now.in_flight),
        ("buried", now.buried),
    ];
    for (queue, depth) in queues {
        metrics::gauge!(table::DEPTH, "queue" => queue).set(float(depth));
    }
    metrics::gauge!(table::OLDEST).set(now.oldest.as_secs_f64());
    for (bound, used) in now.backlog {
        metrics::gauge!(table::BACKLOG, "bound" => bound).set(float(used) / 1_000.0);
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts of what fits into a store are far below 2^53"
)]
fn float(n: u64) -> f64 {
    n as f64
}
