//! Branches, and what their protection requires.
//!
//! Classic protection and rulesets are asked through the two routes that answer without
//! administrator rights. What they do not show — a strict classic protection among it — shows in
//! the forge's own merge state.

use caretaker_core::{
    model::{AppId, Branch, BranchTip, Listing, Required, RequiredCheck, Sha},
    ports::{Kind, PortError},
};
use futures_util::future::{join, try_join};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    address::escape,
    error::unintelligible,
    scope::{RepoShape, Scope},
};

#[derive(Debug, Deserialize)]
pub(super) struct BranchShape {
    name: String,
    commit: CommitShape,
    pub(super) protected: bool,
    #[serde(default)]
    protection: Option<ProtectionShape>,
}

#[derive(Debug, Deserialize)]
struct CommitShape {
    sha: Sha,
}

#[derive(Debug, Deserialize)]
struct ProtectionShape {
    #[serde(default)]
    enabled: Option<bool>,
    #[serde(default)]
    required_status_checks: Option<ChecksShape>,
}

#[derive(Debug, Deserialize)]
struct ChecksShape {
    #[serde(default)]
    contexts: Vec<String>,
    #[serde(default)]
    checks: Vec<CheckShape>,
}

#[derive(Debug, Deserialize)]
struct CheckShape {
    context: String,
    /// −1 where anybody's result counts.
    #[serde(default)]
    app_id: Option<i64>,
}

/// A rule of a ruleset; what its parameters are depends on its type.
#[derive(Debug, Deserialize)]
pub(super) struct RuleShape {
    #[serde(rename = "type")]
    pub(super) kind: String,
    #[serde(default)]
    pub(super) parameters: Value,
}

#[derive(Debug, Deserialize)]
struct ChecksRuleShape {
    required_status_checks: Vec<RuleCheckShape>,
    #[serde(default)]
    strict_required_status_checks_policy: bool,
}

#[derive(Debug, Deserialize)]
struct RuleCheckShape {
    context: String,
    #[serde(default)]
    integration_id: Option<i64>,
}

#[derive(Debug, Deserialize)]
struct PullRuleShape {
    #[serde(default)]
    required_approving_review_count: u32,
    #[serde(default)]
    require_code_owner_review: bool,
    #[serde(default)]
    dismiss_stale_reviews_on_push: bool,
}

impl BranchShape {
    /// Whether classic protection covers it, as opposed to rulesets; `None` where that is not told.
    pub(super) fn is_classic(&self) -> Option<bool> {
        self.protection.as_ref()?.enabled
    }
}

pub(crate) async fn tip(scope: Scope<'_>, branch: &Branch) -> Result<BranchTip, PortError> {
    const OP: &str = "forge.read.branch";
    let (shape, repo): (BranchShape, RepoShape) =
        try_join(scope.ask(OP, &path(branch)), scope.ask(OP, "")).await?;
    Ok(BranchTip {
        default: shape.name == repo.default_branch,
        sha: shape.commit.sha,
        protected: shape.protected,
    })
}

/// What must hold before something goes into the branch; `None` where that cannot be learned,
/// which is not "nothing". Fails where GitHub only does not answer now.
pub(crate) async fn required(
    scope: Scope<'_>,
    branch: &Branch,
) -> Result<Option<Required>, PortError> {
    const OP: &str = "forge.read.protection";
    let rules_path = format!("/rules/branches/{}?per_page=100", escape(branch.as_str()));
    let (classic, rules) = join(
        scope.ask::<BranchShape>(OP, &path(branch)),
        scope.list::<RuleShape>(OP, &rules_path),
    )
    .await;
    let (Some(classic), Some(rules)) = (learned(classic)?, learned(rules)?) else {
        return Ok(None);
    };
    union(classic, rules).map_err(|error| {
        unintelligible(OP, format!("parameters of a rule: {:?}", error.classify()))
    })
}

/// Where a branch points.
pub(super) async fn sha(
    scope: Scope<'_>,
    op: &'static str,
    branch: &Branch,
) -> Result<Sha, PortError> {
    let shape: BranchShape = scope.ask(op, &path(branch)).await?;
    Ok(shape.commit.sha)
}

pub(super) fn path(branch: &Branch) -> String {
    format!("/branches/{}", escape(branch.as_str()))
}

/// Nothing where we are not let in or there is nothing to see; other failures stay failures.
pub(super) fn learned<T>(answer: Result<T, PortError>) -> Result<Option<T>, PortError> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) => match error.kind {
            Kind::NotFound | Kind::Denied => Ok(None),
            Kind::Conflict
            | Kind::Fenced
            | Kind::RateLimited(_)
            | Kind::Unavailable
            | Kind::Full
            | Kind::Refused(_)
            | Kind::Invalid
            | Kind::Corrupt => Err(error),
        },
    }
}

