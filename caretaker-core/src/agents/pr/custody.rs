//! Who is responsible for a pull request.
//!
//! Custody is a label on the pull request, so people see it, give it and take it; it is never
//! remembered. What people were handed stays theirs until they take that label off (spec 02
//! §3.19).

use super::Params;
use crate::merge_gate::{Change, Claim};
use crate::model::{Act, Fact, Listing, Pull, Reason, label};

/// Who is responsible for a pull request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Custody {
    /// Nobody, as far as we are concerned.
    Nobody(Why),
    /// We, by this decision.
    Claimed,
    /// We.
    Ours,
    /// We, until it was closed.
    Ended,
    /// People, who were asked to take over.
    People,
}

/// Why nobody has it in care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// Care is switched off in this repository.
    SwitchedOff,
    /// It is closed, and was not in our care.
    Over,
    /// It comes from another repository; no label changes that (D-02).
    Fork,
    /// It is a draft.
    Draft,
    /// Its family is not taken into care by itself.
    Family,
    /// A person took the label off: they do not want it in our care (D-32).
    TakenBack,
    /// Its family is not taken into care by itself, and who put the label on may not write.
    NotTheirs,
    /// Not all of its history could be read, so a person may have taken the label off.
    Unsure,
}

impl Custody {
    /// Reads it back from the labels, and claims what the family's switch says, or what somebody
    /// who may has `told` us to merge.
    pub(super) fn of(pull: &Pull, params: &Params, told: bool) -> Self {
        let item = &pull.item;
        let labelled = item.has_label(params.ownership.label.as_str());
        if !params.ownership.enabled {
            Self::Nobody(Why::SwitchedOff)
        } else if !pull.same_repository {
            Self::Nobody(Why::Fork)
        } else if !item.open {
            if labelled {
                Self::Ended
            } else {
                Self::Nobody(Why::Over)
            }
        } else if item.has_label(label::ESCALATED) {
            Self::People
        } else if labelled {
            Self::Ours
        } else if item.draft {
            Self::Nobody(Why::Draft)
        } else if told || params.claims(pull.family()) {
            Self::Claimed
        } else {
            Self::Nobody(Why::Family)
        }
    }

    /// What the label is worth once it is known who put it on.
    pub(super) fn vouched(self, change: &Change) -> Self {
        if self == Self::Ours && !change.is_in_care() {
            Self::Nobody(Why::NotTheirs)
        } else {
            self
        }
    }

    /// What becomes of a claim once it is known what people did: a label that a person took off is
    /// not put on again.
    pub(super) fn confirmed(self, acts: &Listing<Act>, params: &Params) -> Self {
        match Claim::of(acts, &params.ownership.label) {
            Claim::Free => self,
            Claim::TakenBack => Self::Nobody(Why::TakenBack),
            Claim::Unsure => Self::Nobody(Why::Unsure),
        }
    }

    /// Whether it is, or was to its end, in our care, this decision included.
    pub(super) fn is_ours(self) -> bool {
        matches!(self, Self::Claimed | Self::Ours | Self::Ended)
    }

    /// As a fact beside the rules; it is no condition of being ready.
    pub(super) fn reason(self, pull: &Pull) -> Reason {
        Reason::leaf("custody_is_known", true)
            .saw("custody", Fact::Word(self.word().to_owned()))
            .saw("family", Fact::Word(pull.family().key().to_owned()))
    }

    /// One or two words, for the reason tree.
    fn word(self) -> &'static str {
        match self {
            Self::Nobody(Why::SwitchedOff) => "switched off",
            Self::Nobody(Why::Over) => "over",
            Self::Nobody(Why::Fork) => "nobody: from a fork",
            Self::Nobody(Why::Draft) => "nobody: a draft",
            Self::Nobody(Why::Family) => "nobody: not claimed for this family",
            Self::Nobody(Why::TakenBack) => "nobody: a person took the label off",
            Self::Nobody(Why::NotTheirs) => "nobody: put there by somebody who may not",
            Self::Nobody(Why::Unsure) => "nobody: its history is too long to read",
            Self::Claimed => "claimed now",
            Self::Ours => "ours",
            Self::Ended => "ours, until it was closed",
            Self::People => "handed to people",
        }
    }
}
