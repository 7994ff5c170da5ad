//! Every blocker with its words: the page `docs/blockers.md`, and a table that tests freeze.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::code_owners::Owner;
use super::rules::{Approvals, Finding, Of};
use super::{Authority, Blocker, Denial, OptIn, Part, Party, Standing};
use crate::model::{
    ConfigState, Family, Holds, Label, Login, Mode, Pause, Refusals, Sha, Timestamp, label,
};

/// One example of each pattern; that the patterns are all there are is for the compiler to say.
macro_rules! samples {
    ($($name:literal: $pattern:pat => $sample:expr;)+) => {
        /// Every blocker once for each way in which it is worded, by the name of its variant.
        fn samples() -> Vec<(&'static str, Blocker)> {
            vec![$(($name, $sample)),+]
        }

        /// Which of the patterns a blocker is of.
        #[cfg(test)]
        fn name(blocker: &Blocker) -> &'static str {
            match blocker {
                $($pattern => $name,)+
            }
        }
    };
}

samples! {
    "Closed": Blocker::Closed => Blocker::Closed;
    "Draft": Blocker::Draft => Blocker::Draft;
    "Conflict": Blocker::Conflict => Blocker::Conflict;
    "MergeabilityUnknown": Blocker::MergeabilityUnknown => Blocker::MergeabilityUnknown;
    "Behind": Blocker::Behind => Blocker::Behind;
    "Breaking": Blocker::Breaking => Blocker::Breaking;
    "Hold": Blocker::Hold { .. } => Blocker::Hold { label: Label::new(label::HOLD) };
    "Escalated": Blocker::Escalated => Blocker::Escalated;
    "ForgeBlocks": Blocker::ForgeBlocks => Blocker::ForgeBlocks;
    "AutomatedFeedback": Blocker::AutomatedFeedback { .. }
        => Blocker::AutomatedFeedback { by: vec![Login::new("linter")] };
    "ReviewsIncomplete": Blocker::ReviewsIncomplete { .. }
        => Blocker::ReviewsIncomplete { seen: 300 };
    "ChangesRequested": Blocker::ChangesRequested { .. }
        => Blocker::ChangesRequested { by: vec![Login::new("rita")] };
    "ReviewMissing": Blocker::ReviewMissing { .. }
        => Blocker::ReviewMissing { given: 1, needed: 2 };
    "ReviewOutdated": Blocker::ReviewOutdated { .. }
        => Blocker::ReviewOutdated { given: 0, needed: 1, by: vec![Login::new("rita")] };
    "CodeOwners, unknown": Blocker::CodeOwners(Finding { result: Holds::Unknown, .. })
        => Blocker::CodeOwners(finding(Holds::Unknown));
    "CodeOwners": Blocker::CodeOwners(_) => Blocker::CodeOwners(finding(Holds::Fails));
    "ReviewRule, unknown": Blocker::ReviewRule(Finding { result: Holds::Unknown, .. })
        => Blocker::ReviewRule(finding(Holds::Unknown));
    "ReviewRule": Blocker::ReviewRule(_) => Blocker::ReviewRule(finding(Holds::Fails));
    "RequiredUnknown": Blocker::RequiredUnknown => Blocker::RequiredUnknown;
    "ChecksIncomplete": Blocker::ChecksIncomplete { .. }
        => Blocker::ChecksIncomplete { seen: 300 };
    "Checks, Passed": Blocker::Checks { standing: Standing::Passed, .. }
        => checks(Standing::Passed);
    "Checks, Absent": Blocker::Checks { standing: Standing::Absent, .. }
        => checks(Standing::Absent);
    "Checks, Pending": Blocker::Checks { standing: Standing::Pending, .. }
        => checks(Standing::Pending);
    "Checks, Skipped": Blocker::Checks { standing: Standing::Skipped, .. }
        => checks(Standing::Skipped);
    "Checks, WrongApp": Blocker::Checks { standing: Standing::WrongApp, .. }
        => checks(Standing::WrongApp);
    "Checks, ActionRequired": Blocker::Checks { standing: Standing::ActionRequired, .. }
        => checks(Standing::ActionRequired);
    "Checks, Stale": Blocker::Checks { standing: Standing::Stale, .. }
        => checks(Standing::Stale);
    "Checks, Cancelled": Blocker::Checks { standing: Standing::Cancelled, .. }
        => checks(Standing::Cancelled);
    "Checks, Unreadable": Blocker::Checks { standing: Standing::Unreadable, .. }
        => checks(Standing::Unreadable);
    "Checks, Failed": Blocker::Checks { standing: Standing::Failed, .. }
        => checks(Standing::Failed);
    "NothingSucceeded": Blocker::NothingSucceeded { .. }
        => Blocker::NothingSucceeded { names: vec!["docs".to_owned()] };
    "NoCi, yet": Blocker::NoCi { until: Some(_) } => Blocker::NoCi { until: Some(LATER) };
    "NoCi": Blocker::NoCi { until: None } => Blocker::NoCi { until: None };
    "NotSettled": Blocker::NotSettled { .. } => Blocker::NotSettled { until: LATER };
    "Moved": Blocker::Denied(Denial::Moved { .. }) => Denial::Moved { decided: sha() }.into();
    "Quarantined": Blocker::Denied(Denial::Quarantined) => Denial::Quarantined.into();
    "Paused": Blocker::Denied(Denial::Paused(_)) => Denial::Paused(Pause {
        at: LATER,
        by: "the operator".to_owned(),
        why: Some("an incident".to_owned()),
    }).into();
    "Configuration, Absent": Blocker::Denied(Denial::Configuration(ConfigState::Absent))
        => Denial::Configuration(ConfigState::Absent).into();
    "Configuration": Blocker::Denied(Denial::Configuration(_))
        => Denial::Configuration(ConfigState::NeverValid).into();
    "Mode, by the server": Blocker::Denied(Denial::Mode {
        ceiling: Mode::Observe | Mode::Propose, ..
    }) => Denial::Mode { is: Mode::Observe, ceiling: Mode::Observe }.into();
    "Mode": Blocker::Denied(Denial::Mode { ceiling: Mode::Act, .. })
        => Denial::Mode { is: Mode::Propose, ceiling: Mode::Act }.into();
    "Authority": Blocker::Denied(Denial::Authority(_))
        => Denial::Authority(Authority::GateOnly).into();
    "Fork": Blocker::Denied(Denial::Fork) => Denial::Fork.into();
    "NotInCare, NotTheirs": Blocker::Denied(Denial::NotInCare { care: OptIn::NotTheirs(_) })
        => not_in_care(OptIn::NotTheirs(Login::new("mallory")));
    "NotInCare, Unknown": Blocker::Denied(Denial::NotInCare { care: OptIn::Unknown })
        => not_in_care(OptIn::Unknown);
    "NotInCare": Blocker::Denied(Denial::NotInCare { care: OptIn::No | OptIn::Yes })
        => not_in_care(OptIn::No);
    "Family, NotTheirs": Blocker::Denied(Denial::Family { opt_in: OptIn::NotTheirs(_), .. })
        => family(OptIn::NotTheirs(Login::new("mallory")));
    "Family, Unknown": Blocker::Denied(Denial::Family { opt_in: OptIn::Unknown, .. })
        => family(OptIn::Unknown);
    "Family": Blocker::Denied(Denial::Family { opt_in: OptIn::No | OptIn::Yes, .. })
        => family(OptIn::No);
    "Frozen": Blocker::Denied(Denial::Frozen { .. }) => Denial::Frozen { until: LATER }.into();
    "ProtectedPath": Blocker::Denied(Denial::ProtectedPath { .. }) => Denial::ProtectedPath {
        paths: vec![".github/workflows/ci.yml".to_owned()],
    }.into();
    "FilesUnknown": Blocker::Denied(Denial::FilesUnknown) => Denial::FilesUnknown.into();
    "ForgeRefuses, queued": Blocker::Denied(Denial::ForgeRefuses { status: Refusals::QUEUED, .. })
        => Denial::ForgeRefuses { status: Refusals::QUEUED, times: 3, until: LATER }.into();
    "ForgeRefuses": Blocker::Denied(Denial::ForgeRefuses { .. })
        => Denial::ForgeRefuses { status: 405, times: 3, until: LATER }.into();
}

