//! Deletes the branch of a merged pull request, when nothing else can need it.

use super::super::Input;
use crate::model::ask::{AskBranch, AskPull, AskPullsOfHead, both};
use crate::model::{Action, Decision, Fact, ForgeAction, Halt, Holds, Item, Reason};

/// Branches that are never deleted, whatever protects them (spec 03 A1).
const KEPT: &[&str] = &["main", "master", "develop", "release"];

/// Decides about the branch of a closed item.
pub(super) fn decide(input: &Input<'_>, item: &Item, wanted: bool) -> Result<Decision, Halt> {
    let mut rules = vec![
        Reason::leaf("is_pull_request", item.pull),
        Reason::leaf("was_merged", item.merged_at.is_some()),
        Reason::leaf("deleting_is_switched_on", wanted),
    ];
    if rules.iter().any(|rule| !rule.holds()) {
        return Ok(Decision::because(
            "skip",
            Reason::all("delete_merged_branch", rules),
        ));
    }
    let pull = input.ask(&AskPull(item.number))?;
    let own = Reason::leaf("branch_is_in_this_repository", pull.same_repository);
    if !own.holds() {
        // A branch of that name in this repository would be somebody else's.
        rules.push(own);
        return Ok(Decision::because(
            "keep",
            Reason::all("delete_merged_branch", rules),
        ));
    }
    let (tip, users) = both(
        input.ask_opt(&AskBranch(pull.head_branch.clone())),
        input.ask(&AskPullsOfHead(pull.head_branch.clone())),
    )?;
    let Some(tip) = tip else {
        rules.push(Reason::leaf("branch_is_there", false));
        return Ok(Decision::because(
            "skip",
            Reason::all("delete_merged_branch", rules),
        ));
    };
    let unused = if !users.complete {
        Holds::Unknown
    } else if users.rows.is_empty() {
        Holds::Holds
    } else {
        Holds::Fails
    };
    rules.extend([
        own,
        Reason::leaf("tip_is_what_was_merged", tip.sha == pull.head)
            .saw("tip", Fact::Word(tip.sha.short().to_owned())),
        Reason::leaf("branch_is_not_protected", !tip.protected && !tip.default),
        Reason::leaf(
            "branch_is_no_base",
            !KEPT.contains(&pull.head_branch.as_str()),
        ),
        Reason::result("no_open_pull_request_uses_it", unused),
    ]);
    let because = Reason::all("delete_merged_branch", rules);
    if !because.holds() {
        return Ok(Decision::because("keep", because));
    }
    let branch = pull.head_branch.clone();
    let delete = ForgeAction::DeleteBranch {
        branch,
        expect: pull.head.clone(),
    };
    Ok(Decision::because("prune", because).then(
        Action::Forge(delete),
        "its pull request is merged and nothing else uses it",
    ))
}
