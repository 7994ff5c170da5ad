//! `GET /health`: the process answers. `GET /ready`: work is taken and done, or what is missing.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use caretaker_core::model::{Pause, RepoKey};
use caretaker_core::ports::PortError;
use serde_json::json;

use super::Door;

/// The process lives.
pub(super) async fn health() -> Response {
    Json(json!({ "status": "ok" })).into_response()
}

/// Whether deliveries are accepted and handled; names every part that is not as it should be.
pub(super) async fn ready(State(door): State<Arc<Door>>) -> Response {
    let (depth, report) = door.look().await;
    let pauses = door.ports.storage.pauses().await;
    if let Err(error) = depth {
        tracing::warn!(error = %error, "the store does not answer");
    }
    let mut notes = report.notes.clone();
    notes.extend(paused(&pauses));
    match door.vitals.unlisted() {
        0 => {}
        n => notes.push(format!(
            "{n} deliveries since the start were not in the allow-list; see webhook.allow_list"
        )),
    }
    let status = if report.missing.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let body = json!({
        "ready": report.missing.is_empty(),
        "missing": report.missing,
        "notes": notes,
    });
    (status, Json(body)).into_response()
}

/// What operators have paused, without names: anybody may ask.
fn paused(pauses: &Result<Vec<(Option<RepoKey>, Pause)>, PortError>) -> Option<String> {
    let Ok(pauses) = pauses else {
        return Some("whether anything is paused is not known; see the log".to_owned());
    };
    if pauses.iter().any(|(repo, _)| repo.is_none()) {
        return Some("everything is paused; `caretaker resume` ends it".to_owned());
    }
    match pauses.len() {
        0 => None,
        1 => Some("a repository is paused; `caretaker status` names it".to_owned()),
        n => Some(format!(
            "{n} repositories are paused; `caretaker status` names them"
        )),
    }
}

#[cfg(test)]
mod tests {
    use caretaker_core::model::Timestamp;
    use caretaker_core::ports::Kind;

    use super::*;

    #[test]
    fn pauses_are_told_without_names() {
        let pause = |repo: Option<u64>| {
            let pause = Pause {
                at: Timestamp::from_millis(0),
                by: "alice".to_owned(),
                why: Some("secret".to_owned()),
            };
            (repo.map(RepoKey::github), pause)
        };
        let note = |pauses| paused(&Ok(pauses));
        assert_eq!(note(Vec::new()), None);
        let one = note(vec![pause(Some(1))]).unwrap();
        assert!(one.starts_with("a repository"), "{one}");
        let two = note(vec![pause(Some(1)), pause(Some(2))]).unwrap();
        assert!(two.starts_with("2 repositories"), "{two}");
        let all = note(vec![pause(None), pause(Some(2))]).unwrap();
        assert!(all.starts_with("everything"), "{all}");
        let failed = Err(PortError::new("state.pauses", Kind::Unavailable));
        assert!(paused(&failed).unwrap().contains("not known"));
    }
}
