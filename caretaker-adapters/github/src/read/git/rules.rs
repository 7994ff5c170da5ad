//! What a branch demands, whole: the two routes that anybody may ask, and classic protection in
//! detail where we may see that.

use caretaker_core::{
    model::{
        Branch, Listing, Required,
        git::rules::{BranchRules, Demand},
    },
    ports::PortError,
};
use futures_util::future::join;
use serde::Deserialize;

use crate::{
    address::escape,
    error::unintelligible,
    read::branches::{self, BranchShape, RuleShape},
    scope::Scope,
};

const OP: &str = "forge.read.rules";

/// Classic protection as administrators see it; what is left out is not demanded.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct DetailShape {
    required_status_checks: Option<StrictShape>,
    required_pull_request_reviews: Option<ReviewsShape>,
    required_signatures: SwitchShape,
    required_linear_history: SwitchShape,
    required_conversation_resolution: SwitchShape,
    /// Without this switch the branch moves forward only.
    allow_force_pushes: SwitchShape,
    allow_deletions: SwitchShape,
}

#[derive(Debug, Default, Deserialize)]
struct SwitchShape {
    enabled: bool,
}

#[derive(Debug, Deserialize)]
struct StrictShape {
    #[serde(default)]
    strict: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ReviewsShape {
    required_approving_review_count: u32,
    require_code_owner_reviews: bool,
    dismiss_stale_reviews: bool,
    require_last_push_approval: bool,
}

/// What classic protection says.
enum Classic {
    /// There is none.
    Off,
    /// This.
    Shown(Box<DetailShape>),
    /// There is some, or may be, and we are not shown what.
    Hidden,
}

impl Classic {
    /// A detail of it; none where it is hidden.
    fn says(&self, detail: impl FnOnce(&DetailShape) -> bool) -> Option<bool> {
        match self {
            Self::Off => Some(false),
            Self::Shown(shape) => Some(detail(shape)),
            Self::Hidden => None,
        }
    }
}

pub(super) async fn of(scope: Scope<'_>, branch: &Branch) -> Result<BranchRules, PortError> {
    let rules_path = format!("/rules/branches/{}?per_page=100", escape(branch.as_str()));
    let (known, rules) = join(
        scope.ask::<BranchShape>(OP, &branches::path(branch)),
        scope.list::<RuleShape>(OP, &rules_path),
    )
    .await;
    // A branch that is not there demands nothing that anybody could tell.
    let known = known?;
    let rules = branches::learned(rules)?;
    let classic = classic(scope, branch, &known).await?;
    let shown = rules.as_ref().filter(|rules| rules.complete);
    let says = |kind: &str| shown.map(|rules| rules.rows.iter().any(|rule| rule.kind == kind));
    let asks = |name: &str| {
        shown.map(|rules| {
            let mut reviews = rules.rows.iter().filter(|rule| rule.kind == "pull_request");
            reviews.any(|rule| rule.parameters[name] == true)
        })
    };
    let of_both = |ruleset: Option<bool>, detail: fn(&DetailShape) -> bool| {
        Demand::of_any([ruleset, classic.says(detail)])
    };
    let reviews = |detail: &DetailShape| {
        let reviews = detail.required_pull_request_reviews.as_ref();
        reviews.is_some_and(|reviews| reviews.require_last_push_approval)
    };
    Ok(BranchRules {
        last_push_approval: of_both(asks("require_last_push_approval"), reviews),
        threads_resolved: of_both(asks("required_review_thread_resolution"), |detail| {
            detail.required_conversation_resolution.enabled
        }),
        linear_history: of_both(says("required_linear_history"), |detail| {
            detail.required_linear_history.enabled
        }),
        signatures: of_both(says("required_signatures"), |detail| {
            detail.required_signatures.enabled
        }),
        // Classic protection has it too, but no route tells; the merge itself does.
        merge_queue: of_both(says("merge_queue"), |_| false),
        forward_only: of_both(says("non_fast_forward"), |detail| {
            !detail.allow_force_pushes.enabled
        }),
        undeletable: of_both(says("deletion"), |detail| !detail.allow_deletions.enabled),
        required: required(known, rules, &classic)?,
    })
}

/// The details, for whoever may administer the repository; nobody else is told more than that
/// there are some.
async fn classic(
    scope: Scope<'_>,
    branch: &Branch,
    known: &BranchShape,
) -> Result<Classic, PortError> {
    match known.is_classic() {
        Some(false) => return Ok(Classic::Off),
        None if !known.protected => return Ok(Classic::Off),
        Some(true) | None => {}
    }
    let path = format!("{}/protection", branches::path(branch));
    let detail = branches::learned(scope.ask::<DetailShape>(OP, &path).await)?;
    Ok(detail.map_or(Classic::Hidden, |detail| Classic::Shown(Box::new(detail))))
}

fn required(
    known: BranchShape,
    rules: Option<Listing<RuleShape>>,
    classic: &Classic,
) -> Result<Option<Required>, PortError> {
    let Some(rules) = rules else {
        return Ok(None);
    };
    let required = branches::union(known, rules).map_err(|error| {
        unintelligible(OP, format!("parameters of a rule: {:?}", error.classify()))
    })?;
    Ok(required.map(|mut required| {
        if let Classic::Shown(detail) = classic {
            let strict = detail.required_status_checks.as_ref();
            required.up_to_date |= strict.is_some_and(|checks| checks.strict);
            if let Some(reviews) = &detail.required_pull_request_reviews {
                let count = reviews.required_approving_review_count;
                required.approvals = required.approvals.max(count);
                required.code_owners |= reviews.require_code_owner_reviews;
                required.dismiss_stale |= reviews.dismiss_stale_reviews;
            }
        }
        required
    }))
}
