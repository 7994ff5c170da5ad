//! `GET /health`: the process answers. `GET /ready`: work is taken and done, or what is missing.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::Door;

/// The process lives.
pub(super) async fn health() -> Response {
    Json(json!({ "status": "ok" })).into_response()
}

/// Whether deliveries are accepted and handled; names every part that is not as it should be.
pub(super) async fn ready(State(door): State<Arc<Door>>) -> Response {
    let writable = door.ports.storage.depth().await;
    match &writable {
        Ok(_) => {}
        Err(error) => tracing::warn!(error = %error, "the store does not answer"),
    }
    let report = door
        .vitals
        .report(writable.is_ok(), door.ports.clock.monotonic());
    let status = if report.missing.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let body = json!({
        "ready": report.missing.is_empty(),
        "missing": report.missing,
        "notes": report.notes,
    });
    (status, Json(body)).into_response()
}
