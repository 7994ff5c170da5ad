//! Hands deliveries over by HTTP, signed, once each: like GitHub it does not try again by itself.

use std::time::Duration;

use caretaker_core::model::{Secret, Timestamp};
use serde::Serialize;

use crate::world::{Hook, World};

/// How long GitHub waits for an answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where deliveries go.
#[derive(Clone, Debug)]
pub struct Hooks {
    /// The receiving address.
    pub url: String,
    /// What they are signed with.
    pub secret: Secret,
}

/// A delivery that was handed over, or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sent {
    /// Its GUID.
    pub guid: String,
    /// Its event.
    pub event: String,
    /// Its action.
    pub action: Option<String>,
    /// When.
    pub at: Timestamp,
    /// What the receiver answered; `None` when it did not.
    pub status: Option<u16>,
    /// The beginning of the answer, or what went wrong.
    pub answer: String,
}

impl World {
    /// Sends whatever waits, in order, and waits for more; for ever.
    pub(super) async fn send(&self, hooks: &Hooks, client: &reqwest::Client) {
        loop {
            let moved = self.shared.moved.notified();
            tokio::pin!(moved);
            moved.as_mut().enable();
            // Looking first: taking rings the bell that this waits for.
            if self.look(|state| state.outbox.is_empty()) {
                moved.await;
                continue;
            }
            for hook in self.take_deliveries() {
                let (status, answer) = post(hooks, client, &hook).await;
                self.with(|state| {
                    state.note_attempt(&hook, status, &answer);
                    let sent = Sent {
                        guid: hook.guid,
                        event: hook.event,
                        action: hook.action,
                        at: state.now,
                        status,
                        answer,
                    };
                    state.sent.push(sent);
                });
            }
        }
    }

    /// Deliveries handed over by HTTP so far.
    pub fn sent(&self) -> Vec<Sent> {
        self.look(|state| state.sent.clone())
    }
}

async fn post(hooks: &Hooks, client: &reqwest::Client, hook: &Hook) -> (Option<u16>, String) {
    let mut request = client.post(&hooks.url).timeout(PATIENCE);
    for (name, value) in hook.headers(hooks.secret.expose()) {
        request = request.header(name, value);
    }
    match request.body(hook.body.clone()).send().await {
        Ok(answer) => {
            let status = answer.status().as_u16();
            let text = answer.text().await.unwrap_or_default();
            (Some(status), text.chars().take(500).collect())
        }
        Err(error) => (None, error.to_string()),
    }
}
