//! Pull requests, alone, as a snapshot of all a merge evaluation looks at, and by commit or branch.
//!
//! A snapshot's listings come in one round from `evaluation`; where GraphQL is switched off or does
//! not tell all of it, REST does.

use caretaker_core::{
    model::{
        Branch, Listing, MergeState, Number, Pull, RemoteId, RepoKey, Review, ReviewState, Sha,
        Snapshot,
    },
    ports::PortError,
};
use futures_util::future::try_join;
use serde::Deserialize;

use super::{branches, checks, evaluation, items::ItemShape};
use crate::{
    address::escape,
    scope::Scope,
    shape::{UserShape, When},
};

#[derive(Debug, Deserialize)]
struct PullShape {
    #[serde(flatten)]
    item: ItemShape,
    head: EndShape,
    base: EndShape,
    #[serde(default)]
    mergeable: Option<bool>,
    #[serde(default)]
    mergeable_state: Option<String>,
}

/// Head or base.
#[derive(Debug, Deserialize)]
struct EndShape {
    #[serde(rename = "ref")]
    branch: String,
    sha: Sha,
    repo: Option<EndRepoShape>,
}

#[derive(Debug, Deserialize)]
struct EndRepoShape {
    id: u64,
}

#[derive(Debug, Deserialize)]
pub(super) struct ReviewShape {
    pub(super) id: u64,
    pub(super) user: Option<UserShape>,
    #[serde(default)]
    pub(super) body: Option<String>,
    pub(super) state: String,
    #[serde(default)]
    pub(super) commit_id: Option<String>,
    /// Missing while a review is pending.
    #[serde(default)]
    pub(super) submitted_at: Option<When>,
    #[serde(default)]
    pub(super) author_association: Option<String>,
}

/// A pull request as lists show it.
#[derive(Debug, Deserialize)]
struct ListedShape {
    number: u64,
    state: String,
    head: EndShape,
}

pub(crate) async fn pull(scope: Scope<'_>, number: Number) -> Result<Pull, PortError> {
    const OP: &str = "forge.read.pull";
    let shape: PullShape = scope.ask(OP, &format!("/pulls/{number}")).await?;
    let head_repo = shape.head.repo.map(|repo| RepoKey::github(repo.id));
    Ok(Pull {
        item: shape.item.item(scope, true),
        head: shape.head.sha,
        head_branch: Branch::new(shape.head.branch),
        same_repository: head_repo.as_ref() == Some(&scope.repo.key),
        head_repo,
        base: Branch::new(shape.base.branch),
        base_sha: shape.base.sha,
        mergeable: shape.mergeable,
        merge_state: merge_state(shape.mergeable_state.as_deref()),
    })
}

/// The pull request first, because the rest is asked about its head and base; then all at once.
pub(crate) async fn snapshot(scope: Scope<'_>, number: Number) -> Result<Snapshot, PortError> {
    let pull = pull(scope, number).await?;
    let (told, mut required) = try_join(
        Box::pin(evaluation::of(scope, number, &pull.head)),
        Box::pin(branches::required(scope, &pull.base)),
    )
    .await?;
    let (reviews, checks, arrived) = if let Some(told) = told {
        // Of a queue that classic protection demands no other route tells.
        if let Some(required) = &mut required {
            required.queue |= told.queue;
        }
        (told.reviews, told.checks, Some(told.arrived))
    } else {
        let (reviews, checks) = try_join(
            reviews(scope, number),
            Box::pin(checks::of(scope, &pull.head)),
        )
        .await?;
        (reviews, checks, None)
    };
    // Our own checks would make the head young again whenever we publish.
    let others = checks.rows.iter().filter(|check| !check.ours);
    let head_seen_at = match (others.filter_map(|check| check.at).max(), arrived) {
        (Some(at), _) => Some(at),
        (None, Some(arrived)) => arrived,
        (None, None) => Box::pin(checks::arrived(scope, &pull.head)).await?,
    };
    // On an old branch that is proposed only now, what runs for pull requests is still to come.
    let head_seen_at = head_seen_at.map(|at| at.max(pull.item.created_at));
    Ok(Snapshot {
        pull,
        reviews,
        checks,
        required,
        head_seen_at,
    })
}

