//! A delivery as the families read it: the whole body, and what is known about it already.

use crate::model::{Actor, Delivery, Envelope, RepoRef, Timestamp};

use super::Us;
use super::part::Part;

/// A delivery as the families read it.
pub(super) struct Inbound<'a> {
    /// The whole body.
    pub(super) body: Part<'a>,
    /// What the door read of it.
    pub(super) envelope: &'a Envelope,
    /// When the door accepted it.
    pub(super) accepted: Timestamp,
    /// Whom echoes come from.
    pub(super) us: &'a Us,
}

impl<'a> Inbound<'a> {
    /// Opens a delivery whose body is this JSON; `None` when it is no JSON object.
    pub(super) fn new(delivery: &'a Delivery, json: &'a [u8], us: &'a Us) -> Option<Self> {
        let text = std::str::from_utf8(json).ok()?;
        let body = Part::of(text).filter(|body| body.is_object())?;
        Some(Self {
            body,
            envelope: &delivery.envelope,
            accepted: delivery.received_at,
            us,
        })
    }

    /// The webhook's action; empty when there is none.
    pub(super) fn action(&self) -> &'a str {
        self.envelope.action.as_deref().unwrap_or_default()
    }

    /// The repository, without which most families fit nothing.
    pub(super) fn repo(&self) -> Option<&'a RepoRef> {
        self.envelope.repository.as_ref()
    }

    /// Whether the body has none of these fields: they belong to other families.
    pub(super) fn lacks<const N: usize>(&self, names: [&str; N]) -> Option<()> {
        let foreign = self.body.fields(names).into_iter().any(Part::is_something);
        (!foreign).then_some(())
    }

    /// Whether our App's bot user did it.
    pub(super) fn by_bot(&self) -> bool {
        self.sender().is_some_and(|sender| self.us.is_bot(sender))
    }

    /// Who did it.
    pub(super) fn sender(&self) -> Option<&'a Actor> {
        self.envelope.sender.as_ref()
    }

    /// Whether a person did it, as far as the forge and we can tell: no automation, and nobody
    /// whose doing may be our own.
    pub(super) fn by_person(&self) -> bool {
        self.sender().is_some_and(|sender| {
            !sender.is_automation() && !self.us.is_bot(sender) && !self.us.is_token_user(sender)
        })
    }

    /// Who did it, as a part of an identity: by number, which outlives renames.
    pub(super) fn sender_part(&self) -> Option<String> {
        Some(self.sender()?.id?.to_string())
    }
}
