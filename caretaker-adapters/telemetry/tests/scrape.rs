//! What is counted comes out, and nothing comes out that the table does not name.

use std::collections::BTreeSet;
use std::time::Duration;

use caretaker_telemetry::record::{self, Now};
use caretaker_telemetry::{Kind, METRICS};

#[test]
fn every_metric_comes_out_as_the_table_names_it() {
    let scrape = caretaker_telemetry::install().expect("nobody else counts here");
    assert!(caretaker_telemetry::install().is_err(), "once in a process");
    let second = Duration::from_secs(1);
    record::runs("1.2.3");
    record::answered("POST", "/webhooks/github".to_owned(), 202, second);
    record::delivery("push", "accepted");
    record::delivery("push", "accepted");
    record::run("pr".to_owned(), "decided", second, 3 * second);
    record::effect("pr".to_owned(), "changed");
    record::put_off();
    record::turned_away("age");
    record::error("store");
    record::ready(true);
    record::now(&Now {
        deliveries: 5,
        backlog: [("count", 500), ("bytes", 0), ("age", 1_000)],
        oldest: second,
        ..Now::default()
    });
    let text = scrape.text();
    for line in [
        "caretaker_webhook_events_total{service=\"caretaker\",event=\"push\",outcome=\"accepted\"} 2",
        "caretaker_backlog_used_ratio{service=\"caretaker\",bound=\"count\"} 0.5",
        "caretaker_backlog_used_ratio{service=\"caretaker\",bound=\"age\"} 1",
        "caretaker_backlog_refused_total{service=\"caretaker\",bound=\"age\"} 1",
        "worker_job_duration_seconds_bucket{service=\"caretaker\",job=\"pr\",le=\"3600\"} 1",
        "caretaker_ready{service=\"caretaker\"} 1",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    let shown: BTreeSet<_> = text
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE "))
        .map(|line| line.split(' ').next().unwrap_or_default().to_owned())
        .collect();
    let named: BTreeSet<_> = METRICS.iter().map(|it| it.name.to_owned()).collect();
    assert_eq!(shown, named);
    for metric in METRICS {
        let suffix = matches!(metric.kind, Kind::Histogram(_)).then_some("_bucket");
        let series = format!("{}{}{{", metric.name, suffix.unwrap_or_default());
        let line = text.lines().find(|line| line.starts_with(&series));
        let line = line.unwrap_or_else(|| panic!("no series of {}\n{text}", metric.name));
        for label in metric.labels {
            assert!(line.contains(&format!("{label}=\"")), "{label}: {line}");
        }
    }
}
