//! What reviews say about a rule. Unknown never permits, and whatever is still to be learned
//! cannot turn what is told here as holding or failing into its opposite.

use std::collections::BTreeSet;

use super::Rule;
use crate::merge_gate::code_owners::{Owner, OwnerGroup};
use crate::merge_gate::owner::{Party, Team};
use crate::merge_gate::reviews::by_person;
use crate::merge_gate::teams::{Belongs, Teams};
use crate::model::review::{same_reviewer, standing};
use crate::model::{Author, Holds, Listing, Login, Review, ReviewState, Sha};

/// What a rule is judged by.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// All reviews; which of them stand is found out here.
    pub reviews: &'a Listing<Review>,
    /// The head that may be merged.
    pub head: &'a Sha,
    /// Who opened the pull request.
    pub author: &'a Author,
    /// Who wrote its commits; `None` where that could not be learned.
    pub commit_authors: Option<&'a Listing<Author>>,
    /// Who is in which team.
    pub teams: &'a Teams,
    /// The changed files with owners; `None` where they could not be learned, and not complete
    /// where there may be more files.
    pub code_owners: Option<&'a Listing<OwnerGroup>>,
    /// Whether only approvals of this very head count.
    pub dismiss_stale: bool,
}

/// What was found, in the shape of the rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Whether the rule holds.
    pub result: Holds,
    /// Of which rule.
    pub of: Of,
}

/// The rule that something was found of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Of {
    /// Every one of these has to hold.
    All(Vec<Finding>),
    /// One of these has to hold.
    Any(Vec<Finding>),
    /// People have to approve.
    Approvals(Approvals),
    /// Owners have to approve, in each group of files.
    CodeOwners {
        /// Each group that is known.
        groups: Vec<Approvals>,
        /// Whether there may be more files, or owners could not be learned at all.
        complete: bool,
    },
}

/// Approvals of those who count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approvals {
    /// Whether there are enough.
    pub result: Holds,
    /// How many are needed.
    pub needed: u32,
    /// Who could give them; empty where everybody can who may write to the repository.
    pub from: Vec<Owner>,
    /// The files they are needed for; empty where they are for the whole change.
    pub files: Vec<String>,
    /// Who has.
    pub given: Vec<Login>,
    /// Who has, and may not count for want of knowledge.
    pub unsure: Vec<Login>,
    /// Who has approved an older head, and would count otherwise.
    pub outdated: Vec<Login>,
    /// Who has, and does not count because of commits of theirs.
    pub wrote_it: Vec<Login>,
    /// What would have to be learned to be sure; only where the result is unknown.
    pub unlearned: Vec<Unlearned>,
}

/// What could not be learned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unlearned {
    /// All the reviews.
    Reviews,
    /// Who wrote the commits.
    CommitAuthors,
    /// Who is in this team.
    Team(Team),
    /// Whose account an e-mail address belongs to.
    Email,
}

impl Approvals {
    /// How many more are needed at the least.
    pub fn missing(&self) -> u32 {
        let given = u32::try_from(self.given.len()).unwrap_or(u32::MAX);
        self.needed.saturating_sub(given)
    }
}

impl Rule {
    /// What the facts say about it.
    pub fn judge(&self, facts: &Facts<'_>) -> Finding {
        judge(self, facts, &approvers(facts))
    }
}

/// Somebody whose approval stands.
struct Approver<'a> {
    login: Login,
    /// Whether it is for the head, or may be for an older one.
    counts: bool,
    /// Whether commits are theirs; `None` where nobody can tell.
    wrote: Option<bool>,
    review: &'a Review,
}

fn approvers<'a>(facts: &Facts<'a>) -> Vec<Approver<'a>> {
    let stands = standing(&facts.reviews.rows).into_iter();
    let approvals = stands
        .filter(|review| review.state == ReviewState::Approved && by_person(review, facts.author));
    let mut approvers: Vec<_> = approvals
        .map(|review| Approver {
            login: review.by.login(),
            counts: !facts.dismiss_stale || review.commit.as_ref() == Some(facts.head),
            wrote: wrote(&review.by, facts.commit_authors),
            review,
        })
        .collect();
    approvers.sort_by(|a, b| a.review.by.cmp(&b.review.by));
    approvers
}

fn wrote(who: &Author, commit_authors: Option<&Listing<Author>>) -> Option<bool> {
    let authors = commit_authors?;
    if authors.rows.iter().any(|author| same_reviewer(author, who)) {
        return Some(true);
    }
    authors.complete.then_some(false)
}

