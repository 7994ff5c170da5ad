//! The log of the App's webhooks: pages with cursors, what was sent, and sending it again.

use std::collections::BTreeMap;

use caretaker_core::{
    intake::Headers,
    model::{
        DeliveryHeaders, InstallationId, RepoKey,
        app::{Attempt, AttemptId, LogPage, Logged},
    },
    ports::{Kind, PortError},
};
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use crate::{
    address::escape,
    auth::Whom,
    client::{Client, Request},
    error::unintelligible,
    pages::{self, Next},
    shape::When,
};

const LOG: &str = "/app/hook/deliveries";

#[derive(Deserialize)]
struct AttemptShape {
    id: u64,
    guid: String,
    delivered_at: When,
    #[serde(default)]
    redelivery: bool,
    /// 0 where nothing is known of an answer.
    #[serde(default)]
    status_code: u16,
    event: String,
    installation_id: Option<u64>,
    repository_id: Option<u64>,
}

#[derive(Deserialize)]
struct SentShape {
    request: Option<RequestShape>,
}

#[derive(Deserialize)]
struct RequestShape {
    headers: Option<BTreeMap<String, Value>>,
    payload: Option<Box<RawValue>>,
}

impl AttemptShape {
    fn fact(self) -> Attempt {
        Attempt {
            id: AttemptId::new(self.id),
            guid: self.guid,
            at: self.delivered_at.0,
            repeat: self.redelivery,
            status: self.status_code,
            event: self.event.to_ascii_lowercase(),
            installation: self.installation_id.map(InstallationId::new),
            repo: self.repository_id.map(RepoKey::github),
        }
    }
}

/// One page; the cursor is the one of GitHub's `Link`.
pub(super) async fn page(client: &Client, cursor: Option<&str>) -> Result<LogPage, PortError> {
    const OP: &str = "app.read.deliveries";
    let mut path = format!("{LOG}?per_page=100");
    if let Some(cursor) = cursor {
        path.extend(["&cursor=", &escape(cursor)]);
    }
    let reply = client.send(Whom::App, &Request::read(OP, path)).await?;
    let rows: Vec<AttemptShape> = reply.parse(OP)?;
    let unread = || unintelligible(OP, "the next page of the log cannot be found");
    let next = match pages::next(client.base(), reply.link.as_deref()) {
        Next::None => None,
        Next::At(path) => Some(cursor_in(&path).ok_or_else(unread)?),
        Next::Unknown => return Err(unread()),
    };
    // It would be read for ever.
    if next.is_some() && next.as_deref() == cursor {
        return Err(unread());
    }
    Ok(LogPage {
        rows: rows.into_iter().map(AttemptShape::fact).collect(),
        next,
    })
}

/// What one attempt sent.
pub(super) async fn sent(client: &Client, attempt: AttemptId) -> Result<Logged, PortError> {
    const OP: &str = "app.read.delivery";
    let request = Request::read(OP, format!("{LOG}/{attempt}"));
    let sent: SentShape = client.send(Whom::App, &request).await?.parse(OP)?;
    let Some(request) = sent.request else {
        return Ok(Logged {
            headers: None,
            body: None,
        });
    };
    Ok(Logged {
        headers: request.headers.as_ref().and_then(headers),
        body: request
            .payload
            .filter(|payload| payload.get() != "null")
            .map(|payload| payload.get().as_bytes().to_vec()),
    })
}

/// Asks for another attempt.
pub(super) async fn again(client: &Client, attempt: AttemptId) -> Result<(), PortError> {
    const OP: &str = "app.redeliver.delivery";
    let path = format!("{LOG}/{attempt}/attempts");
    let request = Request::write(OP, Method::POST, path, None);
    match client.send(Whom::App, &request).await {
        Ok(_) => Ok(()),
        Err(error) if error.kind == Kind::Refused(404) => Err(PortError {
            kind: Kind::NotFound,
            ..error
        }),
        Err(error) => Err(error),
    }
}

/// The headers as the door reads them; the same ones are required.
fn headers(listed: &BTreeMap<String, Value>) -> Option<DeliveryHeaders> {
    let named = |name: &str| {
        let mut listed = listed.iter();
        let found = listed.find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.and_then(|(_, value)| value.as_str())
    };
    Headers::read(named).ok().map(DeliveryHeaders::from)
}

fn cursor_in(path: &str) -> Option<String> {
    let (path, query) = path.split_once('?')?;
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    let cursor = pairs.find(|(name, _)| name == "cursor");
    let cursor = cursor.map(|(_, cursor)| cursor.into_owned());
    cursor.filter(|cursor| path == LOG && !cursor.is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_cursor_is_taken_from_the_log_only() {
        let found = cursor_in("/app/hook/deliveries?per_page=100&cursor=v1_7%3D");
        assert_eq!(found.as_deref(), Some("v1_7="));
        for path in [
            "/app/hook/deliveries?per_page=100",
            "/app/hook/deliveries?cursor=",
            "/app/installations?cursor=v1_7",
        ] {
            assert_eq!(cursor_in(path), None, "{path}");
        }
    }

    #[test]
    fn an_attempt_without_an_answer_did_not_arrive() {
        let row = json!({"id": 42, "guid": "g", "delivered_at": "2021-05-12T20:33:44Z",
            "redelivery": false, "duration": 0.03, "status": "failed to connect",
            "event": "Issues", "action": null, "installation_id": null, "repository_id": null});
        let row: AttemptShape = serde_json::from_value(row).unwrap();
        let row = row.fact();
        assert!(!row.arrived());
        assert_eq!((row.status, row.event.as_str()), (0, "issues"));
    }

    #[test]
    fn headers_that_do_not_name_the_delivery_are_none() {
        let read = |value: Value| headers(&serde_json::from_value(value).unwrap());
        let told = read(json!({"x-github-event": "push", "X-GitHub-Delivery": "g",
            "X-GitHub-Hook-ID": "42", "Accept": "*/*"}))
        .unwrap();
        assert_eq!(told.hook_id.as_deref(), Some("42"));
        assert_eq!(read(json!({"X-GitHub-Event": "push"})), None);
        assert_eq!(
            read(json!({"X-GitHub-Event": 5, "X-GitHub-Delivery": "g"})),
            None
        );
    }
}
