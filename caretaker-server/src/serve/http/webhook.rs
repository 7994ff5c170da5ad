//! `POST /webhooks/github`: accepts a delivery once and for all, or says why not.
//!
//! Order: size → headers → signature over the raw bytes while they stream in → envelope →
//! allow-list → one durable commit → 202. Nothing is interpreted here, and nothing that was
//! answered with 202 can be lost.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use caretaker_core::intake::{self, Headers, RejectedBody, SIGNATURE_HEADER, Verdict, Verifier};
use caretaker_core::model::{Delivery, DeliveryHeaders};
use caretaker_core::ports::{Write, Wrote};
use futures_util::StreamExt;
use serde_json::json;

use super::{ApiError, Cause, Door, Outcome};

/// How long a body may take to arrive.
const BODY_DEADLINE: Duration = Duration::from_secs(30);

/// Receives one delivery.
pub(super) async fn receive(
    State(door): State<Arc<Door>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok())
        .and_then(|length| length.parse::<usize>().ok());
    if announced.is_some_and(|length| length > door.max_body) {
        return Err(ApiError::TooLarge);
    }
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    // A value that is no text cannot be a signature; it is treated like a wrong one.
    let signature = text(SIGNATURE_HEADER)
        .ok_or(ApiError::InvalidSignature)?
        .to_owned();
    let named = Headers::read(text).map_err(|missing| ApiError::MissingHeader(missing.0))?;

    let reading = read(&door, body, announced, &signature);
    let bytes = tokio::time::timeout(BODY_DEADLINE, reading)
        .await
        .map_err(|_elapsed| ApiError::Timeout)??;
    let envelope = intake::envelope(&named, &bytes).map_err(|why| rejected(&why))?;
    if named.event == "ping" {
        let answer = json!({ "delivery": named.guid, "status": "pong" });
        return Ok((Extension(Outcome("pong")), Json(answer)).into_response());
    }
    if door.allow_list.verdict(&envelope) == Verdict::Unlisted {
        return Err(ApiError::NotInAllowlist);
    }
    let kept = DeliveryHeaders {
        event: named.event.to_ascii_lowercase(),
        guid: named.guid.to_owned(),
        hook_id: named.hook_id.map(ToOwned::to_owned),
        target_type: named.hook_target_type.map(ToOwned::to_owned),
        target_id: named.hook_target_id.map(ToOwned::to_owned),
    };
    let delivery = Delivery::new(kept, door.ports.clock.now(), envelope, bytes);
    let status = accept(&door, delivery).await?;
    let answer = json!({ "delivery": named.guid, "status": status });
    Ok((
        StatusCode::ACCEPTED,
        Extension(Outcome(status)),
        Json(answer),
    )
        .into_response())
}

/// Reads the body, hashing while it streams in; never holds more than the limit.
async fn read(
    door: &Door,
    body: Body,
    announced: Option<usize>,
    signature: &str,
) -> Result<Vec<u8>, ApiError> {
    let share = announced.unwrap_or(door.max_body).min(door.max_body) / 1024 + 1;
    let share = u32::try_from(share).unwrap_or(u32::MAX);
    let _held = door
        .body_budget
        .acquire_many(share)
        .await
        .map_err(|_closed| ApiError::Unavailable(Cause::Store))?;
    let mut verifier = Verifier::new(door.secret.expose().as_bytes());
    let mut bytes = Vec::with_capacity(announced.unwrap_or(0));
    let mut stream = body.into_data_stream();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_cut| ApiError::InvalidBody("the body was cut short"))?;
        if bytes.len() + chunk.len() > door.max_body {
            return Err(ApiError::TooLarge);
        }
        verifier.update(&chunk);
        bytes.extend_from_slice(&chunk);
    }
    verifier
        .finish(signature)
        .map_err(|_problem| ApiError::InvalidSignature)?;
    Ok(bytes)
}

/// Keeps the delivery; durable when it returns.
async fn accept(door: &Door, delivery: Delivery) -> Result<&'static str, ApiError> {
    let write = Write::Accept {
        delivery: Box::new(delivery),
        limit: door.backlog_limit,
    };
    match door.ports.storage.commit(None, vec![write]).await {
        Ok(results) => {
            door.vitals.store_answered();
            match results.first() {
                Some(Wrote::Accepted) => {
                    door.news.notify_one();
                    Ok("accepted")
                }
                Some(Wrote::Duplicate) => Ok("duplicate"),
                _ => Err(ApiError::Unavailable(Cause::Backlog)),
            }
        }
        Err(error) => {
            door.vitals.store_failed();
            tracing::error!(error = %error, "could not keep a delivery");
            Err(ApiError::Unavailable(Cause::Store))
        }
    }
}

fn rejected(why: &RejectedBody) -> ApiError {
    ApiError::InvalidBody(match why {
        RejectedBody::NotUtf8 => "the body is not UTF-8",
        RejectedBody::NotJson => "the body is not JSON",
        RejectedBody::NotAnObject => "the body is not an object",
        RejectedBody::TooDeep => "the body is nested too deeply",
        RejectedBody::Duplicate(_) => "the body names a field twice",
    })
}