fn judge(rule: &Rule, facts: &Facts<'_>, approvers: &[Approver<'_>]) -> Finding {
    let each = |rules: &[Rule]| -> Vec<Finding> {
        let found = rules.iter().map(|rule| judge(rule, facts, approvers));
        found.collect()
    };
    match rule {
        Rule::All(rules) => {
            let found = each(rules);
            Finding {
                result: all(found.iter().map(|finding| finding.result)),
                of: Of::All(found),
            }
        }
        Rule::Any(rules) => {
            let found = each(rules);
            Finding {
                result: any(found.iter().map(|finding| finding.result)),
                of: Of::Any(found),
            }
        }
        Rule::Approvals {
            needed,
            from,
            commit_authors,
        } => {
            let wanted = Wanted {
                needed: *needed,
                from: from.iter().cloned().map(Owner::Party).collect(),
                files: Vec::new(),
                commit_authors: *commit_authors,
            };
            let found = count(wanted, facts, approvers);
            Finding {
                result: found.result,
                of: Of::Approvals(found),
            }
        }
        Rule::CodeOwners { commit_authors } => {
            let known = facts.code_owners.map_or(&[][..], |listing| &listing.rows);
            let wanted = known.iter().map(|group| Wanted {
                needed: 1,
                from: group.owners.clone(),
                files: group.files.clone(),
                commit_authors: *commit_authors,
            });
            let groups: Vec<_> = wanted.map(|w| count(w, facts, approvers)).collect();
            let complete = facts.code_owners.is_some_and(|listing| listing.complete);
            let rest = (!complete).then_some(Holds::Unknown);
            Finding {
                result: all(groups.iter().map(|group| group.result).chain(rest)),
                of: Of::CodeOwners { groups, complete },
            }
        }
    }
}

/// What a leaf wants.
struct Wanted {
    needed: u32,
    /// Empty = everybody.
    from: Vec<Owner>,
    files: Vec<String>,
    commit_authors: bool,
}

fn count(wanted: Wanted, facts: &Facts<'_>, approvers: &[Approver<'_>]) -> Approvals {
    let mut found = Approvals {
        result: Holds::Unknown,
        needed: wanted.needed,
        from: wanted.from,
        files: wanted.files,
        given: Vec::new(),
        unsure: Vec::new(),
        outdated: Vec::new(),
        wrote_it: Vec::new(),
        unlearned: Vec::new(),
    };
    let mut authors_matter = false;
    for approver in approvers {
        let belongs = belongs(&approver.login, &found.from, facts.teams);
        let wrote = if wanted.commit_authors {
            Some(false)
        } else {
            approver.wrote
        };
        let list = match (belongs, wrote) {
            (Belongs::No, _) => continue,
            (_, Some(true)) => &mut found.wrote_it,
            _ if !approver.counts => &mut found.outdated,
            (Belongs::Yes, Some(false)) => &mut found.given,
            (Belongs::Yes | Belongs::Unknown, _) => {
                authors_matter |= wrote.is_none();
                &mut found.unsure
            }
        };
        list.push(approver.login.clone());
    }
    let enough = |given: usize| u32::try_from(given).is_ok_and(|given| given >= wanted.needed);
    let complete = facts.reviews.complete;
    found.result = if enough(found.given.len()) && complete {
        Holds::Holds
    } else if enough(found.given.len() + found.unsure.len()) || !complete {
        // What was not read may add an approval, and take one back.
        Holds::Unknown
    } else {
        Holds::Fails
    };
    if found.result == Holds::Unknown {
        found.unlearned = unlearned(&found, facts, authors_matter);
    }
    found
}

fn unlearned(found: &Approvals, facts: &Facts<'_>, authors_matter: bool) -> Vec<Unlearned> {
    let mut unlearned = Vec::new();
    if !facts.reviews.complete {
        unlearned.push(Unlearned::Reviews);
    }
    if authors_matter {
        unlearned.push(Unlearned::CommitAuthors);
    }
    if !found.unsure.is_empty() {
        let team = |owner: &Owner| match owner {
            Owner::Party(Party::Team(team)) => Some(team.clone()),
            Owner::Party(Party::Person(_)) | Owner::Email(_) => None,
        };
        let teams = found.from.iter().filter_map(team);
        let unknown: BTreeSet<Team> = teams.filter(|t| !facts.teams.is_learned(t)).collect();
        unlearned.extend(unknown.into_iter().map(Unlearned::Team));
        let email = |owner: &Owner| matches!(owner, Owner::Email(_));
        if found.from.iter().any(email) {
            unlearned.push(Unlearned::Email);
        }
    }
    unlearned
}

fn belongs(who: &Login, from: &[Owner], teams: &Teams) -> Belongs {
    if from.is_empty() {
        return Belongs::Yes;
    }
    let one = |owner: &Owner| match owner {
        Owner::Party(party) => teams.belongs(who, party),
        Owner::Email(_) => Belongs::Unknown,
    };
    let found: Vec<Belongs> = from.iter().map(one).collect();
    if found.contains(&Belongs::Yes) {
        Belongs::Yes
    } else if found.contains(&Belongs::Unknown) {
        Belongs::Unknown
    } else {
        Belongs::No
    }
}

/// Fails where one fails, else unknown where one is unknown.
fn all(results: impl Iterator<Item = Holds>) -> Holds {
    results.fold(Holds::Holds, |so_far, next| match (so_far, next) {
        (Holds::Fails, _) | (_, Holds::Fails) => Holds::Fails,
        (Holds::Unknown, _) | (_, Holds::Unknown) => Holds::Unknown,
        (Holds::Holds | Holds::NotApplicable, Holds::Holds | Holds::NotApplicable) => Holds::Holds,
    })
}

/// Holds where one holds, else unknown where one is unknown.
fn any(results: impl Iterator<Item = Holds>) -> Holds {
    results.fold(Holds::Fails, |so_far, next| match (so_far, next) {
        (Holds::Holds, _) | (_, Holds::Holds) => Holds::Holds,
        (Holds::Unknown, _) | (_, Holds::Unknown) => Holds::Unknown,
        (Holds::Fails | Holds::NotApplicable, Holds::Fails | Holds::NotApplicable) => Holds::Fails,
    })
}
