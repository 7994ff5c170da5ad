//! One thing that stands against merging, and how several are shown as reasons.

use super::rules::Finding;
use super::words::{MERGING, RULES};
use super::{Denial, Standing};
use crate::model::{Fact, Holds, Label, Login, Owner, Reason, Timestamp};

/// One thing that stands against merging.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Blocker {
    /// It is closed or merged.
    Closed,
    /// It is a draft.
    Draft,
    /// It conflicts with its base.
    Conflict,
    /// The forge has not computed whether it conflicts.
    MergeabilityUnknown,
    /// The base has moved on, and the head must contain it.
    Behind,
    /// It is marked as breaking users.
    Breaking,
    /// A person has stopped merging.
    Hold {
        /// By this label.
        label: Label,
    },
    /// It was handed to people.
    Escalated,
    /// The forge refuses for a reason that it does not tell us.
    ForgeBlocks,
    /// Automation had remarks on this head that nobody has answered.
    AutomatedFeedback {
        /// Whose.
        by: Vec<Login>,
    },
    /// Not all reviews could be read.
    ReviewsIncomplete {
        /// So many were.
        seen: usize,
    },
    /// A reviewer's demand for changes stands.
    ChangesRequested {
        /// Whose.
        by: Vec<Login>,
    },
    /// Approvals are missing.
    ReviewMissing {
        /// Approvals that count.
        given: u32,
        /// Approvals demanded.
        needed: u32,
    },
    /// Approvals are missing because the given ones are for an older head.
    ReviewOutdated {
        /// Approvals that count.
        given: u32,
        /// Approvals demanded.
        needed: u32,
        /// Who approved an older head.
        by: Vec<Login>,
    },
    /// Owners of changed files have not approved, or who they are cannot be told.
    CodeOwners(Finding),
    /// The repository's own rule about reviews is not satisfied, or cannot be judged.
    ReviewRule(Finding),
    /// What the base branch requires could not be learned.
    RequiredUnknown,
    /// Not all checks could be read.
    ChecksIncomplete {
        /// So many were.
        seen: usize,
    },
    /// Checks that count have not passed.
    Checks {
        /// How they stand.
        standing: Standing,
        /// Which.
        names: Vec<String>,
        /// Whether the base branch requires them by name.
        required: bool,
    },
    /// Every check on the head was skipped or had no opinion.
    NothingSucceeded {
        /// Which they are.
        names: Vec<String>,
    },
    /// Nothing checks this head.
    NoCi {
        /// Until when a first check may still appear; `None` when that is over.
        until: Option<Timestamp>,
    },
    /// The head, or a check on it, is too young to say that no other check will come.
    NotSettled {
        /// Until when.
        until: Timestamp,
    },
    /// We may not merge it, whether or not it is ready.
    Denied(Denial),
}

/// Part of readiness that a blocker belongs to, in the order of the status comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// What the pull request itself is like.
    State,
    /// Remarks by automation.
    Feedback,
    /// Reviews by people.
    Review,
    /// Checks.
    Ci,
    /// Our own right to merge; no part of being ready, and worth no points.
    Merging,
}

impl Part {
    /// Every part of readiness.
    pub const ALL: [Self; 4] = [Self::State, Self::Feedback, Self::Review, Self::Ci];
}

/// The reason tree: every rule of every part, with what was seen where it does not hold.
pub fn reason(blockers: &[Blocker]) -> Reason {
    let against = reasons(blockers);
    let part = |rules: &[(Part, &'static str)]| {
        let leaves = rules.iter().map(|(_, rule)| leaf(&against, rule));
        Reason::all(rules[0].0.rule(), leaves.collect())
    };
    let parts = RULES.chunk_by(|(one, _), (next, _)| one == next);
    Reason::all("ready_to_merge", parts.map(part).collect())
}

/// The tree of our own right to merge. It stands beside readiness and changes nothing about it.
pub fn right(denials: &[Denial]) -> Reason {
    let denied: Vec<Blocker> = denials.iter().cloned().map(Blocker::from).collect();
    let against = reasons(&denied);
    let rules = MERGING.iter().map(|rule| leaf(&against, rule));
    Reason::all(Part::Merging.rule(), rules.collect())
}

fn reasons(blockers: &[Blocker]) -> Vec<Reason> {
    blockers.iter().map(Blocker::reason).collect()
}

/// The first that speaks of this rule; one that nothing speaks of holds.
fn leaf(against: &[Reason], rule: &'static str) -> Reason {
    let found = against.iter().find(|reason| reason.rule == rule);
    found.map_or_else(|| Reason::leaf(rule, true), Reason::clone)
}

impl Part {
    fn rule(self) -> &'static str {
        match self {
            Self::State => "pull_request_can_merge",
            Self::Feedback => "automated_feedback_is_settled",
            Self::Review => "reviews_permit",
            Self::Ci => "checks_permit",
            Self::Merging => "may_be_merged_by_caretaker",
        }
    }
}

