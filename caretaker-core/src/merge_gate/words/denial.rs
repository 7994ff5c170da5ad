//! What is said about our own right to merge.

use super::{Part, Words, plain};
use crate::explain::{code, escape};
use crate::merge_gate::{Authority, Denial, OptIn};
use crate::model::{ConfigState, Fact, Family, Holds, Mode, Owner, Pause, Refusals, label};

/// Every rule about our own right, in the order of the reason tree.
pub(in crate::merge_gate) const MERGING: &[&str] = &[
    "is_what_was_decided_about",
    "is_not_quarantined",
    "is_not_paused",
    "configuration_is_valid",
    "mode_lets_us_act",
    "authority_to_merge_is_given",
    "is_from_this_repository",
    "is_in_our_care",
    "family_or_person_lets_us_merge",
    "is_not_frozen",
    "all_files_are_known",
    "changes_no_protected_path",
    "github_has_not_just_refused",
];

impl Denial {
    /// Everything there is to say about it.
    pub(in crate::merge_gate) fn words(&self) -> Words {
        let words = match self {
            Self::Moved { decided } => Words {
                what: format!("it has changed since {} was decided about", decided.short()),
                saw: vec![("decided", Fact::Word(decided.to_string()))],
                ..plain(
                    "head_moved",
                    "is_what_was_decided_about",
                    "",
                    Owner::Author,
                    "wait; it is decided afresh",
                )
            },
            Self::Quarantined => Words {
                what: format!(
                    "the label {} says to leave it alone",
                    code(label::QUARANTINE)
                ),
                ..plain(
                    "quarantined",
                    "is_not_quarantined",
                    "",
                    Owner::Maintainer,
                    "take the label off",
                )
            },
            Self::Paused(pause) => paused(pause),
            Self::Configuration(state) => configuration(*state),
            Self::Mode { is, ceiling } => mode(*is, *ceiling),
            Self::Authority(authority) => Words {
                what: format!("the repository's merge authority is `{}`", authority.word()),
                saw: vec![("authority", Fact::Word(authority.word().to_owned()))],
                ..plain(
                    "merge_authority_missing",
                    "authority_to_merge_is_given",
                    "",
                    Owner::Maintainer,
                    "merge it by hand, or set `pr_agent.merge_authority.mode: gate_and_merge`",
                )
            },
            Self::Fork => plain(
                "from_fork",
                "is_from_this_repository",
                "it comes from another repository",
                Owner::Maintainer,
                "merge it by hand",
            ),
            Self::NotInCare { care } => care_of(care),
            Self::Family { family, opt_in } => family_of(*family, opt_in),
            Self::Frozen { until } => Words {
                what: format!("nothing is merged until {until}"),
                saw: vec![("until", Fact::Time(*until))],
                ..plain(
                    "frozen",
                    "is_not_frozen",
                    "",
                    Owner::Maintainer,
                    "wait, merge it by hand, or change `pr_agent.merge.freeze`",
                )
            },
            Self::ProtectedPath { paths } => Words {
                what: format!("it changes protected paths: {}", super::list(paths)),
                saw: vec![("paths", Fact::names(paths.iter().take(10).cloned()))],
                ..plain(
                    "protected_path",
                    "changes_no_protected_path",
                    "",
                    Owner::Maintainer,
                    "look at it and merge it by hand",
                )
            },
            Self::FilesUnknown => Words {
                result: Holds::Unknown,
                ..plain(
                    "files_unknown",
                    "all_files_are_known",
                    "it changes more files than could be read",
                    Owner::Maintainer,
                    "look at it and merge it by hand",
                )
            },
            Self::ForgeRefuses {
                status: Refusals::QUEUED,
                times,
                until,
            } => Words {
                what: "it was put into the merge queue".to_owned(),
                saw: vec![
                    ("times", Fact::Count((*times).into())),
                    ("until", Fact::Time(*until)),
                ],
                ..plain(
                    "in_merge_queue",
                    "github_has_not_just_refused",
                    "",
                    Owner::Maintainer,
                    "look at the merge queue where it was given back; it is put in again by itself",
                )
            },
            Self::ForgeRefuses {
                status,
                times,
                until,
            } => Words {
                what: format!("GitHub refuses to merge this commit (status {status})"),
                saw: vec![
                    ("status", Fact::Count((*status).into())),
                    ("times", Fact::Count((*times).into())),
                    ("until", Fact::Time(*until)),
                ],
                ..plain(
                    "forge_refuses",
                    "github_has_not_just_refused",
                    "",
                    Owner::Maintainer,
                    "look at the merge box for what Caretaker cannot see; it is tried again by itself",
                )
            },
        };
        Words {
            part: Part::Merging,
            ..words
        }
    }
}