/// Reviews, oldest first.
async fn reviews(scope: Scope<'_>, number: Number) -> Result<Listing<Review>, PortError> {
    const OP: &str = "forge.read.reviews";
    let listing: Listing<ReviewShape> = scope
        .list(OP, &format!("/pulls/{number}/reviews?per_page=100"))
        .await?;
    Ok(in_order(scope, &listing))
}

/// Submitted reviews, oldest first.
pub(super) fn in_order(scope: Scope<'_>, listing: &Listing<ReviewShape>) -> Listing<Review> {
    let mut rows: Vec<Review> = listing
        .rows
        .iter()
        .filter_map(|shape| review(scope, shape))
        .collect();
    rows.sort_by_key(|review| (review.at, review.id));
    Listing {
        rows,
        complete: listing.complete,
    }
}

/// `None` for one that is only being written: nobody but its author sees it.
fn review(scope: Scope<'_>, shape: &ReviewShape) -> Option<Review> {
    let at = shape.submitted_at?.0;
    let body = shape.body.as_deref().unwrap_or_default();
    Some(Review {
        id: RemoteId::new(shape.id),
        by: scope.us.author(shape.user.as_ref(), None, Some(body)),
        state: review_state(&shape.state),
        commit: shape.commit_id.as_deref().and_then(Sha::parse),
        at,
        trusted: matches!(
            shape.author_association.as_deref(),
            Some("OWNER" | "MEMBER" | "COLLABORATOR")
        ),
        has_text: !body.trim().is_empty(),
    })
}

/// Open pull requests whose head is this commit.
pub(crate) async fn of_commit(scope: Scope<'_>, sha: &Sha) -> Result<Listing<Number>, PortError> {
    const OP: &str = "forge.read.pulls_of_commit";
    let listing = scope
        .list(OP, &format!("/commits/{sha}/pulls?per_page=100"))
        .await?;
    Ok(numbers(&listing, |shape| shape.head.sha == *sha))
}

/// Open pull requests from a branch of this repository.
pub(crate) async fn of_head(
    scope: Scope<'_>,
    branch: &Branch,
) -> Result<Listing<Number>, PortError> {
    const OP: &str = "forge.read.pulls_of_head";
    let owner = escape(&scope.repo.owner);
    let name = escape(branch.as_str());
    let listing = scope
        .list(
            OP,
            &format!("/pulls?head={owner}:{name}&state=open&per_page=100"),
        )
        .await?;
    let ours = scope.repo.key.id();
    // GitHub ignores a `head` that it cannot read, and then lists everything.
    Ok(numbers(&listing, |shape| {
        shape.head.branch == branch.as_str()
            && shape.head.repo.as_ref().is_some_and(|repo| repo.id == ours)
    }))
}

fn numbers(
    listing: &Listing<ListedShape>,
    wanted: impl Fn(&ListedShape) -> bool,
) -> Listing<Number> {
    let mut rows: Vec<Number> = listing
        .rows
        .iter()
        .filter(|shape| shape.state == "open" && wanted(shape))
        .map(|shape| Number::new(shape.number))
        .collect();
    rows.sort_unstable();
    rows.dedup();
    Listing {
        rows,
        complete: listing.complete,
    }
}

fn merge_state(word: Option<&str>) -> MergeState {
    match word {
        Some("clean") => MergeState::Clean,
        Some("unstable") => MergeState::Unstable,
        Some("has_hooks") => MergeState::HasHooks,
        Some("blocked") => MergeState::Blocked,
        Some("behind") => MergeState::Behind,
        Some("dirty") => MergeState::Dirty,
        Some("draft") => MergeState::Draft,
        Some(_) | None => MergeState::Unknown,
    }
}

/// A word we do not know is a remark: it neither approves nor withdraws anything.
pub(crate) fn review_state(word: &str) -> ReviewState {
    match word.to_ascii_uppercase().as_str() {
        "APPROVED" => ReviewState::Approved,
        "CHANGES_REQUESTED" => ReviewState::ChangesRequested,
        "DISMISSED" => ReviewState::Dismissed,
        "PENDING" => ReviewState::Pending,
        _ => ReviewState::Commented,
    }
}