/// Some time, so that examples stay as they are.
const LATER: Timestamp = Timestamp::from_millis(1_700_000_000_000);

fn sha() -> Sha {
    Sha::parse(&"a".repeat(40)).expect("40 hex digits are a hash")
}

fn checks(standing: Standing) -> Blocker {
    Blocker::Checks {
        standing,
        names: vec!["lint".to_owned()],
        required: true,
    }
}

fn not_in_care(care: OptIn) -> Blocker {
    Denial::NotInCare { care }.into()
}

fn family(opt_in: OptIn) -> Blocker {
    let family = Family::Human;
    Denial::Family { family, opt_in }.into()
}

fn finding(result: Holds) -> Finding {
    let team = Party::parse("octo/leads").map(Owner::Party);
    Finding {
        result,
        of: Of::Approvals(Approvals {
            result,
            needed: 1,
            from: team.into_iter().collect(),
            files: Vec::new(),
            given: Vec::new(),
            unsure: Vec::new(),
            outdated: Vec::new(),
            wrote_it: Vec::new(),
            unlearned: Vec::new(),
        }),
    }
}

/// One line for each wording of each blocker: variant, code, rule, owner, what, remedy, separated
/// by tabs.
pub fn table() -> String {
    let mut out = String::from("variant\tcode\trule\towner\twhat\tremedy\n");
    for (variant, blocker) in samples() {
        let (code, rule) = (blocker.code(), blocker.reason().rule);
        let (owner, what) = (blocker.owner().word(), blocker.what());
        let remedy = blocker.remedy();
        writeln!(out, "{variant}\t{code}\t{rule}\t{owner}\t{what}\t{remedy}")
            .expect("writing to a string cannot fail");
    }
    out
}

