//! A server whose answers a test scripts, and forges that talk to it.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::Request,
    http::{HeaderMap, Method, StatusCode},
    response::Response,
};
use caretaker_core::{
    model::{AppId, InstallationId, RepoKey, RepoRef, Secret, Timestamp},
    ports::Clock,
};
use caretaker_github::{Credentials, GithubForge, GraphQl, Settings};
use caretaker_testkit::clock::VirtualClock;
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinSet};

pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);
pub(crate) const TOKEN: &str = "ghp_hunter2";
const KEY: &str = include_str!("../keys/for-tests-only.pkcs1.pem");

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: Method,
    /// Path and query.
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Seen {
    pub(crate) fn line(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }
}

/// An answer to give.
pub(crate) struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

pub(crate) fn ok(body: &Value) -> Answer {
    answer(200, body)
}

pub(crate) fn answer(status: u16, body: &Value) -> Answer {
    raw(status, body.to_string())
}

pub(crate) fn raw(status: u16, body: impl Into<Vec<u8>>) -> Answer {
    Answer {
        status,
        headers: Vec::new(),
        body: body.into(),
    }
}

impl Answer {
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// A server for one test; it ends with it.
pub(crate) struct Server {
    pub(crate) url: String,
    pub(crate) clock: VirtualClock,
    seen: Arc<Mutex<Vec<Seen>>>,
    _tasks: JoinSet<()>,
}

impl Server {
    /// Answers `/app` and `/user` itself, mints tokens, describes the repository, and leaves the
    /// rest to the test.
    pub(crate) async fn start(answer: impl Fn(&Seen) -> Answer + Send + Sync + 'static) -> Self {
        Self::bare(move |seen| match seen.path.as_str() {
            "/user" => ok(&json!({"login": "octocat", "id": 5, "type": "User"})),
            "/app" => ok(&json!({"id": 7, "slug": "caretaker"})),
            "/app/installations/9" => ok(&installation()),
            "/app/installations/9/access_tokens" => mint("ghs_1"),
            "/repos/octo/widgets" => ok(&repo_json()),
            _ => answer(seen),
        })
        .await
    }

    /// Leaves everything to the test.
    pub(crate) async fn bare(answer: impl Fn(&Seen) -> Answer + Send + Sync + 'static) -> Self {
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let (answer, log) = (Arc::new(answer), Arc::clone(&seen));
        let app = Router::new().fallback(move |request: Request| {
            let (answer, log) = (Arc::clone(&answer), Arc::clone(&log));
            async move {
                let (parts, body) = request.into_parts();
                let body = to_bytes(body, usize::MAX).await.unwrap();
                let seen = Seen {
                    method: parts.method,
                    path: parts.uri.path_and_query().unwrap().as_str().to_owned(),
                    headers: parts.headers,
                    body: serde_json::from_slice(&body).unwrap_or_default(),
                };
                log.lock().unwrap().push(seen.clone());
                let answer = answer(&seen);
                let mut response =
                    Response::builder().status(StatusCode::from_u16(answer.status).unwrap());
                for (name, value) in answer.headers {
                    response = response.header(name, value);
                }
                response.body(Body::from(answer.body)).unwrap()
            }
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let mut tasks = JoinSet::new();
        tasks.spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self {
            url,
            clock: VirtualClock::at(NOW),
            seen,
            _tasks: tasks,
        }
    }

    /// What arrived, in order.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// Lines of what arrived for the repository itself.
    pub(crate) fn lines(&self) -> Vec<String> {
        let seen = self.seen();
        let lines = seen.iter().map(Seen::line);
        lines
            .filter(|line| line.contains("/repos/octo/widgets/"))
            .collect()
    }

    pub(crate) fn writes(&self) -> Vec<String> {
        let lines = self.lines().into_iter();
        lines.filter(|line| !line.starts_with("GET")).collect()
    }

    pub(crate) fn as_user(&self) -> GithubForge {
        forge(
            &self.url,
            Credentials::Token(Secret::new(TOKEN)),
            &self.clock,
            30,
        )
    }

    pub(crate) fn as_app(&self) -> GithubForge {
        forge(&self.url, app(), &self.clock, 30)
    }
}

pub(crate) fn app() -> Credentials {
    Credentials::App {
        app_id: AppId::new(7),
        key: Secret::new(KEY),
    }
}

pub(crate) fn forge(
    url: &str,
    credentials: Credentials,
    clock: &VirtualClock,
    listing_pages: u32,
) -> GithubForge {
    drop(rustls::crypto::ring::default_provider().install_default());
    let settings = Settings {
        user_token: None,
        api_url: url.parse().unwrap(),
        graphql: GraphQl::BesideRest,
        credentials,
        // Short where a server stays silent on purpose; nothing else comes near it.
        deadline: Duration::from_secs(2),
        listing_pages,
        write_pace: Duration::ZERO,
    };
    let clock: Arc<dyn Clock> = Arc::new(clock.clone());
    GithubForge::new(settings, clock).unwrap()
}

pub(crate) fn repo() -> RepoRef {
    RepoRef {
        key: RepoKey::github(42),
        owner: "octo".to_owned(),
        name: "widgets".to_owned(),
        installation: Some(InstallationId::new(9)),
        account: None,
    }
}

pub(crate) fn repo_json() -> Value {
    json!({
        "id": 42, "name": "widgets", "default_branch": "main",
        "owner": {"login": "octo", "id": 1, "type": "Organization"},
    })
}

/// A token that ends an hour from the start.
/// Our installation, with what the guide asks owners to grant.
pub(crate) fn installation() -> Value {
    json!({
        "id": 9,
        "suspended_at": null,
        "permissions": {
            "checks": "write", "contents": "write", "issues": "write", "metadata": "read",
            "pull_requests": "write", "statuses": "read",
        },
    })
}

pub(crate) fn mint(token: &str) -> Answer {
    answer(
        201,
        &json!({"token": token, "expires_at": "2023-11-14T23:13:20Z"}),
    )
}

pub(crate) fn issue(number: u64) -> Value {
    json!({
        "number": number, "state": "open", "title": "t", "body": null,
        "user": {"login": "ann", "id": 3, "type": "User"},
        "labels": [{"name": "bug"}], "assignees": [], "milestone": null,
        "created_at": "2023-01-01T00:00:00Z", "updated_at": "2023-01-01T00:00:00Z",
    })
}
