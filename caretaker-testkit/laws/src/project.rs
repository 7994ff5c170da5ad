//! A stored delivery and what it stands for. The bytes are the name of the webhook event, a line
//! feed, and the body.

use caretaker_core::intake::{Headers, Projected, Us, envelope, project};
use caretaker_core::model::{
    AccountId, AppId, Delivery, Event, EventKind, Learned, Login, Subject, Timestamp,
};
use serde_json::Value;

use crate::first_line;

const RECEIVED: Timestamp = Timestamp::from_millis(1_700_000_000_000);

/// - The same delivery gives the same events; silence has a reason, and only silence has.
/// - Events are of a kind that stands for the event and action that the door read, under ids that
///   count up.
/// - Scope, subject, actor and repository are those of envelope and body.
/// - What an event is known by does not depend on the delivery that brings it.
/// - A body teaches of no repository that it does not name.
pub fn holds(bytes: &[u8]) {
    let (event, body) = first_line(bytes);
    let Ok(event) = std::str::from_utf8(event) else {
        return;
    };
    let Some(delivery) = delivery(event, "guid", body) else {
        return;
    };
    for us in [nobody(), app(), token()] {
        let found = project(&delivery, &us);
        assert_eq!(found, project(&delivery, &us), "twice is once");
        assert_eq!(found.events.is_empty(), found.unheard.is_some());
        let tree = serde_json::from_slice::<Value>(body).ok();
        for (index, event) in found.events.iter().enumerate() {
            assert_eq!(event.id.as_str(), format!("{}/{index}", delivery.key));
            heard(event, &delivery, &us);
            if let Some(tree) = &tree {
                fits(event, tree);
            }
        }
        if let Some(tree) = &tree {
            learned(&found, &delivery, tree);
        }
        let again = self::delivery(event, "another guid", body).expect("the same body");
        let known_by = |found: Projected| {
            let parts = |event: Event| (event.edge_identity, event.scope, event.subject, event.at);
            found.events.into_iter().map(parts).collect::<Vec<_>>()
        };
        assert_eq!(known_by(project(&again, &us)), known_by(found));
    }
}

fn delivery(event: &str, guid: &str, body: &[u8]) -> Option<Delivery> {
    let headers = Headers {
        event,
        guid,
        hook_id: Some("77"),
        hook_target_type: None,
        hook_target_id: None,
    };
    let envelope = envelope(&headers, body).ok()?;
    Some(Delivery::new(
        headers.into(),
        RECEIVED,
        envelope,
        body.to_vec(),
    ))
}

fn nobody() -> Us {
    Us::default()
}

fn app() -> Us {
    Us {
        app_id: Some(AppId::new(100)),
        bot_login: Some(Login::new("caretaker[bot]")),
        bot_id: Some(AccountId::new(9)),
        ..Us::default()
    }
}

fn token() -> Us {
    Us {
        token_user: Some(AccountId::new(5)),
        contexts: vec!["caretaker/readiness".to_owned()],
        ..Us::default()
    }
}

/// An event against what the door read.
fn heard(event: &Event, delivery: &Delivery, us: &Us) {
    let (headers, envelope) = (&delivery.headers, &delivery.envelope);
    let kind = EventKind::of_webhook(&headers.event, envelope.action.as_deref());
    assert_eq!(Some(event.kind), kind);
    assert_ne!(
        event.kind.webhook().0,
        "caretaker",
        "ours come from no webhook"
    );
    let actor = event.actor.as_ref().map(|actor| (&actor.login, actor.id));
    let sender = envelope.sender.as_ref();
    assert_eq!(actor, sender.map(|actor| (&actor.login, actor.id)));
    if us.token_user.is_some() && us.token_user == sender.and_then(|actor| actor.id) {
        let bot = event.actor.as_ref().is_some_and(|actor| actor.bot);
        assert!(bot, "what our own user does is no human act");
    }
    let stored = serde_json::to_string(event).expect("an event has a JSON form");
    let back: Event = serde_json::from_str(&stored).expect("a stored event is one");
    assert_eq!(&back, event, "it is stored as {stored}");
    if let Some(identity) = &event.edge_identity {
        assert!(!identity.is_empty(), "all acts would be one");
    }
}

/// An event against a tree of the body.
fn fits(event: &Event, tree: &Value) {
    match &event.subject {
        Subject::Pull(number) | Subject::Issue(number) => {
            let places = ["/pull_request/number", "/issue/number"];
            let said = places.iter().filter_map(|place| tree.pointer(place));
            let mut said = said.filter_map(Value::as_u64);
            assert!(said.any(|said| said == number.value()), "{number}");
        }
        Subject::Alert(number) => {
            assert_eq!(tree["alert"]["number"].as_u64(), Some(number.value()));
        }
        Subject::Commit(sha) => assert!(says(tree, sha.as_str()), "{sha}"),
        Subject::Branch(name) => assert!(
            says(tree, name.as_str()) || says(tree, &format!("refs/heads/{name}")),
            "{name}"
        ),
        Subject::Repo | Subject::None => {}
    }
    if let Some(repo) = event.scope.repo() {
        assert!(numbers(tree).any(|id| repo.to_string() == format!("github:{id}")));
    }
}

fn learned(found: &Projected, delivery: &Delivery, tree: &Value) {
    for lesson in &found.learned {
        match lesson {
            Learned::Known(repo, _) | Learned::Listed(repo, _) => {
                assert!(numbers(tree).any(|id| repo.key.to_string() == format!("github:{id}")));
            }
            Learned::Gone(key) => {
                assert!(numbers(tree).any(|id| key.to_string() == format!("github:{id}")));
            }
            Learned::InstallationGone(id) | Learned::Suspended(id) | Learned::Resumed(id) => {
                assert_eq!(Some(*id), delivery.envelope.installation);
            }
        }
    }
}

/// Whether this is a text somewhere in the tree.
fn says(tree: &Value, text: &str) -> bool {
    match tree {
        Value::String(said) => said == text,
        Value::Array(rows) => rows.iter().any(|row| says(row, text)),
        Value::Object(fields) => fields.values().any(|value| says(value, text)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Every whole number called `id` in the tree.
fn numbers(tree: &Value) -> Box<dyn Iterator<Item = u64> + '_> {
    match tree {
        Value::Array(rows) => Box::new(rows.iter().flat_map(numbers)),
        Value::Object(fields) => {
            let own = fields.get("id").and_then(Value::as_u64);
            Box::new(own.into_iter().chain(fields.values().flat_map(numbers)))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            Box::new(std::iter::empty())
        }
    }
}