/// Every wording of every blocker, as [`table`] calls it.
pub fn wordings() -> BTreeSet<&'static str> {
    let against = samples().into_iter().filter(|(_, one)| !passed(one));
    against.map(|(name, _)| name).collect()
}

/// Whether it says that checks passed, and so is none.
fn passed(blocker: &Blocker) -> bool {
    matches!(
        blocker,
        Blocker::Checks {
            standing: Standing::Passed,
            ..
        }
    )
}

/// The page on which people look a code up.
pub fn blockers_page() -> String {
    let mut out = String::from(
        "# What stands against merging\n\n\
         Generated from the code's own words; `make docs` writes it anew.\n\n\
         Each line is one code, as the status comment, the published check, `caretaker explain` \
         and `@caretaker why` tell it, with an example. The owner is who can help. \
         `caretaker explain owner/repo#7` also tells the smallest sets of acts that would release \
         a pull request.\n",
    );
    let parts = [
        (Part::State, "The pull request"),
        (Part::Feedback, "Remarks by automation"),
        (Part::Review, "Reviews"),
        (Part::Ci, "Checks"),
        (Part::Merging, "Caretaker's own right to merge"),
    ];
    for (part, title) in parts {
        write!(
            out,
            "\n## {title}\n\n| Code | For example | Owner | What helps |\n|---|---|---|---|\n"
        )
        .expect("writing to a string cannot fail");
        for (_, blocker) in samples() {
            if blocker.part() != part || passed(&blocker) {
                continue;
            }
            let (code, what, remedy) = (blocker.code(), blocker.what(), blocker.remedy());
            let owner = blocker.owner().word();
            writeln!(out, "| `{code}` | {what} | {owner} | {remedy} |")
                .expect("writing to a string cannot fail");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_example_is_one_of_its_own_variant() {
        for (variant, blocker) in samples() {
            assert_eq!(name(&blocker), variant);
        }
    }

    #[test]
    fn every_standing_has_an_example() {
        let told: Vec<Standing> = samples()
            .into_iter()
            .filter_map(|(_, blocker)| match blocker {
                Blocker::Checks { standing, .. } => Some(standing),
                _other => None,
            })
            .collect();
        assert!(
            Standing::TROUBLES
                .iter()
                .all(|trouble| told.contains(trouble))
        );
    }
}
