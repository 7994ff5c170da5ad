//! What an agent says about itself. Routing, enabling, modes, docs and replay come from here.

use crate::model::{Detail, Event, EventKind, Loudness, Span, Subject, Timestamp};

/// An agent's description of itself.
#[derive(Debug)]
pub struct Manifest {
    /// Registered `snake_case` name; unique.
    pub name: &'static str,
    /// One line for tables.
    pub summary: &'static str,
    /// Raised when the meaning of its decisions changes; replay compares only equal revisions.
    pub revision: u32,
    /// Where its parameters come from.
    pub params: ParamsFrom,
    /// What it listens to.
    pub hears: &'static [Trigger],
    /// Kinds of subject it can look at.
    pub subjects: &'static [SubjectKind],
    /// How often the scheduler gives it a tick, by default.
    pub every: Option<Span>,
    /// Which question shows the subject to the guard.
    pub view: View,
    /// The loudest action it can plan.
    pub loudest: Loudness,
    /// App permissions it needs, as GitHub names them.
    pub permissions: &'static [&'static str],
    /// Every verdict it can reach.
    pub verdicts: &'static [&'static str],
}

/// Where an agent's parameters come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamsFrom {
    /// A section of the repository's configuration; `enabled: false` there switches it off.
    Section(&'static str),
    /// Several sections, each under its own name; `enabled: false` in the first switches it off.
    Sections(&'static [&'static str]),
    /// The sections of all enabled agents, by agent name. Built in, always on.
    AllSections,
    /// What another agent goes by: under its name what it is given, left out where it is switched
    /// off, and under `mode` how far the file lets it go. Built in, always on.
    Of(&'static str),
    /// Nothing. Built in, always on.
    Nothing,
}

impl ParamsFrom {
    /// The section whose `enabled` switches the agent on; `None` for what is built in.
    pub fn switch(self) -> Option<&'static str> {
        self.sections().first().copied()
    }

    /// The agent's own sections, the one with its switch first.
    pub fn sections(self) -> Vec<&'static str> {
        match self {
            Self::Section(name) => vec![name],
            Self::Sections(names) => names.to_vec(),
            Self::AllSections | Self::Of(_) | Self::Nothing => Vec::new(),
        }
    }
}

/// One thing an agent listens to.
#[derive(Clone, Copy, Debug)]
pub struct Trigger {
    /// What happened.
    pub kinds: &'static [EventKind],
    /// What it is taken for.
    pub reacts: Reacts,
    /// Which events of these kinds.
    pub only: Only,
    /// How long after its acceptance an event is still carried out; `None`: always.
    pub expires: Option<Span>,
}

/// Which events of a kind an agent listens to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Only {
    /// Every one.
    All,
    /// Those with a command.
    Commands,
}

impl Only {
    /// Whether an event is among them.
    pub fn admits(self, event: &Event) -> bool {
        match self {
            Self::All => true,
            Self::Commands => matches!(event.detail, Detail::Command { .. }),
        }
    }
}

/// Whether the state or the event itself is decided about (decisions §3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reacts {
    /// From the state as it is; several such events are answered by one look.
    Level,
    /// From the event; each is decided for itself, once.
    Edge,
}

/// Which question shows an agent's subject to the guard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// The subject as an item.
    Item,
    /// For pull requests everything a merge evaluation needs.
    Snapshot,
    /// Nothing: it plans no acts on one subject.
    None,
}

/// A subject without its number or name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SubjectKind {
    /// A pull request.
    Pull,
    /// An issue.
    Issue,
    /// A commit.
    Commit,
    /// A branch.
    Branch,
    /// An alert.
    Alert,
    /// The repository.
    Repo,
    /// Nothing in particular.
    None,
}

impl SubjectKind {
    /// The kind of a subject.
    pub fn of(subject: &Subject) -> Self {
        match subject {
            Subject::Pull(_) => Self::Pull,
            Subject::Issue(_) => Self::Issue,
            Subject::Commit(_) => Self::Commit,
            Subject::Branch(_) => Self::Branch,
            Subject::Alert(_) => Self::Alert,
            Subject::Repo => Self::Repo,
            Subject::None => Self::None,
        }
    }

    /// One word for tables.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pull => "pull request",
            Self::Issue => "issue",
            Self::Commit => "commit",
            Self::Branch => "branch",
            Self::Alert => "alert",
            Self::Repo => "repository",
            Self::None => "nothing",
        }
    }
}

impl Manifest {
    /// How it takes an event of this kind; `None` when it does not listen to it.
    pub fn reacts_to(&self, kind: EventKind) -> Option<Reacts> {
        self.trigger(kind).map(|trigger| trigger.reacts)
    }

    /// Whether it listens to this event, whatever its subject.
    pub fn listens_to(&self, event: &Event) -> bool {
        self.trigger(event.kind)
            .is_some_and(|trigger| trigger.only.admits(event))
    }

    /// Whether it is too late to carry an event out. Agent and driver both go by this.
    pub fn is_expired(&self, event: &Event, now: Timestamp) -> bool {
        self.trigger(event.kind)
            .and_then(|trigger| trigger.expires)
            .is_some_and(|span| now.since(event.accepted()) >= span)
    }

    fn trigger(&self, kind: EventKind) -> Option<&'static Trigger> {
        self.hears
            .iter()
            .find(|trigger| trigger.kinds.contains(&kind))
    }

    /// Whether it can look at subjects of this kind.
    pub fn looks_at(&self, subject: &Subject) -> bool {
        self.subjects.contains(&SubjectKind::of(subject))
    }
}
