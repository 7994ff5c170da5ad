//! The one error shape: a stable code, a sentence that says what to do, and nothing from inside.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde_json::json;

use super::Outcome;

/// Everything the server refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApiError {
    /// A header that must be there is not.
    MissingHeader(&'static str),
    /// The body cannot be taken; the word says why.
    InvalidBody(&'static str),
    /// There is no signature, or it is not ours.
    InvalidSignature,
    /// The allow-list does not name the sender.
    NotInAllowlist,
    /// The body is neither JSON nor a form.
    ContentType,
    /// The body is compressed.
    Compressed,
    /// The body is larger than the limit.
    TooLarge,
    /// The body did not arrive in time.
    Timeout,
    /// Our memory does not answer, or too much waits.
    Unavailable(Cause),
    /// There is no such address.
    NoSuchRoute,
    /// The address does not take this method.
    WrongMethod,
}

/// Why nothing can be taken now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Our memory does not answer.
    Store,
    /// Too much waits already.
    Backlog,
}

impl ApiError {
    fn parts(self) -> (StatusCode, &'static str, String) {
        match self {
            Self::MissingHeader(name) => (
                StatusCode::BAD_REQUEST,
                "missing_header",
                format!("the header {name} is missing; send the delivery as GitHub does"),
            ),
            Self::InvalidBody(why) => (
                StatusCode::BAD_REQUEST,
                "invalid_body",
                format!("{why}; send one JSON object"),
            ),
            Self::InvalidSignature => (
                StatusCode::UNAUTHORIZED,
                "invalid_signature",
                "the signature does not fit; set the same webhook secret on both sides".to_owned(),
            ),
            Self::NotInAllowlist => (
                StatusCode::FORBIDDEN,
                "not_in_allowlist",
                "this repository is not served here; ask the operator to list it".to_owned(),
            ),
            Self::ContentType => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "content_type",
                "set the webhook's content type to application/json, \
                 or to application/x-www-form-urlencoded"
                    .to_owned(),
            ),
            Self::Compressed => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "compressed_body",
                "compressed bodies are not taken; send it as it is".to_owned(),
            ),
            Self::TooLarge => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "body_too_large",
                "the body is larger than this server takes".to_owned(),
            ),
            Self::Timeout => (
                StatusCode::REQUEST_TIMEOUT,
                "body_timeout",
                "the body did not arrive in time; deliver it again".to_owned(),
            ),
            Self::Unavailable(Cause::Store) => (
                StatusCode::SERVICE_UNAVAILABLE,
                "store_unavailable",
                "nothing can be kept now; deliver it again later".to_owned(),
            ),
            Self::Unavailable(Cause::Backlog) => (
                StatusCode::SERVICE_UNAVAILABLE,
                "backlog_full",
                "too much waits already; deliver it again later".to_owned(),
            ),
            Self::NoSuchRoute => (
                StatusCode::NOT_FOUND,
                "no_such_route",
                "there is nothing here; webhooks go to /webhooks/github".to_owned(),
            ),
            Self::WrongMethod => (
                StatusCode::METHOD_NOT_ALLOWED,
                "wrong_method",
                "this address takes another method".to_owned(),
            ),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (status, code, message) = self.parts();
        let body = Json(json!({ "error": { "code": code, "message": message } }));
        let mut response = (status, Extension(Outcome(code)), body).into_response();
        if matches!(self, Self::Unavailable(_)) {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from_static("30"));
        }
        response
    }
}

/// The answer where no route is.
pub(super) async fn no_such_route() -> ApiError {
    ApiError::NoSuchRoute
}

/// The answer where a route takes another method.
pub(super) async fn wrong_method() -> ApiError {
    ApiError::WrongMethod
}