fn paused(pause: &Pause) -> Words {
    let why = pause.why.as_ref();
    let why = why.map_or_else(String::new, |why| format!(": {}", escape(why)));
    Words {
        what: format!("{} has paused Caretaker here{why}", escape(&pause.by)),
        saw: vec![
            ("by", Fact::Name(pause.by.clone())),
            ("since", Fact::Time(pause.at)),
        ],
        ..plain(
            "paused",
            "is_not_paused",
            "",
            Owner::Operator,
            "run `caretaker resume`",
        )
    }
}

fn configuration(state: ConfigState) -> Words {
    let (code, what, remedy) = match state {
        ConfigState::Absent => (
            "configuration_missing",
            "the repository has no configuration, so Caretaker only observes",
            "add a configuration; `caretaker config init` writes one",
        ),
        ConfigState::Valid | ConfigState::LastGood | ConfigState::NeverValid => (
            "configuration_invalid",
            "the repository's configuration is invalid and never was valid",
            "mend it; `caretaker config check` names the lines",
        ),
    };
    plain(
        code,
        "configuration_is_valid",
        what,
        Owner::Maintainer,
        remedy,
    )
}

fn mode(is: Mode, ceiling: Mode) -> Words {
    let (owner, remedy) = if ceiling < Mode::Act {
        (
            Owner::Operator,
            "raise the server's `mode_ceiling` to `act`; the repository's `safety.mode` counts too",
        )
    } else {
        (
            Owner::Maintainer,
            "set `safety.mode: act`, and no less in `safety.agents.pr`",
        )
    };
    Words {
        what: format!("the mode in force is `{}`", is.name()),
        saw: vec![
            ("mode", Fact::Word(is.name().to_owned())),
            ("ceiling", Fact::Word(ceiling.name().to_owned())),
        ],
        ..plain("mode_too_low", "mode_lets_us_act", "", owner, remedy)
    }
}

fn care_of(care: &OptIn) -> Words {
    let (code, what, saw) = match care {
        OptIn::No | OptIn::Yes => (
            "not_in_care",
            "it is not in Caretaker's care".to_owned(),
            None,
        ),
        OptIn::NotTheirs(by) => (
            "care_not_allowed",
            format!(
                "{} may not put it into Caretaker's care, and did",
                escape(by.as_str())
            ),
            Some(("by", Fact::Name(by.to_string()))),
        ),
        OptIn::Unknown => (
            "care_unknown",
            "who put it into Caretaker's care cannot be told".to_owned(),
            None,
        ),
    };
    Words {
        what,
        saw: saw.into_iter().collect(),
        ..plain(
            code,
            "is_in_our_care",
            "",
            Owner::Maintainer,
            "comment `@caretaker merge`, or merge it by hand",
        )
    }
}

fn family_of(family: Family, opt_in: &OptIn) -> Words {
    let kind = family.key();
    let (code, what, saw) = match opt_in {
        OptIn::No | OptIn::Yes => (
            "family_not_allowed",
            format!("`pr_agent.auto_merge.{kind}` is off"),
            None,
        ),
        OptIn::NotTheirs(by) => (
            "opt_in_not_allowed",
            format!(
                "`pr_agent.auto_merge.{kind}` is off, and {} may not let it in",
                escape(by.as_str())
            ),
            Some(("by", Fact::Name(by.to_string()))),
        ),
        OptIn::Unknown => (
            "opt_in_unknown",
            format!("`pr_agent.auto_merge.{kind}` is off, and who let it in cannot be told"),
            None,
        ),
    };
    let mut words = Words {
        what,
        saw: vec![("family", Fact::Word(kind.to_owned()))],
        ..plain(
            code,
            "family_or_person_lets_us_merge",
            "",
            Owner::Maintainer,
            "comment `@caretaker merge`, or merge it by hand",
        )
    };
    words.saw.extend(saw);
    words
}

impl Authority {
    /// As the configuration spells it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Advisory => "advisory",
            Self::GateOnly => "gate_only",
            Self::GateAndMerge => "gate_and_merge",
        }
    }
}
