//! What is said about consent that is missing: code owners' and the repository's own rule.

use super::{Part, Words, list, plain};
use crate::merge_gate::code_owners;
use crate::merge_gate::rules::{Approvals, Finding, Of};
use crate::model::{Fact, Holds, Owner};

pub(super) fn owners(finding: &Finding) -> Words {
    let known = "somebody who owns the files approves this commit";
    consent(
        finding,
        "code_owner",
        "code_owners_approved",
        "code owners have not approved",
        known,
    )
}

pub(super) fn rule(finding: &Finding) -> Words {
    let known = "those whom the rule names approve this commit";
    let rule = "review_rule_is_satisfied";
    consent(
        finding,
        "review_rule",
        rule,
        "the review rule is not satisfied",
        known,
    )
}

fn consent(
    finding: &Finding,
    about: &str,
    rule: &'static str,
    what: &str,
    remedy: &'static str,
) -> Words {
    let mut awaited = Vec::new();
    collect(finding, &mut awaited);
    let (code, what, owner, remedy) = match (about, finding.result) {
        ("code_owner", Holds::Unknown) => (
            "code_owners_unknown",
            "who owns the changed files, or who is in their teams, cannot be told".to_owned(),
            Owner::Operator,
            "merge it by hand, or let the App read members",
        ),
        (_, Holds::Unknown) => (
            "review_rule_unknown",
            "whether the review rule is satisfied cannot be told".to_owned(),
            Owner::Operator,
            "merge it by hand, or let the App read members",
        ),
        ("code_owner", _) => (
            "code_owner_missing",
            awaits(what, &awaited),
            Owner::Reviewer,
            remedy,
        ),
        (_, _) => (
            "review_rule_unmet",
            awaits(what, &awaited),
            Owner::Reviewer,
            remedy,
        ),
    };
    Words {
        part: Part::Review,
        result: finding.result,
        what,
        saw: vec![("awaited", Fact::names(awaited))],
        ..plain(code, rule, "", owner, remedy)
    }
}

fn awaits(what: &str, awaited: &[String]) -> String {
    if awaited.is_empty() {
        what.to_owned()
    } else {
        format!("{what}: {}", list(awaited))
    }
}

/// Whose approval is awaited, each once.
fn collect(finding: &Finding, awaited: &mut Vec<String>) {
    if finding.result == Holds::Holds {
        return;
    }
    match &finding.of {
        Of::All(rules) | Of::Any(rules) => {
            for rule in rules {
                collect(rule, awaited);
            }
        }
        Of::Approvals(found) => add(found, awaited),
        Of::CodeOwners { groups, .. } => {
            for group in groups {
                add(group, awaited);
            }
        }
    }
}

fn add(found: &Approvals, awaited: &mut Vec<String>) {
    if found.result == Holds::Holds {
        return;
    }
    for owner in &found.from {
        let name = match owner {
            code_owners::Owner::Party(party) => party.to_string(),
            code_owners::Owner::Email(address) => address.clone(),
        };
        if !awaited.contains(&name) {
            awaited.push(name);
        }
    }
}