impl Blocker {
    /// Stable name: `draft_pr`, `ci_failing`, `no_ci` …
    pub fn code(&self) -> &'static str {
        self.words().code
    }

    /// Part of readiness that it takes the points of.
    pub fn part(&self) -> Part {
        self.words().part
    }

    /// What is the matter, in Markdown; names from outside are escaped.
    pub fn what(&self) -> String {
        self.words().what
    }

    /// Who can help.
    pub fn owner(&self) -> Owner {
        self.words().owner
    }

    /// What they can do.
    pub fn remedy(&self) -> &'static str {
        self.words().remedy
    }

    /// As a leaf of the reason tree.
    pub fn reason(&self) -> Reason {
        let words = self.words();
        let leaf = Reason::result(words.rule, words.result)
            .saw("blocker", Fact::Word(words.code.to_owned()));
        let saw = words.saw.into_iter();
        let mut leaf = saw
            .fold(leaf, |leaf, (name, fact)| leaf.saw(name, fact))
            .unblock(words.owner, words.remedy);
        if let Self::CodeOwners(finding) | Self::ReviewRule(finding) = self {
            leaf.children.push(finding.reason());
        }
        leaf
    }

    /// Whether it goes away in the ordinary course of things: nobody has to change anything.
    pub fn waits(&self) -> bool {
        match self {
            Self::MergeabilityUnknown
            | Self::ReviewMissing { .. }
            | Self::ReviewOutdated { .. }
            | Self::Checks {
                standing: Standing::Pending | Standing::Absent,
                ..
            }
            | Self::NoCi { until: Some(_) }
            | Self::NotSettled { .. }
            | Self::Draft => true,
            Self::CodeOwners(finding) | Self::ReviewRule(finding) => finding.result == Holds::Fails,
            Self::Denied(denial) => denial.waits(),
            Self::Closed
            | Self::Conflict
            | Self::Behind
            | Self::Breaking
            | Self::Hold { .. }
            | Self::Escalated
            | Self::ForgeBlocks
            | Self::AutomatedFeedback { .. }
            | Self::ReviewsIncomplete { .. }
            | Self::ChangesRequested { .. }
            | Self::RequiredUnknown
            | Self::ChecksIncomplete { .. }
            | Self::Checks { .. }
            | Self::NothingSucceeded { .. }
            | Self::NoCi { until: None } => false,
        }
    }

    /// Whether the forge may call the pull request blocked on its account.
    pub(super) fn explains_forge(&self) -> bool {
        match self {
            Self::Closed
            | Self::Draft
            | Self::Conflict
            | Self::MergeabilityUnknown
            | Self::Behind
            | Self::ReviewsIncomplete { .. }
            | Self::ChangesRequested { .. }
            | Self::ReviewMissing { .. }
            | Self::ReviewOutdated { .. }
            | Self::CodeOwners(_)
            | Self::RequiredUnknown
            | Self::ChecksIncomplete { .. } => true,
            Self::Checks { required, .. } => *required,
            Self::Breaking
            | Self::Hold { .. }
            | Self::Escalated
            | Self::ForgeBlocks
            | Self::AutomatedFeedback { .. }
            | Self::ReviewRule(_)
            | Self::NothingSucceeded { .. }
            | Self::NoCi { .. }
            | Self::NotSettled { .. }
            | Self::Denied(_) => false,
        }
    }
}
