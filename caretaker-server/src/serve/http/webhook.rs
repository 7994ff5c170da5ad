//! `POST /webhooks/github`: accepts a delivery once and for all, or says why not.
//!
//! Order: size → headers → kind of body → signature over the raw bytes while they stream in → envelope →
//! allow-list → one durable commit → 202. Nothing is interpreted here, and nothing that was
//! answered with 202 can be lost.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use caretaker_core::intake::{self, Headers, RejectedBody, SIGNATURE_HEADER, Verdict};
use caretaker_core::model::{Delivery, DeliveryHeaders};
use caretaker_core::ports::{Write, Wrote};
use futures_util::StreamExt;
use serde_json::json;
use tokio::sync::SemaphorePermit;

use super::{ApiError, Cause, Door, Outcome};

/// A body up to so many bytes costs nothing of the budget for bodies; almost all are smaller, and
/// there are never more of them than connections.
const SMALL: usize = 64 * 1024;
/// A larger one is paid for in steps of this, as it arrives: announcing costs nobody anything.
const STEP_KIB: u32 = 256;

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

    let form = form(&headers)?;
    let reading = read(&door, body, announced, &named, &signature);
    // Its share of the budget is held for as long as its bytes.
    let (bytes, _share) = tokio::time::timeout(door.body_timeout, reading)
        .await
        .map_err(|_elapsed| ApiError::Timeout)??;
    let envelope = if form {
        let json = intake::form_payload(&bytes).ok_or(ApiError::InvalidBody(
            "the form has not exactly one well-formed field `payload`",
        ))?;
        intake::envelope(&named, &json)
    } else {
        intake::envelope(&named, &bytes)
    };
    let envelope = envelope.map_err(|why| rejected(&why))?;
    if named.event == "ping" {
        let answer = json!({ "delivery": named.guid, "status": "pong" });
        return Ok((Extension(Outcome("pong")), Json(answer)).into_response());
    }
    if door.allow_list.verdict(&envelope) == Verdict::Unlisted {
        door.vitals.turned_unlisted_away();
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

/// Whether the body is a form; other kinds than GitHub's two are refused, and so is what is
/// compressed, because the signature is that of the bytes as they are and nothing is unpacked here.
fn form(headers: &HeaderMap) -> Result<bool, ApiError> {
    let encoding = headers.get(header::CONTENT_ENCODING);
    if encoding.is_some_and(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Err(ApiError::Compressed);
    }
    let Some(kind) = headers.get(header::CONTENT_TYPE) else {
        return Ok(false);
    };
    let kind = kind.as_bytes().split(|byte| *byte == b';').next();
    let kind = kind.unwrap_or_default().trim_ascii();
    if kind.eq_ignore_ascii_case(b"application/json") {
        Ok(false)
    } else if kind.eq_ignore_ascii_case(b"application/x-www-form-urlencoded") {
        Ok(true)
    } else {
        Err(ApiError::ContentType)
    }
}

/// Reads the body, hashing while it streams in; never holds more than the limit. Gives what it
/// took of the budget for bodies along.
async fn read<'a>(
    door: &'a Door,
    body: Body,
    announced: Option<usize>,
    headers: &Headers<'_>,
    signature: &str,
) -> Result<(Vec<u8>, Vec<SemaphorePermit<'a>>), ApiError> {
    let mut verifier = door.secrets.verifier(headers);
    let announced = announced.unwrap_or(0);
    let mut bytes = Vec::with_capacity(announced.min(SMALL));
    let (mut shares, mut paid) = (Vec::new(), SMALL);
    let mut stream = body.into_data_stream();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_cut| ApiError::InvalidBody("the body was cut short"))?;
        let length = bytes.len() + chunk.len();
        if length > door.max_body {
            return Err(ApiError::TooLarge);
        }
        while length > paid {
            let share = door.body_budget.acquire_many(STEP_KIB).await;
            shares.push(share.map_err(|_closed| ApiError::Unavailable(Cause::Store))?);
            paid += STEP_KIB as usize * 1024;
        }
        if length > bytes.capacity() && announced > length {
            // At once, so that growing never holds it twice.
            bytes.reserve_exact(announced - bytes.len());
        }
        verifier.update(&chunk);
        bytes.extend_from_slice(&chunk);
    }
    verifier
        .finish(signature)
        .map_err(|_problem| ApiError::InvalidSignature)?;
    Ok((bytes, shares))
}

/// Keeps the delivery; durable when it returns.
async fn accept(door: &Door, delivery: Delivery) -> Result<&'static str, ApiError> {
    let write = Write::Accept {
        delivery: Box::new(delivery),
        limits: door.backlog,
    };
    match door.ports.storage.commit(None, vec![write]).await {
        Ok(results) => {
            door.vitals.store_answered();
            match results.first() {
                Some(Wrote::Accepted) => {
                    door.vitals.backlog_took();
                    door.news.notify_one();
                    Ok("accepted")
                }
                Some(Wrote::Duplicate) => Ok("duplicate"),
                Some(Wrote::Backlog(bound)) => {
                    door.vitals.backlog_full(*bound);
                    Err(ApiError::Unavailable(Cause::Backlog))
                }
                other => {
                    tracing::error!(?other, "the store answered what it was not asked");
                    Err(ApiError::Unavailable(Cause::Store))
                }
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
