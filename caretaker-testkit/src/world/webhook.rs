//! Deliveries: what GitHub would send, in order, with the scripted accidents on the way.

use caretaker_core::model::digest;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use super::state::{State, merge};

/// Number of the one hook that our App has.
pub(crate) const HOOK: &str = "4711";

/// One webhook delivery, not yet signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hook {
    /// `X-GitHub-Delivery`; a repeat bears the same.
    pub guid: String,
    /// `X-GitHub-Event`.
    pub event: String,
    /// The body's `action`.
    pub action: Option<String>,
    /// `X-GitHub-Hook-Installation-Target-ID`.
    pub target_id: String,
    /// The JSON body.
    pub body: String,
    /// Whether somebody asked for it again.
    pub repeat: bool,
}

impl Hook {
    /// The body as a value.
    pub fn payload(&self) -> Value {
        serde_json::from_str(&self.body).expect("invariant: bodies are rendered from values")
    }

    /// The headers GitHub sends with it, signed with the secret.
    pub fn headers(&self, secret: &str) -> Vec<(&'static str, String)> {
        vec![
            ("Content-Type", "application/json".to_owned()),
            ("User-Agent", "GitHub-Hookshot/sim".to_owned()),
            ("X-GitHub-Delivery", self.guid.clone()),
            ("X-GitHub-Event", self.event.clone()),
            ("X-GitHub-Hook-ID", HOOK.to_owned()),
            (
                "X-GitHub-Hook-Installation-Target-ID",
                self.target_id.clone(),
            ),
            (
                "X-GitHub-Hook-Installation-Target-Type",
                "integration".to_owned(),
            ),
            (
                "X-Hub-Signature-256",
                signature(secret, self.body.as_bytes()),
            ),
        ]
    }
}

/// The value of `X-Hub-Signature-256` for a body.
pub fn signature(secret: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes())
        .expect("invariant: HMAC takes keys of any length");
    mac.update(body);
    let tag = mac.finalize().into_bytes();
    let mut text = "sha256=".to_owned();
    for byte in tag {
        for half in [byte >> 4, byte & 15] {
            text.push(char::from_digit(u32::from(half), 16).expect("invariant: below 16"));
        }
    }
    text
}

/// A delivery without its body, for lists.
pub(crate) fn wire_names(hook: &Hook) -> Value {
    json!({"guid": hook.guid, "event": hook.event, "action": hook.action})
}

/// What happens to a delivery on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Mishap {
    /// It arrives twice.
    Twice,
    /// It arrives after the next one.
    Late,
    /// It never arrives.
    Lost,
}

/// Deliveries made, and those still to be handed over.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    /// Everything that was ever emitted, in order, once each.
    pub(crate) made: Vec<Hook>,
    /// What is to be handed over, accidents included.
    waiting: Vec<Hook>,
    /// Held back until the next one is made.
    late: Vec<Hook>,
    /// Accidents to come: words an event and action must contain, and what happens.
    mishaps: Vec<(String, Mishap)>,
}

impl Outbox {
    pub(crate) fn script(&mut self, on: &str, mishap: Mishap) {
        self.mishaps.push((on.to_owned(), mishap));
    }

    /// Puts it on its way; gives it back when it is lost there.
    pub(crate) fn put(&mut self, hook: Hook) -> Option<Hook> {
        self.made.push(hook.clone());
        let name = format!("{}.{}", hook.event, hook.action.as_deref().unwrap_or("*"));
        let at = self.mishaps.iter().position(|(on, _)| name.contains(on));
        let mishap = at.map(|at| self.mishaps.remove(at).1);
        let earlier = std::mem::take(&mut self.late);
        let mut lost = None;
        match mishap {
            None => self.waiting.push(hook),
            Some(Mishap::Twice) => self.waiting.extend([hook.clone(), hook]),
            Some(Mishap::Late) => self.late.push(hook),
            Some(Mishap::Lost) => lost = Some(hook),
        }
        self.waiting.extend(earlier);
        lost
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.late.is_empty()
    }

    /// Repeats a delivery, as the button "Redeliver" does.
    pub(crate) fn again(&mut self, guid: &str) -> bool {
        let made = self.made.iter().find(|hook| hook.guid == guid);
        let hook = made.map(|hook| Hook {
            repeat: true,
            ..hook.clone()
        });
        let found = hook.is_some();
        self.waiting.extend(hook);
        found
    }

    /// Hands over what waits; one held back with nothing behind it comes last.
    pub(crate) fn take(&mut self) -> Vec<Hook> {
        let mut hooks = std::mem::take(&mut self.waiting);
        hooks.append(&mut self.late);
        hooks
    }
}

impl State {
    /// Sends a repository's event to our App, if it is installed there; only then its body is made,
    /// which costs more than most steps.
    pub(crate) fn emit(
        &mut self,
        repo: u64,
        event: &str,
        action: Option<&str>,
        sender: &str,
        extra: impl FnOnce(&Self) -> Value,
    ) {
        self.changes += 1;
        if self.quiet || !self.repo(repo).installed {
            return;
        }
        let mut body = json!({"repository": self.repo_json(repo)});
        merge(&mut body, &extra(self));
        self.dispatch(event, action, sender, body);
    }

    /// Sends an event of the installation itself.
    pub(crate) fn emit_installation(
        &mut self,
        event: &str,
        action: &str,
        sender: &str,
        extra: &Value,
    ) {
        self.changes += 1;
        if self.quiet {
            return;
        }
        // Its own events carry the installation whole.
        let mut body = json!({"installation": self.installation_json()});
        merge(&mut body, extra);
        self.dispatch(event, Some(action), sender, body);
    }

    fn dispatch(&mut self, event: &str, action: Option<&str>, sender: &str, mut body: Value) {
        if let Some(action) = action {
            body["action"] = json!(action);
        }
        self.users.named(sender);
        body["sender"] = self.users.json(sender);
        if body["installation"].is_null() {
            let owner = body["repository"]["owner"]["login"].as_str();
            let id = self.installation_on(owner.unwrap_or_default()).id;
            body["installation"] = json!({ "id": id, "node_id": format!("I_{id}") });
        }
        let count = self.outbox.made.len().to_string();
        let hex = digest(&["delivery", &count]);
        let guid = format!(
            "{}-{}-{}-{}-{}",
            &hex[..8],
            &hex[8..12],
            &hex[12..16],
            &hex[16..20],
            &hex[20..32]
        );
        let hook = Hook {
            guid,
            event: event.to_owned(),
            action: action.map(str::to_owned),
            target_id: self.app.id.to_string(),
            body: body.to_string(),
            repeat: false,
        };
        if let Some(lost) = self.outbox.put(hook) {
            self.note_lost(&lost);
        }
    }
}
