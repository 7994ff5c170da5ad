//! GitHub's log of deliveries: a row for each attempt, kept for three days.
//!
//! Attempts that a story hands over by itself (`take_deliveries`) are not in it: only what GitHub
//! sent, lost, or was told that nobody took.

use caretaker_core::model::app::{Attempt, AttemptId, LogPage, Logged};
use caretaker_core::model::{DeliveryHeaders, InstallationId, RepoKey, Span, Timestamp};
use serde_json::{Value, json};

use super::World;
use super::state::State;
use super::trouble::Trouble;
use super::webhook::{HOOK, Hook};

/// How long an attempt is kept.
const KEPT: Span = Span::days(3);
/// The number of the first attempt.
const FIRST: u64 = 9_000_000_000_001;
/// What GitHub notes where there was no connection, and where there was no answer in time.
const UNREACHED: u16 = 502;
const TIMED_OUT: u16 = 504;

/// Every attempt so far; those that are too old are left out where it is read.
#[derive(Clone, Debug)]
pub(crate) struct Logbook {
    rows: Vec<Row>,
    next: u64,
    /// Whether what was sent is left out, as GitHub does with what is too large.
    pub(crate) bodiless: bool,
}

/// One attempt.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    id: u64,
    at: Timestamp,
    hook: Hook,
    status: u16,
    answer: String,
}

impl Default for Logbook {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            next: FIRST,
            bodiless: false,
        }
    }
}

impl World {
    /// Takes what waits to be handed over and notes that the receiver answered each with a status;
    /// how many there were. 502 stands for a receiver that is down.
    pub fn turn_away(&self, status: u16) -> usize {
        self.with(|state| {
            let hooks = state.outbox.take();
            for hook in &hooks {
                state.note_attempt(hook, Some(status), "");
            }
            hooks.len()
        })
    }

    /// From now on the log does not show what was sent, or shows it again.
    pub fn hide_sent(&self, hidden: bool) {
        self.with(|state| state.logbook.bodiless = hidden);
    }
}

impl State {
    /// Notes an attempt; `None` when nothing answered.
    pub(crate) fn note_attempt(&mut self, hook: &Hook, status: Option<u16>, answer: &str) {
        let book = &mut self.logbook;
        let row = Row {
            id: book.next,
            at: self.now,
            hook: hook.clone(),
            status: status.unwrap_or(UNREACHED),
            answer: answer.to_owned(),
        };
        book.next += 1;
        book.rows.push(row);
    }

    /// Notes an attempt that went out and was lost.
    pub(crate) fn note_lost(&mut self, hook: &Hook) {
        self.note_attempt(hook, Some(TIMED_OUT), "");
    }

    /// What is kept, newest first, from the attempt on that a cursor names, or from the newest.
    fn kept(&self, cursor: Option<&str>) -> Result<impl Iterator<Item = &Row>, Trouble> {
        let from = match cursor {
            None => u64::MAX,
            Some(cursor) => cursor
                .strip_prefix("v1_")
                .and_then(|id| id.parse().ok())
                .ok_or_else(|| Trouble::invalid("cursor"))?,
        };
        let rows = self.logbook.rows.iter().rev();
        Ok(rows.filter(move |row| row.id <= from && self.now.since(row.at) < KEPT))
    }

    /// A page of the log, and the cursor of the next.
    pub(crate) fn log_rows(
        &self,
        cursor: Option<&str>,
        size: usize,
        wanted: impl Fn(&Row) -> bool,
    ) -> Result<(Vec<&Row>, Option<String>), Trouble> {
        let mut rows: Vec<_> = self
            .kept(cursor)?
            .filter(|row| wanted(row))
            .take(size + 1)
            .collect();
        let next = rows.get(size).map(|row| format!("v1_{}", row.id));
        rows.truncate(size);
        Ok((rows, next))
    }

    pub(crate) fn logged(&self, id: u64) -> Result<&Row, Trouble> {
        let found = self.kept(None)?.find(|row| row.id == id);
        found.ok_or_else(Trouble::not_found)
    }

    /// Sends once more what an attempt sent.
    pub(crate) fn attempt_again(&mut self, id: u64) -> Result<(), Trouble> {
        let guid = self.logged(id)?.hook.guid.clone();
        if self.outbox.again(&guid) {
            Ok(())
        } else {
            Err(Trouble::not_found())
        }
    }

    /// What an attempt sent, as its route shows it.
    pub(crate) fn logged_json(&self, row: &Row) -> Value {
        let mut told = row.json();
        told["url"] = json!(self.webhook.url);
        let headers = row.hook.headers("unknown here");
        let headers: serde_json::Map<_, _> = headers
            .into_iter()
            .map(|(name, value)| {
                let masked = name == "X-Hub-Signature-256";
                (
                    name.to_owned(),
                    json!(if masked { "sha256=0" } else { &value }),
                )
            })
            .collect();
        told["request"] = if self.logbook.bodiless {
            json!({"headers": null, "payload": null})
        } else {
            json!({"headers": headers, "payload": row.hook.payload()})
        };
        told["response"] = json!({"headers": {}, "payload": row.answer});
        told
    }

    /// The same as core has it.
    pub(crate) fn logged_fact(&self, row: &Row) -> Logged {
        if self.logbook.bodiless {
            return Logged {
                headers: None,
                body: None,
            };
        }
        Logged {
            headers: Some(DeliveryHeaders {
                event: row.hook.event.clone(),
                guid: row.hook.guid.clone(),
                hook_id: Some(HOOK.to_owned()),
                target_type: Some("integration".to_owned()),
                target_id: Some(row.hook.target_id.clone()),
            }),
            body: Some(row.hook.payload().to_string().into_bytes()),
        }
    }
}

impl Row {
    pub(crate) fn arrived(&self) -> bool {
        (200..400).contains(&self.status)
    }

    fn number(&self, part: &str) -> Option<u64> {
        self.hook.payload()[part]["id"].as_u64()
    }

    pub(crate) fn json(&self) -> Value {
        let status = match self.status {
            200..300 => "OK".to_owned(),
            UNREACHED => "failed to connect".to_owned(),
            TIMED_OUT => "timed out".to_owned(),
            other => format!("Invalid HTTP Response: {other}"),
        };
        json!({
            "id": self.id,
            "guid": self.hook.guid,
            "delivered_at": self.at.to_string(),
            "redelivery": self.hook.repeat,
            "duration": 0.03,
            "status": status,
            "status_code": self.status,
            "event": self.hook.event,
            "action": self.hook.action,
            "installation_id": self.number("installation"),
            "repository_id": self.number("repository"),
            "throttled_at": null,
        })
    }

    pub(crate) fn fact(&self) -> Attempt {
        Attempt {
            id: AttemptId::new(self.id),
            guid: self.hook.guid.clone(),
            at: self.at,
            repeat: self.hook.repeat,
            status: self.status,
            event: self.hook.event.clone(),
            installation: self.number("installation").map(InstallationId::new),
            repo: self.number("repository").map(RepoKey::github),
        }
    }
}

/// A page as core has it.
pub(crate) fn page_fact((rows, next): (Vec<&Row>, Option<String>)) -> LogPage {
    LogPage {
        rows: rows.into_iter().map(Row::fact).collect(),
        next,
    }
}
