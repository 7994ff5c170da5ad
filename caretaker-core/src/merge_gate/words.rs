//! What is said about each blocker: its rule, what was seen, who can help, and how.

mod consent;
mod denial;

use super::{Blocker, Part, Standing};
use crate::explain::{code, escape};
use crate::model::{Fact, Holds, Login, Owner, label};
pub(super) use denial::MERGING;

/// Everything there is to say about one blocker.
pub(super) struct Words {
    /// Stable name, for metrics and for people to search.
    pub(super) code: &'static str,
    /// The rule that does not hold.
    pub(super) rule: &'static str,
    pub(super) part: Part,
    pub(super) result: Holds,
    /// The state of affairs, in Markdown.
    pub(super) what: String,
    pub(super) owner: Owner,
    pub(super) remedy: &'static str,
    pub(super) saw: Vec<(&'static str, Fact)>,
}

/// Every rule, in the order of the reason tree; one that no blocker names holds.
pub(super) const RULES: &[(Part, &str)] = &[
    (Part::State, "is_open"),
    (Part::State, "is_no_draft"),
    (Part::State, "merges_without_conflict"),
    (Part::State, "mergeability_is_known"),
    (Part::State, "contains_its_base_where_demanded"),
    (Part::State, "is_not_marked_breaking"),
    (Part::State, "is_not_held"),
    (Part::State, "is_not_handed_to_people"),
    (Part::State, "github_does_not_refuse"),
    (Part::Feedback, "remarks_by_automation_are_answered"),
    (Part::Review, "all_reviews_were_read"),
    (Part::Review, "nobody_demands_changes"),
    (Part::Review, "approvals_are_given"),
    (Part::Review, "approvals_are_for_this_head"),
    (Part::Review, "code_owners_approved"),
    (Part::Review, "review_rule_is_satisfied"),
    (Part::Ci, "required_checks_are_known"),
    (Part::Ci, "all_checks_were_read"),
    (Part::Ci, "no_check_failed"),
    (Part::Ci, "no_check_was_cancelled"),
    (Part::Ci, "no_check_went_stale"),
    (Part::Ci, "every_check_is_readable"),
    (Part::Ci, "no_check_waits_for_approval"),
    (Part::Ci, "checks_come_from_the_right_app"),
    (Part::Ci, "no_check_was_skipped_after_a_failure"),
    (Part::Ci, "every_required_check_reported"),
    (Part::Ci, "no_check_is_running"),
    (Part::Ci, "some_check_succeeded"),
    (Part::Ci, "some_check_is_there"),
    (Part::Ci, "checks_have_settled"),
];

impl Blocker {
    /// Everything there is to say about it.
    pub(super) fn words(&self) -> Words {
        match self {
            Self::Closed => plain(
                "closed",
                "is_open",
                "it is closed",
                Owner::Maintainer,
                "open it again",
            ),
            Self::Draft => plain(
                "draft_pr",
                "is_no_draft",
                "it is a draft",
                Owner::Author,
                "mark it as ready for review",
            ),
            Self::Conflict => plain(
                "merge_conflict",
                "merges_without_conflict",
                "it conflicts with its base branch",
                Owner::Author,
                "merge or rebase onto the base branch",
            ),
            Self::MergeabilityUnknown => Words {
                result: Holds::Unknown,
                ..plain(
                    "mergeability_unknown",
                    "mergeability_is_known",
                    "GitHub has not yet computed whether it merges",
                    Owner::GitHub,
                    "wait; it is asked again by itself",
                )
            },
            Self::Behind => plain(
                "behind_base",
                "contains_its_base_where_demanded",
                "its base branch has moved on, and must be contained",
                Owner::Author,
                "update the branch",
            ),
            Self::Breaking => Words {
                what: format!(
                    "the label {} marks it as breaking users",
                    code(label::BREAKING)
                ),
                ..plain(
                    "breaking_change",
                    "is_not_marked_breaking",
                    "",
                    Owner::Maintainer,
                    "merge it by hand, or take the label off",
                )
            },
            Self::Hold { label } => Words {
                what: format!("the label {} holds it", code(label.as_str())),
                saw: vec![("label", Fact::Name(label.to_string()))],
                ..plain(
                    "manual_hold",
                    "is_not_held",
                    "",
                    Owner::Maintainer,
                    "take the label off",
                )
            },
            Self::Escalated => Words {
                what: format!("the label {} hands it to people", code(label::ESCALATED)),
                ..plain(
                    "escalated",
                    "is_not_handed_to_people",
                    "",
                    Owner::Maintainer,
                    "decide, then take the label off",
                )
            },
            Self::ForgeBlocks => plain(
                "forge_blocks",
                "github_does_not_refuse",
                "GitHub blocks it although every rule we can see is met",
                Owner::Maintainer,
                "look at the merge box: conversations, code owners, deployments or a merge queue",
            ),
            Self::AutomatedFeedback { by } => Words {
                part: Part::Feedback,
                ..people(
                    "automated_feedback_unaddressed",
                    "remarks_by_automation_are_answered",
                    "this commit has open remarks",
                    by,
                    Owner::Author,
                    "push an answer, or have a reviewer approve after it",
                )
            },
            Self::ReviewsIncomplete { seen } => Words {
                part: Part::Review,
                result: Holds::Unknown,
                saw: vec![("seen", count(*seen))],
                ..plain(
                    "reviews_incomplete",
                    "all_reviews_were_read",
                    "there are more reviews than could be read",
                    Owner::Operator,
                    "merge it by hand",
                )
            },
            Self::ChangesRequested { by } => people(
                "changes_requested",
                "nobody_demands_changes",
                "changes are requested",
                by,
                Owner::Author,
                "make the changes and ask for another review",
            ),
            Self::ReviewMissing { given, needed } => Words {
                what: format!("{given} of {needed} approvals are given"),
                ..approvals(
                    "required_review_missing",
                    "approvals_are_given",
                    *given,
                    *needed,
                )
            },
            Self::ReviewOutdated { given, needed, by } => {
                let mut words = approvals(
                    "required_review_outdated",
                    "approvals_are_for_this_head",
                    *given,
                    *needed,
                );
                words.what = format!(
                    "{given} of {needed} approvals are for this commit; approved an older one: {}",
                    list(&logins(by))
                );
                words.saw.push(("approved_older", Fact::names(logins(by))));
                words
            }
            Self::CodeOwners(finding) => consent::owners(finding),
            Self::ReviewRule(finding) => consent::rule(finding),
            Self::RequiredUnknown => Words {
                part: Part::Ci,
                result: Holds::Unknown,
                ..plain(
                    "required_checks_unknown",
                    "required_checks_are_known",
                    "what the base branch requires could not be learned",
                    Owner::Operator,
                    "let the App read the repository's contents and metadata",
                )
            },
            Self::ChecksIncomplete { seen } => Words {
                part: Part::Ci,
                result: Holds::Unknown,
                saw: vec![("seen", count(*seen))],
                ..plain(
                    "checks_incomplete",
                    "all_checks_were_read",
                    "there are more checks than could be read",
                    Owner::Operator,
                    "merge it by hand",
                )
            },
            Self::Checks {
                standing,
                names,
                required,
            } => checks(*standing, names, *required),
            Self::NothingSucceeded { names } => named(
                "nothing_succeeded",
                "some_check_succeeded",
                "every check was skipped or had no opinion",
                names,
                Owner::Author,
                "make at least one check run on this change",
            ),
            Self::NoCi { until: Some(until) } => Words {
                saw: vec![("until", Fact::Time(*until))],
                what: format!("no check has reported yet; one may until {until}"),
                ..named(
                    "no_ci",
                    "some_check_is_there",
                    "",
                    &[],
                    Owner::Ci,
                    "wait for the first check",
                )
            },
            Self::NoCi { until: None } => named(
                "no_ci",
                "some_check_is_there",
                "nothing checks this commit",
                &[],
                Owner::Maintainer,
                "set up a check, or set `pr_agent.merge.allow_no_ci: true`",
            ),
            Self::NotSettled { until } => Words {
                saw: vec![("until", Fact::Time(*until))],
                what: format!("another check may still come until {until}"),
                ..named(
                    "checks_not_settled",
                    "checks_have_settled",
                    "",
                    &[],
                    Owner::Ci,
                    "wait; it is looked at again by itself",
                )
            },
            Self::Denied(denial) => denial.words(),
        }
    }
}

fn plain(
    code: &'static str,
    rule: &'static str,
    what: &str,
    owner: Owner,
    remedy: &'static str,
) -> Words {
    Words {
        code,
        rule,
        part: Part::State,
        result: Holds::Fails,
        what: what.to_owned(),
        owner,
        remedy,
        saw: Vec::new(),
    }
}

fn people(
    code: &'static str,
    rule: &'static str,
    what: &str,
    by: &[Login],
    owner: Owner,
    remedy: &'static str,
) -> Words {
    Words {
        part: Part::Review,
        what: format!("{what} by {}", list(&logins(by))),
        saw: vec![("by", Fact::names(logins(by)))],
        ..plain(code, rule, "", owner, remedy)
    }
}

fn approvals(code: &'static str, rule: &'static str, given: u32, needed: u32) -> Words {
    Words {
        part: Part::Review,
        saw: vec![
            ("given", Fact::Count(given.into())),
            ("needed", Fact::Count(needed.into())),
        ],
        ..plain(
            code,
            rule,
            "",
            Owner::Reviewer,
            "somebody with write access approves this commit",
        )
    }
}

fn checks(standing: Standing, names: &[String], required: bool) -> Words {
    let rerun = "look at the log, then push a fix or run it again";
    let (code, rule, what, owner, remedy) = match standing {
        Standing::Passed => (
            "ci_passing",
            "no_check_failed",
            "passed",
            Owner::Ci,
            "nothing",
        ),
        Standing::Failed => (
            "ci_failing",
            "no_check_failed",
            "failed",
            Owner::Author,
            rerun,
        ),
        Standing::Cancelled => (
            "ci_cancelled",
            "no_check_was_cancelled",
            "cancelled",
            Owner::Author,
            "run it again",
        ),
        Standing::Stale => (
            "ci_stale",
            "no_check_went_stale",
            "given up by GitHub",
            Owner::Author,
            "run it again",
        ),
        Standing::Unreadable => (
            "ci_unreadable",
            "every_check_is_readable",
            "ended with a word we do not know",
            Owner::Operator,
            "merge it by hand, and report the word",
        ),
        Standing::ActionRequired => (
            "ci_awaits_approval",
            "no_check_waits_for_approval",
            "waiting for approval",
            Owner::Maintainer,
            "look at the change, then approve the workflow run",
        ),
        Standing::WrongApp => (
            "ci_wrong_app",
            "checks_come_from_the_right_app",
            "reported only by an App that does not count",
            Owner::Maintainer,
            "have the App report it that the branch rules name",
        ),
        Standing::Skipped => (
            "ci_skipped",
            "no_check_was_skipped_after_a_failure",
            "skipped while another check failed",
            Owner::Author,
            "mend what failed, so that it runs",
        ),
        Standing::Absent => (
            "ci_pending",
            "every_required_check_reported",
            "not reported yet",
            Owner::Ci,
            "wait for it; if it never comes, the branch rules name a check nobody runs",
        ),
        Standing::Pending => (
            "ci_pending",
            "no_check_is_running",
            "running",
            Owner::Ci,
            "wait for it",
        ),
    };
    let kind = if required {
        "required checks"
    } else {
        "checks"
    };
    let what = format!("{kind} {what}");
    named(code, rule, &what, names, owner, remedy)
}

fn named(
    code: &'static str,
    rule: &'static str,
    what: &str,
    names: &[String],
    owner: Owner,
    remedy: &'static str,
) -> Words {
    let plain = plain(code, rule, what, owner, remedy);
    if names.is_empty() {
        return Words {
            part: Part::Ci,
            ..plain
        };
    }
    Words {
        part: Part::Ci,
        what: format!("{what}: {}", list(names)),
        saw: vec![("checks", Fact::names(names.iter().cloned()))],
        ..plain
    }
}

/// Names from outside inside Markdown, the first ten of them.
fn list(names: &[String]) -> String {
    const SHOWN: usize = 10;
    let more = names.len().saturating_sub(SHOWN);
    let mut shown: Vec<String> = names.iter().take(SHOWN).map(|name| escape(name)).collect();
    if more > 0 {
        shown.push(format!("and {more} more"));
    }
    shown.join(", ")
}

fn logins(by: &[Login]) -> Vec<String> {
    by.iter().map(Login::to_string).collect()
}

fn count(n: usize) -> Fact {
    Fact::Count(i64::try_from(n).unwrap_or(i64::MAX))
}
