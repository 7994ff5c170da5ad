//! Counts every answer, and every delivery by what came of it.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{MatchedPath, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;
use caretaker_core::intake;
use caretaker_wiring::telemetry::record;

use super::Door;

/// What came of a delivery, on the answer to it: the code of an error, or how it was accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome(pub &'static str);

/// Where no route is.
const UNMATCHED: &str = "<unmatched>";

/// Answers, and counts the answer.
pub(super) async fn counted(
    State(door): State<Arc<Door>>,
    request: Request,
    next: Next,
) -> Response {
    let began = door.ports.clock.monotonic();
    let path = request.extensions().get::<MatchedPath>();
    let route = path.map_or(UNMATCHED, MatchedPath::as_str).to_owned();
    let method = word(request.method());
    let named = request.headers().get("x-github-event");
    let event = named
        .and_then(|value| value.to_str().ok())
        .and_then(|name| intake::event_name(name.trim()))
        .unwrap_or("other");
    let response = next.run(request).await;
    let took = (door.ports.clock.monotonic() - began).as_millis();
    let took = Duration::from_millis(u64::try_from(took).unwrap_or(0));
    if let Some(Outcome(outcome)) = response.extensions().get()
        && route == super::WEBHOOKS
    {
        record::delivery(event, outcome);
    }
    record::answered(method, route, response.status().as_u16(), took);
    response
}

/// A sender may invent methods; what is counted may not grow by that.
fn word(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::HEAD => "HEAD",
        _ => "other",
    }
}
