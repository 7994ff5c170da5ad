//! What GitHub granted our App on an account, as the App itself is told.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use caretaker_core::{
    model::{InstallationId, Span},
    ports::{Clock, Kind, PortError},
};
use serde::Deserialize;

use super::{
    Bearer,
    need::{Granted, Need},
};
use crate::client::{Client, Request};

/// How long an answer is believed, unless it stands in the way of something: an owner who grants
/// what is missing does not wait.
const KNOWN: Span = Span::hours(1);

/// The permissions of the installations that were asked for lately.
pub(super) struct Installations {
    clock: Arc<dyn Clock>,
    by_id: Mutex<BTreeMap<InstallationId, Arc<Slot>>>,
}

/// Whoever holds the lock asks; the others wait for it.
type Slot = tokio::sync::Mutex<Option<Known>>;

struct Known {
    /// `None` where it is gone or on hold.
    granted: Option<Granted>,
    /// On the monotonic clock.
    asked: Span,
}

#[derive(Deserialize)]
struct InstallationShape {
    permissions: Granted,
    suspended_at: Option<String>,
}

impl Installations {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            by_id: Mutex::new(BTreeMap::new()),
        }
    }

    /// The permissions to ask a token for. `Denied` where the installation is gone, on hold, or
    /// lacks what is needed.
    pub(super) async fn permissions(
        &self,
        client: &Client,
        app: &Bearer,
        id: InstallationId,
        need: Need,
    ) -> Result<Granted, PortError> {
        const OP: &str = "forge.mint.installation";
        let slot = self.slot(id);
        let mut known = slot.lock().await;
        let age = |known: &Known| {
            Span::millis(self.clock.monotonic().as_millis() - known.asked.as_millis())
        };
        if let Some(held) = known.as_ref()
            && age(held) < KNOWN
            && let Ok(asked) = of(OP, held.granted.as_ref(), need)
        {
            return Ok(asked);
        }
        *known = None;
        let request = Request::read(OP, format!("/app/installations/{id}"));
        let granted = match client.exchange(&request, app, None).await {
            Ok(reply) => {
                let shape: InstallationShape = reply.parse(OP)?;
                shape.suspended_at.is_none().then_some(shape.permissions)
            }
            Err(error) if error.kind == Kind::NotFound => None,
            Err(error) => return Err(error),
        };
        let asked = of(OP, granted.as_ref(), need);
        *known = Some(Known {
            granted,
            asked: self.clock.monotonic(),
        });
        asked
    }

    /// Whether it was found to be gone or on hold.
    pub(super) async fn is_gone(&self, id: InstallationId) -> bool {
        let slot = self.slot(id);
        let known = slot.lock().await;
        known.as_ref().is_some_and(|known| known.granted.is_none())
    }

    /// Asks anew next time.
    pub(super) async fn forget(&self, id: InstallationId) {
        let slot = self.slot(id);
        *slot.lock().await = None;
    }

    fn slot(&self, id: InstallationId) -> Arc<Slot> {
        let mut by_id = self.by_id.lock().unwrap_or_else(PoisonError::into_inner);
        if by_id.len() >= super::SLOTS && !by_id.contains_key(&id) {
            by_id.retain(|_, slot| Arc::strong_count(slot) > 1);
        }
        Arc::clone(by_id.entry(id).or_default())
    }
}

fn of(op: &'static str, granted: Option<&Granted>, need: Need) -> Result<Granted, PortError> {
    let denied = |text: String| PortError::new(op, Kind::Denied).detail(text);
    let Some(granted) = granted else {
        return Err(denied(
            "the App is not installed there any more, or its installation is suspended".to_owned(),
        ));
    };
    need.of(granted).map_err(|missing| {
        denied(format!(
            "the installation lacks the permission {missing}; its owner has to grant it"
        ))
    })
}
