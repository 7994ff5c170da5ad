//! What a family makes of a body, before `project` gives it identity, actor and kind.

use crate::model::{Detail, Learned, Scope, Subject, Timestamp};

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

/// The parts of the body that tell one act from another, beside kind, scope and subject.
pub(super) type Identity = Vec<Option<String>>;

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

    /// With what it carries beyond its subject.
    pub(super) fn carrying(self, detail: Detail) -> Self {
        Self { detail, ..self }
    }

    /// With the parts that tell it from other acts.
    pub(super) fn known_by(self, parts: Identity) -> Self {
        Self {
            identity: Some(parts),
            ..self
        }
    }
}
