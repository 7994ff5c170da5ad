//! Minimal deliveries for the tests of this module.

use serde_json::{Value, json};

use crate::model::{AccountId, AppId, Delivery, Event, Login, Timestamp};

use super::{Headers, Projected, Us, envelope, project};

pub(super) const SHA: &str = "6113728f27ae82c7b1a177c8d03f9e96e0adf246";
pub(super) const ZERO: &str = "0000000000000000000000000000000000000000";
pub(super) const RECEIVED: Timestamp = Timestamp::from_millis(1_700_000_000_000);

/// A stored delivery with this body under a hook and GUID of its own.
pub(super) fn delivery_of(event: &str, guid: &str, body: &[u8]) -> Delivery {
    let headers = Headers {
        event,
        guid,
        hook_id: Some("77"),
        hook_target_type: None,
        hook_target_id: None,
    };
    let envelope = envelope(&headers, body).unwrap();
    Delivery::new(headers.into(), RECEIVED, envelope, body.to_vec())
}

/// The body with a repository and a sender, where it has none.
pub(super) fn complete(mut body: Value) -> Vec<u8> {
    let fields = body.as_object_mut().unwrap();
    fields.entry("repository").or_insert_with(|| {
        json!({"id": 42, "name": "hello", "full_name": "octo/hello", "default_branch": "main",
            "owner": {"login": "octo", "id": 3}, "pushed_at": 1_557_933_657})
    });
    fields
        .entry("sender")
        .or_insert_with(|| json!({"login": "alice", "id": 5, "type": "User"}));
    serde_json::to_vec(&body).unwrap()
}

/// A comment on issue 1.
pub(super) fn comment(id: u64) -> Value {
    json!({"action": "created", "issue": {"number": 1},
        "comment": {"id": id, "created_at": "2019-05-15T15:20:21Z", "body": "hi"}})
}

pub(super) fn projected(event: &str, body: Value, us: &Us) -> Projected {
    project(&delivery_of(event, "guid", &complete(body)), us)
}

/// The only event of a delivery that nobody of us sent.
pub(super) fn only(event: &str, body: Value) -> Event {
    let projected = projected(event, body, &Us::default());
    assert_eq!(
        (projected.unheard, projected.events.len()),
        (None, 1),
        "{event}"
    );
    projected.events.into_iter().next().unwrap()
}

/// Why a delivery that nobody of us sent has no events.
pub(super) fn why_unheard(event: &str, body: Value) -> Option<&'static str> {
    let projected = projected(event, body, &Us::default());
    assert_eq!(projected.events, [], "{event}");
    projected.unheard
}

/// We as an App with bot user 9.
pub(super) fn app() -> Us {
    Us {
        app_id: Some(AppId::new(100)),
        bot_login: Some(Login::new("caretaker[bot]")),
        bot_id: Some(AccountId::new(9)),
        ..Us::default()
    }
}

/// We with the token of user 5, who is the default sender.
pub(super) fn token() -> Us {
    Us {
        token_user: Some(AccountId::new(5)),
        contexts: vec!["caretaker/readiness".to_owned()],
        ..Us::default()
    }
}

/// Our App's bot user as a sender.
pub(super) fn bot() -> Value {
    json!({"login": "caretaker[bot]", "id": 9, "type": "Bot"})
}
