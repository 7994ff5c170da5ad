//! A stored delivery to the events it stands for, and to what it teaches about repositories.
//!
//! Total: odd types are absent fields, and a body that lacks what its event name promises projects
//! to nothing. Only the body is signed, so the event name must fit it, and every event that a
//! listener may decide once has an identity from the body alone.

use crate::model::{
    Actor, Delivery, Detail, Envelope, Event, EventId, EventKind, Learned, RepoRef, Scope, Subject,
    Timestamp, content_hash, digest,
};

use super::Us;
use super::part::Part;
use super::payload;

/// What became of a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Projected {
    /// The events, ids counting up from `<dedup key>/0`.
    pub events: Vec<Event>,
    /// What the delivery teaches about repositories, heard or not.
    pub learned: Vec<Learned>,
    /// Why there are no events; `None` when there are.
    pub unheard: Option<&'static str>,
}

/// The event is one of our own effects coming back.
const ECHO: &str = "echo";
/// No kind of event stands for this webhook event and action.
const NOT_PROJECTED: &str = "not_projected";
/// The body is not what the unsigned event name says.
const DOES_NOT_FIT: &str = "does_not_fit";

/// Projects a delivery. Pure: the same delivery gives the same events, in the same order.
pub fn project(delivery: &Delivery, us: &Us) -> Projected {
    let envelope = &delivery.envelope;
    let known = || {
        let known = |repo: &RepoRef| Learned::Known(repo.clone(), envelope.facts.clone());
        envelope.repository.iter().map(known).collect()
    };
    let unheard = |why, learned| Projected {
        events: Vec::new(),
        learned,
        unheard: Some(why),
    };
    let event = delivery.headers.event.as_str();
    let Some(family) = payload::family(event) else {
        return unheard(NOT_PROJECTED, known());
    };
    let reading = Inbound::new(delivery, us).and_then(|inbound| family(&inbound));
    let Some(reading) = reading else {
        return unheard(DOES_NOT_FIT, Vec::new());
    };
    let learned = reading.learned.unwrap_or_else(known);
    if reading.echo {
        return unheard(ECHO, learned);
    }
    let Some(kind) = EventKind::of_webhook(event, envelope.action.as_deref()) else {
        return unheard(NOT_PROJECTED, learned);
    };
    let drafts = match reading.drafts {
        Ok(drafts) => drafts,
        Err(why) => return unheard(why, learned),
    };
    let actor = envelope.sender.clone().map(|mut actor| {
        // What a token's user does may be our own doing, so it counts as no human act.
        actor.bot |= us.is_token_user(&actor);
        actor
    });
    let finish = |(index, draft): (usize, Draft)| {
        let scope = draft.scope.unwrap_or_else(|| envelope.scope());
        Event {
            id: EventId::new(format!("{}/{index}", delivery.key)),
            edge_identity: draft
                .identity
                .map(|parts| identity(kind, &scope, &draft.subject, parts, &delivery.body)),
            scope,
            subject: draft.subject,
            kind,
            at: draft.at.unwrap_or(delivery.received_at),
            actor: actor.clone(),
            detail: draft.detail,
        }
    };
    Projected {
        events: drafts.into_iter().enumerate().map(finish).collect(),
        learned,
        unheard: None,
    }
}

/// What one act is known by, whatever delivery brings it; by the whole body where a part of it is
/// missing.
fn identity(
    kind: EventKind,
    scope: &Scope,
    subject: &Subject,
    parts: Identity,
    body: &[u8],
) -> String {
    let place = match scope {
        Scope::App => "app".to_owned(),
        Scope::Installation(id) => format!("installation/{id}"),
        Scope::Account(id) => format!("account/{id}"),
        Scope::Repo(key) => key.to_string(),
    };
    let parts: Option<Vec<String>> = parts.into_iter().collect();
    let parts = parts.unwrap_or_else(|| vec![content_hash(body)]);
    let (kind, subject) = (kind.name(), subject.to_string());
    let head = [kind.as_str(), &place, &subject];
    let all: Vec<&str> = head
        .into_iter()
        .chain(parts.iter().map(String::as_str))
        .collect();
    format!("{kind}/{}", digest(&all))
}

/// The parts of the body that tell one act from another, beside kind, scope and subject.
pub(super) type Identity = Vec<Option<String>>;

/// A delivery as the families read it.
pub(super) struct Inbound<'a> {
    /// The whole body.
    pub(super) body: Part<'a>,
    /// What the door read of it.
    pub(super) envelope: &'a Envelope,
    /// Whom echoes come from.
    pub(super) us: &'a Us,
}

impl<'a> Inbound<'a> {
    fn new(delivery: &'a Delivery, us: &'a Us) -> Option<Self> {
        let text = std::str::from_utf8(&delivery.body).ok()?;
        let body = Part::of(text).filter(|body| body.is_object())?;
        Some(Self {
            body,
            envelope: &delivery.envelope,
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

    /// Who did it, as a part of an identity: the number, which outlives renames, else the name.
    pub(super) fn sender_part(&self) -> Option<String> {
        let sender = self.sender()?;
        Some(
            sender
                .id
                .map_or_else(|| sender.login.to_string(), |id| id.to_string()),
        )
    }
}

/// What a family made of a body that fits.
pub(super) struct Reading {
    /// The events, or why there are none.
    pub(super) drafts: Result<Vec<Draft>, &'static str>,
    /// What it teaches, where that is more than the repository it names.
    pub(super) learned: Option<Vec<Learned>>,
    /// Whether it is one of our own effects coming back.
    pub(super) echo: bool,
}

impl Reading {
    /// One event, no echo, teaching only the repository it names.
    pub(super) fn one(draft: Draft) -> Self {
        Self {
            drafts: Ok(vec![draft]),
            learned: None,
            echo: false,
        }
    }

    /// The same, closed without a request where `echo` holds.
    pub(super) fn echo_if(self, echo: bool) -> Self {
        Self { echo, ..self }
    }
}

/// An event without what all families share.
pub(super) struct Draft {
    /// Where it differs from the envelope's.
    pub(super) scope: Option<Scope>,
    /// What it is about.
    pub(super) subject: Subject,
    /// When the body says it happened.
    pub(super) at: Option<Timestamp>,
    /// What tells it from other acts; `None` where nobody may hear it as an edge.
    pub(super) identity: Option<Identity>,
    /// What else it carries.
    pub(super) detail: Detail,
}

impl Draft {
    /// An event about a subject in the envelope's scope, heard as a level only.
    pub(super) fn about(subject: Subject) -> Self {
        Self {
            scope: None,
            subject,
            at: None,
            identity: None,
            detail: Detail::Nothing,
        }
    }

    /// When the body says it happened.
    pub(super) fn at(self, at: Option<Timestamp>) -> Self {
        Self { at, ..self }
    }

    /// With the parts that tell it from other acts.
    pub(super) fn known_by(self, parts: Identity) -> Self {
        Self {
            identity: Some(parts),
            ..self
        }
    }
}
