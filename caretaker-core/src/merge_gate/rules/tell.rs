//! A finding as a tree of reasons: what is missing, who could give it, what nobody knows.

use super::judge::{Approvals, Finding, Of, Unlearned};
use crate::merge_gate::code_owners::Owner;
use crate::model::{Fact, Holds, Login, Owner as Helper, Reason};

/// Names of one kind that a reason holds; a change may touch thousands of files.
const SHOWN: usize = 10;

impl Finding {
    /// The tree, in the shape of the rule.
    pub fn reason(&self) -> Reason {
        match &self.of {
            Of::All(rules) => node(
                "all_of_these_review_rules_hold",
                self.result,
                rules.iter().map(Self::reason),
            ),
            Of::Any(rules) => node(
                "one_of_these_review_rules_holds",
                self.result,
                rules.iter().map(Self::reason),
            ),
            Of::Approvals(found) => leaf("enough_of_those_who_count_approve", found),
            Of::CodeOwners { groups, complete } => {
                let groups = groups
                    .iter()
                    .map(|g| leaf("an_owner_of_these_files_approves", g));
                let whole = node("code_owners_approve", self.result, groups);
                if *complete {
                    return whole;
                }
                let whole = whole.saw("all_files_and_owners_are_known", Fact::Flag(false));
                whole.unblock(Helper::Operator, BY_HAND)
            }
        }
    }
}

const BY_HAND: &str = "merge it by hand";

fn node(rule: &'static str, result: Holds, children: impl Iterator<Item = Reason>) -> Reason {
    Reason {
        children: children.collect(),
        ..Reason::result(rule, result)
    }
}

fn leaf(rule: &'static str, found: &Approvals) -> Reason {
    let mut leaf = Reason::result(rule, found.result)
        .saw("needed", Fact::Count(found.needed.into()))
        .saw("missing", Fact::Count(found.missing().into()))
        .saw("from", from(&found.from))
        .saw("given", names(&found.given));
    for (name, logins) in [
        ("not_known_to_count", &found.unsure),
        ("approved_older", &found.outdated),
        ("wrote_commits_of_it", &found.wrote_it),
    ] {
        if !logins.is_empty() {
            leaf = leaf.saw(name, names(logins));
        }
    }
    if !found.files.is_empty() {
        leaf = leaf.saw("files", shown(found.files.iter().cloned()));
    }
    if !found.unlearned.is_empty() {
        let words = found.unlearned.iter().map(Unlearned::fact);
        leaf = leaf.saw("unknown", Fact::List(words.collect()));
    }
    match found.result {
        Holds::Holds | Holds::NotApplicable => leaf,
        Holds::Fails if found.outdated.is_empty() => {
            leaf.unblock(Helper::Reviewer, "one of them approves this commit")
        }
        Holds::Fails => leaf.unblock(
            Helper::Reviewer,
            "whoever approved an older commit, or another of them, approves this one",
        ),
        Holds::Unknown => {
            let (owner, remedy) = found
                .unlearned
                .first()
                .map_or((Helper::Operator, BY_HAND), Unlearned::remedy);
            leaf.unblock(owner, remedy)
        }
    }
}

fn from(owners: &[Owner]) -> Fact {
    if owners.is_empty() {
        return Fact::Word("anybody_who_may_write".to_owned());
    }
    shown(owners.iter().map(|owner| match owner {
        Owner::Party(party) => party.to_string(),
        Owner::Email(address) => address.clone(),
    }))
}

fn names(logins: &[Login]) -> Fact {
    shown(logins.iter().map(Login::to_string))
}

fn shown(names: impl ExactSizeIterator<Item = String>) -> Fact {
    let more = names.len().saturating_sub(SHOWN);
    let mut facts: Vec<Fact> = names.take(SHOWN).map(Fact::Name).collect();
    if more > 0 {
        facts.push(Fact::Word(format!("and {more} more")));
    }
    Fact::List(facts)
}

impl Unlearned {
    fn fact(&self) -> Fact {
        match self {
            Self::Reviews => Fact::Word("all_reviews".to_owned()),
            Self::CommitAuthors => Fact::Word("who_wrote_the_commits".to_owned()),
            Self::Team(team) => Fact::Name(team.to_string()),
            Self::Email => Fact::Word("whose_the_address_is".to_owned()),
        }
    }

    fn remedy(&self) -> (Helper, &'static str) {
        match self {
            Self::Reviews | Self::CommitAuthors => (Helper::Operator, BY_HAND),
            Self::Team(_) => (
                Helper::Operator,
                "let the App read the organisation's members, or merge it by hand",
            ),
            Self::Email => (
                Helper::Maintainer,
                "name the owner by account in CODEOWNERS, or merge it by hand",
            ),
        }
    }
}
