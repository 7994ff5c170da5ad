//! Requests and answers as bytes and headers, free of any server library.

use caretaker_core::model::Span;
use serde_json::{Value, json};

use crate::world::limit::points_of;
use crate::world::spoil::Spoil;
use crate::world::state::State;
use crate::world::trouble::Trouble;

pub(super) const DOCS: &str = "https://docs.github.com/rest";

/// A request.
#[derive(Clone, Debug, Default)]
pub struct Incoming {
    /// In capitals.
    pub method: String,
    /// Path and query as they stand in the request line.
    pub target: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The bytes.
    pub body: Vec<u8>,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// Its status.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// The bytes.
    pub body: Vec<u8>,
    /// What the socket is to do to it.
    pub spoil: Option<Spoil>,
}

impl Incoming {
    pub(in crate::world) fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    pub(super) fn query(&self) -> &str {
        self.target
            .split_once('?')
            .map(|(_, query)| query)
            .unwrap_or_default()
    }

    pub(in crate::world) fn header(&self, name: &str) -> Option<&String> {
        let named = self.headers.iter().find(|(known, _)| known == name);
        named.map(|(_, value)| value)
    }

    /// The body as JSON; `Null` where there is none.
    pub(super) fn json(&self) -> Result<Value, Trouble> {
        if self.body.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&self.body).map_err(|error| {
            Trouble::new(400, format!("Problems parsing JSON: {error}")).violation()
        })
    }
}

impl Outgoing {
    pub(in crate::world) fn json(status: u16, body: &Value) -> Self {
        Self {
            status,
            headers: vec![
                ("content-type", "application/json; charset=utf-8".to_owned()),
                ("x-github-media-type", "github.v3; format=json".to_owned()),
                ("x-github-api-version-selected", "2022-11-28".to_owned()),
            ],
            body: body.to_string().into_bytes(),
            spoil: None,
        }
    }

    pub(super) fn text(status: u16, media: &'static str, text: String) -> Self {
        let mut out = Self::json(status, &Value::Null);
        out.headers[0] = ("content-type", format!("{media}; charset=utf-8"));
        out.body = text.into_bytes();
        out
    }

    /// The body as a value; `Null` when empty.
    pub fn value(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        let named = self.headers.iter().find(|(known, _)| *known == name);
        named.map(|(_, value)| value.as_str())
    }

    /// Says what is left of the credential's hour, of requests or of points.
    pub(super) fn limits(&mut self, state: &mut State, login: &str, graphql: bool) {
        let now = state.now;
        let (key, resource) = if graphql {
            (points_of(login), "graphql")
        } else {
            (login.to_owned(), "core")
        };
        let budget = state.limits.budget(&key, now);
        self.headers.extend([
            ("x-ratelimit-limit", budget.limit.to_string()),
            ("x-ratelimit-remaining", budget.remaining().to_string()),
            ("x-ratelimit-used", budget.used.to_string()),
            ("x-ratelimit-reset", budget.reset.as_seconds().to_string()),
            ("x-ratelimit-resource", resource.to_owned()),
        ]);
    }
}

/// An error in GitHub's shape.
pub(super) fn refusal(trouble: &Trouble) -> Outgoing {
    let body = json!({
        "message": trouble.message,
        "documentation_url": DOCS,
        "status": trouble.status.to_string(),
    });
    let mut out = Outgoing::json(trouble.status, &body);
    // Of an exhausted hour (403) GitHub tells the reset instead.
    if trouble.status == 429 {
        let wait = trouble.retry_after.map(Span::whole_seconds);
        out.headers
            .extend(wait.map(|seconds| ("retry-after", seconds.to_string())));
    }
    out
}
