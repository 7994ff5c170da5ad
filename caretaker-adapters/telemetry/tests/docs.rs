//! The generated page says what the table says.

use caretaker_testkit::fresh;

#[test]
fn the_page_of_metrics_is_fresh() {
    fresh::page("docs/metrics.md", &caretaker_telemetry::page::render());
}