/// A rule whose parameters we cannot read is a failure: it must not count as no rule.
pub(super) fn union(
    classic: BranchShape,
    rules: Listing<RuleShape>,
) -> Result<Option<Required>, serde_json::Error> {
    if !rules.complete || (classic.protected && classic.protection.is_none()) {
        return Ok(None);
    }
    let mut required = Required::default();
    if let Some(checks) = classic
        .protection
        .and_then(|protection| protection.required_status_checks)
    {
        let named: Vec<String> = checks.checks.iter().map(|c| c.context.clone()).collect();
        // Older protections know contexts only.
        let alone = checks.contexts.into_iter().filter(|c| !named.contains(c));
        required
            .checks
            .extend(alone.map(|name| RequiredCheck { name, app: None }));
        required
            .checks
            .extend(checks.checks.into_iter().map(|check| RequiredCheck {
                name: check.context,
                app: app(check.app_id),
            }));
    }
    for rule in rules.rows {
        match rule.kind.as_str() {
            "required_status_checks" => {
                let rule: ChecksRuleShape = serde_json::from_value(rule.parameters)?;
                required.up_to_date |= rule.strict_required_status_checks_policy;
                let checks = rule.required_status_checks.into_iter();
                required.checks.extend(checks.map(|check| RequiredCheck {
                    name: check.context,
                    app: app(check.integration_id),
                }));
            }
            "pull_request" => {
                let rule: PullRuleShape = serde_json::from_value(rule.parameters)?;
                required.approvals = required.approvals.max(rule.required_approving_review_count);
                required.code_owners |= rule.require_code_owner_review;
                required.dismiss_stale |= rule.dismiss_stale_reviews_on_push;
            }
            "merge_queue" => required.queue = true,
            _ => {}
        }
    }
    required.checks.sort();
    required.checks.dedup();
    Ok(Some(required))
}

fn app(id: Option<i64>) -> Option<AppId> {
    id.and_then(|id| u64::try_from(id).ok()).map(AppId::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn branch(protection: &str) -> BranchShape {
        let sha = "a1".repeat(20);
        serde_json::from_str(&format!(
            r#"{{"name":"main","commit":{{"sha":"{sha}"}},"protected":true{protection}}}"#
        ))
        .unwrap()
    }

    fn check(name: &str, app: Option<u64>) -> RequiredCheck {
        RequiredCheck {
            name: name.to_owned(),
            app: app.map(AppId::new),
        }
    }

    #[test]
    fn protection_and_rulesets_are_taken_together() {
        let classic = branch(
            r#","protection":{"enabled":true,"required_status_checks":{
                "enforcement_level":"everyone","contexts":["build","lint"],
                "checks":[{"context":"build","app_id":15368},{"context":"any","app_id":-1}]}}"#,
        );
        let rules: Vec<RuleShape> = serde_json::from_str(
            r#"[
                {"type":"deletion","ruleset_id":1},
                {"type":"merge_queue","parameters":{"x":1},"ruleset_id":1},
                {"type":"required_status_checks","ruleset_id":1,"parameters":{
                    "strict_required_status_checks_policy":true,
                    "required_status_checks":[{"context":"test","integration_id":7},{"context":"lint"}]}},
                {"type":"pull_request","ruleset_id":2,"parameters":{
                    "required_approving_review_count":2,"require_code_owner_review":true,
                    "dismiss_stale_reviews_on_push":false,"require_last_push_approval":false}}
            ]"#,
        )
        .unwrap();
        let required = union(classic, Listing::whole(rules)).unwrap().unwrap();
        let wanted = vec![
            check("any", None),
            check("build", Some(15368)),
            check("lint", None),
            check("test", Some(7)),
        ];
        assert_eq!(required.checks, wanted);
        assert!(required.up_to_date && required.code_owners && !required.dismiss_stale);
        assert_eq!(required.approvals, 2);
        assert!(required.queue);
    }

    #[test]
    fn half_a_list_of_rules_is_not_nothing() {
        let half = Listing {
            rows: Vec::new(),
            complete: false,
        };
        let protection = r#","protection":{}"#;
        assert_eq!(union(branch(protection), half).unwrap(), None);
        let unseen = union(branch(""), Listing::whole(Vec::new()));
        assert_eq!(unseen.unwrap(), None, "protected, but how is not shown");
    }

    #[test]
    fn a_rule_in_words_we_do_not_know_is_a_failure() {
        let rules: Vec<RuleShape> = serde_json::from_str(
            r#"[{"type":"required_status_checks","parameters":{"required":["x"]}}]"#,
        )
        .unwrap();
        assert!(union(branch(r#","protection":{}"#), Listing::whole(rules)).is_err());
    }

    #[test]
    fn being_shut_out_is_not_knowing_and_an_outage_is_an_outage() {
        let failed = |kind| Err::<(), _>(PortError::new("t", kind));
        assert_eq!(learned(failed(Kind::Denied)).unwrap(), None);
        assert_eq!(learned(failed(Kind::NotFound)).unwrap(), None);
        assert!(learned(failed(Kind::Unavailable)).is_err());
        assert!(learned(failed(Kind::RateLimited(None))).is_err());
    }
}
