//! A webhook's body at the door. The bytes are the body.

use std::fmt;

use caretaker_core::intake::{Headers, RejectedBody, envelope};
use caretaker_core::model::{AccountId, Envelope, InstallationId, RepoKey};
use serde::de::{Deserializer as _, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;

const HEADERS: Headers<'static> = Headers {
    event: "issues",
    guid: "72d3162e-cc78-11e3-81ab-4c9367dc0958",
    hook_id: Some("77"),
    hook_target_type: None,
    hook_target_id: None,
};
const ONCE: [&str; 4] = ["action", "installation", "repository", "sender"];

/// - The same bytes give the same answer.
/// - Accepted is exactly one JSON object, in UTF-8, that says the deciding fields once.
/// - Where a JSON tree of the body can be built, both read the same of it, however it is laid out.
/// - A repository's name cannot leave its place in an address.
/// - What is stored of it is read back as it was.
pub fn holds(bytes: &[u8]) {
    let read = envelope(&HEADERS, bytes);
    assert_eq!(read, envelope(&HEADERS, bytes), "twice is once");
    match read {
        Ok(read) => accepted(bytes, &read),
        Err(why) => rejected(bytes, why),
    }
}

fn accepted(bytes: &[u8], read: &Envelope) {
    let text = std::str::from_utf8(bytes).expect("accepted text is UTF-8");
    serde_json::from_str::<IgnoredAny>(text).expect("accepted text is JSON");
    assert!(is_object(text), "accepted JSON is an object");
    assert_eq!(twice(text), None, "a deciding field is there twice");
    assert_eq!(read.dedup_key, HEADERS.dedup_key());
    let stored = serde_json::to_string(read).expect("an envelope has a JSON form");
    let back: Envelope = serde_json::from_str(&stored).expect("a stored envelope is one");
    assert_eq!(&back, read, "it is stored as {stored}");
    if let Some(repo) = &read.repository {
        for (name, more) in [(&repo.owner, "-_"), (&repo.name, "-_.")] {
            let allowed = |c: char| c.is_ascii_alphanumeric() || more.contains(c);
            let safe = name.chars().all(allowed) && !["", ".", ".."].contains(&name.as_str());
            assert!(safe, "{name:?} may leave its place");
        }
    }
    if let Ok(tree) = serde_json::from_str::<Value>(text) {
        agrees(read, &tree);
        let pretty = serde_json::to_vec_pretty(&tree).expect("a tree has a text form");
        assert_eq!(envelope(&HEADERS, &pretty).as_ref(), Ok(read), "layout");
    }
}

fn rejected(bytes: &[u8], why: RejectedBody) {
    let text = std::str::from_utf8(bytes);
    assert_eq!(text.is_err(), why == RejectedBody::NotUtf8);
    let Ok(text) = text else { return };
    // A tree is built of what nests less deep than the limit.
    let tree = serde_json::from_str::<Value>(text);
    match why {
        RejectedBody::NotUtf8 => {}
        RejectedBody::NotJson | RejectedBody::TooDeep => {
            assert!(tree.is_err(), "a tree was built of {why}");
        }
        RejectedBody::NotAnObject => assert!(!is_object(text)),
        RejectedBody::Duplicate(name) => assert_eq!(twice(text), Some(name)),
    }
}

/// Whether it begins as an object does.
fn is_object(text: &str) -> bool {
    text.trim_start_matches([' ', '\t', '\n', '\r'])
        .starts_with('{')
}

/// The first of the deciding fields that the object says twice, in their order.
fn twice(text: &str) -> Option<&'static str> {
    let keys = serde_json::Deserializer::from_str(text)
        .deserialize_map(Keys)
        .ok()?;
    let times = |name: &&str| keys.iter().filter(|key| key == name).count();
    ONCE.into_iter().find(|name| times(name) > 1)
}

/// The keys of an object that are Unicode.
struct Keys;

impl<'de> Visitor<'de> for Keys {
    type Value = Vec<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut keys = Vec::new();
        while let Some((key, _)) = map.next_entry::<String, IgnoredAny>()? {
            keys.push(key);
        }
        Ok(keys)
    }
}

fn agrees(read: &Envelope, tree: &Value) {
    let id = |value: &Value| value.as_u64().filter(|id| *id > 0);
    let name = |value: &Value| {
        value
            .as_str()
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
    };
    assert_eq!(read.action.as_deref(), tree["action"].as_str());
    assert_eq!(
        read.installation.map(InstallationId::value),
        id(&tree["installation"]["id"])
    );
    let sender = &tree["sender"];
    assert_eq!(
        read.sender.as_ref().map(|found| found.login.as_str()),
        name(&sender["login"])
            .as_deref()
            .or_else(|| id(&sender["id"]).map(|_| "ghost")),
    );
    assert_eq!(
        read.sender
            .as_ref()
            .and_then(|found| found.id)
            .map(AccountId::value),
        id(&sender["id"])
    );
    if let Some(repo) = &read.repository {
        let tree = &tree["repository"];
        assert_eq!(Some(repo.key.clone()), id(&tree["id"]).map(RepoKey::github));
        let full = tree["full_name"]
            .as_str()
            .and_then(|full| full.split_once('/'));
        let said = full.map(|(_, name)| name).or_else(|| tree["name"].as_str());
        assert_eq!(Some(repo.name.as_str()), said);
    }
    if let Some(account) = &read.account {
        let places = [
            &tree["repository"]["owner"],
            &tree["installation"]["account"],
            &tree["organization"],
            &tree["account"],
        ];
        let login = Some(account.login.as_str().to_owned());
        let full = tree["repository"]["full_name"].as_str();
        let owner = full
            .and_then(|full| full.split_once('/'))
            .map(|(owner, _)| owner);
        assert!(
            places.iter().any(|place| name(&place["login"]) == login) || owner == login.as_deref(),
            "{login:?} is named nowhere"
        );
    }
}
