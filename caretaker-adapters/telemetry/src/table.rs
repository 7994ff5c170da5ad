//! Every metric, once.

/// One metric.
#[derive(Debug)]
pub struct Metric {
    /// As Prometheus knows it.
    pub name: &'static str,
    /// What it is.
    pub kind: Kind,
    /// Labels of each series, beside `service`.
    pub labels: &'static [&'static str],
    /// What it tells.
    pub help: &'static str,
}

/// What a metric is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// Grows.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Values by buckets with these upper bounds, in seconds.
    Histogram(&'static [f64]),
}

/// Answers over HTTP.
const QUICK: &[f64] = &[
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];
/// What may take as long as a coding agent does.
const SLOW: &[f64] = &[
    0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3_600.0,
];

pub(crate) const APP_INFO: &str = "app_info";
pub(crate) const HTTP_REQUESTS: &str = "http_server_requests_total";
pub(crate) const HTTP_SECONDS: &str = "http_server_request_duration_seconds";
pub(crate) const EVENTS: &str = "caretaker_webhook_events_total";
pub(crate) const JOBS: &str = "worker_jobs_total";
pub(crate) const JOB_SECONDS: &str = "worker_job_duration_seconds";
pub(crate) const LATENCY: &str = "caretaker_event_latency_seconds";
pub(crate) const EFFECTS: &str = "caretaker_effects_total";
pub(crate) const PUT_OFF: &str = "caretaker_items_put_off_total";
pub(crate) const DEPTH: &str = "worker_queue_depth";
pub(crate) const OLDEST: &str = "caretaker_queue_oldest_seconds";
pub(crate) const BACKLOG: &str = "caretaker_backlog_used_ratio";
pub(crate) const TURNED_AWAY: &str = "caretaker_backlog_refused_total";
pub(crate) const READY: &str = "caretaker_ready";
pub(crate) const ERRORS: &str = "caretaker_errors_total";

/// Every metric, in the order of the page.
pub const METRICS: &[Metric] = &[
    Metric {
        name: APP_INFO,
        kind: Kind::Gauge,
        labels: &["version"],
        help: "1, with the version that runs",
    },
    Metric {
        name: READY,
        kind: Kind::Gauge,
        labels: &[],
        help: "1 while `/ready` says that nothing is missing",
    },
    Metric {
        name: HTTP_REQUESTS,
        kind: Kind::Counter,
        labels: &["http_method", "http_route", "http_status_code"],
        help: "requests answered, by the route's template",
    },
    Metric {
        name: HTTP_SECONDS,
        kind: Kind::Histogram(QUICK),
        labels: &["http_method", "http_route"],
        help: "from a request's head to its answer",
    },
    Metric {
        name: EVENTS,
        kind: Kind::Counter,
        labels: &["event", "outcome"],
        help: "deliveries by what the door answered; an event that nobody listens to is `other`",
    },
    Metric {
        name: BACKLOG,
        kind: Kind::Gauge,
        labels: &["bound"],
        help: "how much of what may wait is used, by `count`, `bytes` and `age`; at 1 the door \
               answers 503",
    },
    Metric {
        name: TURNED_AWAY,
        kind: Kind::Counter,
        labels: &["bound"],
        help: "deliveries answered with 503 because that bound was reached",
    },
    Metric {
        name: DEPTH,
        kind: Kind::Gauge,
        labels: &["queue"],
        help: "deliveries not expanded, items waiting, in hands, and given up",
    },
    Metric {
        name: OLDEST,
        kind: Kind::Gauge,
        labels: &[],
        help: "age of what waits longest; 0 when nothing waits",
    },
    Metric {
        name: JOBS,
        kind: Kind::Counter,
        labels: &["job", "outcome"],
        help: "closed runs by agent and outcome",
    },
    Metric {
        name: JOB_SECONDS,
        kind: Kind::Histogram(SLOW),
        labels: &["job"],
        help: "from a run's beginning to its end",
    },
    Metric {
        name: LATENCY,
        kind: Kind::Histogram(SLOW),
        labels: &["job"],
        help: "from an event to the end of its run",
    },
    Metric {
        name: EFFECTS,
        kind: Kind::Counter,
        labels: &["job", "outcome"],
        help: "effects on the forge: `changed`, `unchanged`, `refused`, `not_performed`, `unknown`",
    },
    Metric {
        name: PUT_OFF,
        kind: Kind::Counter,
        labels: &[],
        help: "items that have to come back later",
    },
    Metric {
        name: ERRORS,
        kind: Kind::Counter,
        labels: &["kind"],
        help: "failures that somebody has to look at",
    },
];

/// Tells the recorder what each is for.
pub(crate) fn describe() {
    for metric in METRICS {
        match metric.kind {
            Kind::Counter => metrics::describe_counter!(metric.name, metric.help),
            Kind::Gauge => metrics::describe_gauge!(metric.name, metric.help),
            Kind::Histogram(_) => metrics::describe_histogram!(metric.name, metric.help),
        }
    }
}
