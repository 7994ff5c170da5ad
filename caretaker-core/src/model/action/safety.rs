//! How an action is made safe to do again when the reply to the first was lost (decisions §5).

use super::ForgeAction;

/// What keeps an action from having two effects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Safety {
    /// It says how things shall be: what is there is compared with that, and only a difference is
    /// written.
    Declarative,
    /// It makes something new: our own earlier doing is looked for by this before anything is
    /// sent, and found it is a receipt without a change.
    ReadBack(Trace),
    /// Nothing of it can be read back. It carries a correlation id, is sent once under its key,
    /// and where the reply is lost it ends as unknown: reported, never repeated.
    AtMostOnce,
}

/// By what an earlier effect of ours is found again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trace {
    /// By a marker in a text of ours.
    Marker,
    /// By the head of a pull request.
    Head,
    /// By a name that only one thing can bear.
    Name,
    /// By the commit that it leads to.
    Sha,
    /// By the attempt of a workflow run that follows.
    Attempt,
}

impl Safety {
    /// One phrase for people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Declarative => "compared, only a difference is written",
            Self::ReadBack(Trace::Marker) => "found again by its marker",
            Self::ReadBack(Trace::Head) => "found again by the head",
            Self::ReadBack(Trace::Name) => "found again by its name",
            Self::ReadBack(Trace::Attempt) => "found again by the next attempt",
            Self::ReadBack(Trace::Sha) => "found again by the commit",
            Self::AtMostOnce => "sent at most once, ends as unknown where the reply is lost",
        }
    }
}

impl ForgeAction {
    /// How it is made safe to do again.
    ///
    /// Every example of [`ForgeAction::examples`] is held to it by the conformance suite of the
    /// forges: performed, answered with 500 and done again, and done twice, it has one effect.
    pub fn safety(&self) -> Safety {
        match self {
            Self::AddLabel { .. }
            | Self::RemoveLabel { .. }
            | Self::Close { .. }
            | Self::Publish(_)
            | Self::React { .. } => Safety::Declarative,
            Self::UpsertComment { .. } | Self::Reply { .. } => Safety::ReadBack(Trace::Marker),
            Self::Ci(action) => action.safety(),
            Self::DeleteBranch { .. } => Safety::ReadBack(Trace::Sha),
            Self::Issue(action) => action.safety(),
            Self::Git(action) => action.safety(),
            Self::Review(action) => action.safety(),
        }
    }
}
