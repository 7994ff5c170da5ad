//! The few answers of GitHub that one pass of `stale` asks for, and a list of what was asked.

use std::sync::{Arc, Mutex};

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// A GitHub with one repository, `octo/repo`, and one forgotten issue, number 7.
pub(crate) struct GitHub {
    url: String,
    seen: Arc<Seen>,
    _server: JoinSet<()>,
}

/// What was asked, and what happens when something is asked.
#[derive(Default)]
struct Seen {
    asked: Mutex<Vec<String>>,
    when: Mutex<Option<(&'static str, Act)>>,
}

type Act = Box<dyn FnOnce() + Send>;

/// `safety: {mode: act}` and `stale_agent: {enabled: true}` in base64.
const CONFIG: &str = "c2FmZXR5OiB7bW9kZTogYWN0fQpzdGFsZV9hZ2VudDoge2VuYWJsZWQ6IHRydWV9Cg==";

impl GitHub {
    pub(crate) async fn start() -> Self {
        let seen = Arc::new(Seen::default());
        let router = Router::new().fallback(answer).with_state(Arc::clone(&seen));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let mut server = JoinSet::new();
        server.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            url,
            seen,
            _server: server,
        }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// What was asked, as `GET /path`.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.seen.asked.lock().unwrap().clone()
    }

    /// Does something once, before the given path is answered; the answer waits for it.
    pub(crate) fn when(&self, path: &'static str, act: impl FnOnce() + Send + 'static) {
        *self.seen.when.lock().unwrap() = Some((path, Box::new(act)));
    }
}

async fn answer(State(seen): State<Arc<Seen>>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let act = {
        let mut when = seen.when.lock().unwrap();
        when.take_if(|(awaited, _)| *awaited == path)
    };
    if let Some((_, act)) = act {
        tokio::task::spawn_blocking(act).await.unwrap();
    }
    seen.asked
        .lock()
        .unwrap()
        .push(format!("{} {path}", request.method()));
    let Some(rest) = path.strip_prefix("/repos/octo/repo") else {
        return match path.as_str() {
            "/user" => Json(json!({"id": 9, "login": "me"})).into_response(),
            "/rate_limit" => Json(json!({})).into_response(),
            _ => missing(),
        };
    };
    let answer = match rest {
        "" => json!({"id": 42, "name": "repo", "full_name": "octo/repo",
            "default_branch": "main", "owner": {"id": 1, "login": "octo"}}),
        "/commits" => json!([{"sha": "a".repeat(40)}]),
        "/contents/.github/maintainer/config.yml" => {
            json!({"type": "file", "encoding": "base64", "content": CONFIG})
        }
        "/issues" => json!([issue()]),
        "/issues/7" => issue(),
        "/issues/7/timeline" => json!([]),
        _ => return missing(),
    };
    Json(answer).into_response()
}

fn issue() -> Value {
    json!({"number": 7, "state": "open", "user": {"id": 5, "login": "ann", "type": "User"},
        "labels": [], "created_at": "2020-01-01T00:00:00Z", "updated_at": "2020-01-01T00:00:00Z"})
}

fn missing() -> Response {
    (StatusCode::NOT_FOUND, Json(json!({"message": "Not Found"}))).into_response()
}
