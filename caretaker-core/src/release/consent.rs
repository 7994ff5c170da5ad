//! Who has to be asked by name: code owners, and those whom a review rule names.

use super::Act;
use crate::merge_gate::code_owners::Owner;
use crate::merge_gate::rules::{Approvals, Finding, Of};
use crate::merge_gate::{Party, Team};
use crate::model::ask::{AskMembers, AskPermission};
use crate::model::{Author, Evidence, Holds, Login, Permission};

/// Names that are tried for one rule; a team may own everything and have many members.
const MOST_NAMED: usize = 4;

/// Approvals that help, as far as rules name people; of a team the first member that we know stands
/// for all.
pub(super) fn named(finding: &Finding, evidence: &Evidence, author: &Author) -> Vec<Act> {
    let mut acts = Vec::new();
    for leaf in awaited(finding) {
        for owner in &leaf.from {
            let act = match owner {
                Owner::Party(Party::Person(login)) => Some(Act::ApproveAs {
                    by: login.clone(),
                    team: None,
                }),
                Owner::Party(Party::Team(team)) => {
                    member(team, leaf, evidence, author).map(|by| Act::ApproveAs {
                        by,
                        team: Some(team.to_string()),
                    })
                }
                Owner::Email(_) => None,
            };
            let act = act.filter(|act| {
                let helps = !is_by(act, &author.login()) && !is_barred(act, evidence);
                helps && !acts.contains(act)
            });
            acts.extend(act);
        }
    }
    acts.truncate(MOST_NAMED);
    acts
}

/// Whether anybody who may write would do.
pub(super) fn anybody(finding: &Finding) -> bool {
    awaited(finding).iter().any(|leaf| leaf.from.is_empty())
}

/// Whether it is known of somebody that they may not write, so that their approval helps nothing.
pub(super) fn may_not_write(login: &Login, evidence: &Evidence) -> bool {
    match evidence.ask_opt(&AskPermission(login.clone())) {
        Ok(Some(permission)) => *permission < Permission::Write,
        Ok(None) => true,
        Err(_) => false,
    }
}

fn is_barred(act: &Act, evidence: &Evidence) -> bool {
    matches!(act, Act::ApproveAs { by, .. } if may_not_write(by, evidence))
}

fn is_by(act: &Act, login: &Login) -> bool {
    matches!(act, Act::ApproveAs { by, .. } if by.same(login))
}

/// The parts of a rule that want more approvals, first those that come first.
fn awaited(finding: &Finding) -> Vec<&Approvals> {
    if finding.result == Holds::Holds {
        return Vec::new();
    }
    let fails = |leaf: &&Approvals| leaf.result == Holds::Fails;
    match &finding.of {
        Of::All(rules) | Of::Any(rules) => rules.iter().flat_map(awaited).collect(),
        Of::Approvals(found) => [found].into_iter().filter(fails).collect(),
        Of::CodeOwners { groups, .. } => groups.iter().filter(fails).collect(),
    }
}

/// Somebody of a team who has not spoken yet and may, as far as we know.
fn member(team: &Team, leaf: &Approvals, evidence: &Evidence, author: &Author) -> Option<Login> {
    let ask = AskMembers((Login::new(team.org()), team.slug().to_owned()));
    let members = evidence.ask_opt(&ask).ok().flatten()?;
    let spent = |login: &Login| {
        let given = leaf.given.iter().chain(&leaf.wrote_it);
        given
            .chain([&author.login()])
            .any(|other| other.same(login))
            || may_not_write(login, evidence)
    };
    members.rows.iter().find(|login| !spent(login)).cloned()
}
