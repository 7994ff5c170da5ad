//! The listings of a snapshot in one GraphQL round, which REST tells in four.
//!
//! What GraphQL shows is turned into what REST shows of it, and read from there on by the same
//! functions, so that both mean the same. Not asked here, because GraphQL tells less of it or only to
//! administrators: the pull request itself (assigned bots), branches and their rules (Apps by
//! number).

use caretaker_core::{
    model::{Check, Listing, Number, Review, Sha, Timestamp},
    ports::{Kind, PortError},
};
use serde::Deserialize;
use serde_json::json;

use super::{
    checks::{self, RunShape, StatusShape},
    pulls::{self, ReviewShape},
};
use crate::{
    error::{Doing, unintelligible},
    graphql::{
        document,
        pages::{self, Connection},
    },
    scope::Scope,
    shape::{ActorShape, AppShape, When},
};

const OP: &str = "forge.read.evaluation";

/// What one round told.
pub(super) struct Evaluation {
    pub(super) reviews: Listing<Review>,
    pub(super) checks: Listing<Check>,
    /// When the head arrived, from its check suites; `None` where there is none to see.
    pub(super) arrived: Option<Timestamp>,
    /// Whether the base takes changes through its merge queue, by whatever rule.
    pub(super) queue: bool,
}

#[derive(Deserialize)]
struct Data {
    repository: Option<RepositoryNode>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RepositoryNode {
    /// Only asked for in the first round.
    #[serde(default)]
    database_id: Option<u64>,
    pull_request: Option<PullNode>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PullNode {
    #[serde(default)]
    is_merge_queue_enabled: bool,
    #[serde(default)]
    reviews: Option<Connection<ReviewNode>>,
    #[serde(default)]
    commits: Option<Commits>,
}

#[derive(Deserialize)]
struct Commits {
    nodes: Vec<Option<PullCommit>>,
}

#[derive(Deserialize)]
struct PullCommit {
    commit: CommitNode,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CommitNode {
    oid: Sha,
    /// `None` where nothing was reported yet.
    status_check_rollup: Option<RollupNode>,
    #[serde(default)]
    check_suites: Option<Connection<SuiteNode>>,
}

#[derive(Deserialize)]
struct RollupNode {
    contexts: Connection<ReportNode>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SuiteNode {
    #[serde(default)]
    created_at: Option<When>,
    #[serde(default)]
    app: Option<AppNode>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AppNode {
    database_id: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReviewNode {
    full_database_id: Option<String>,
    author: Option<ActorShape>,
    body: String,
    state: String,
    commit: Option<OidNode>,
    submitted_at: Option<When>,
    author_association: String,
}

#[derive(Deserialize)]
struct OidNode {
    oid: String,
}

#[derive(Deserialize)]
#[serde(tag = "__typename", rename_all_fields = "camelCase")]
enum ReportNode {
    CheckRun {
        database_id: Option<u64>,
        name: String,
        status: String,
        conclusion: Option<String>,
        started_at: Option<When>,
        completed_at: Option<When>,
        check_suite: SuiteNode,
    },
    StatusContext {
        context: String,
        state: String,
        created_at: When,
        creator: Option<ActorShape>,
    },
}

/// One round. `None` where GraphQL is switched off, does not know our document (an older server),
/// looks at another head than the one meant, or leaves out a number that REST shows.
pub(super) async fn of(
    scope: Scope<'_>,
    number: Number,
    head: &Sha,
) -> Result<Option<Evaluation>, PortError> {
    if !scope.client.has_graphql() {
        return Ok(None);
    }
    let variables = scope.named(json!({ "number": number.value() }));
    let asked = scope.graphql(OP, Doing::Read, document::EVALUATION, &variables);
    let data: Data = match asked.await {
        Ok(data) => data,
        Err(error) if error.kind == Kind::Invalid => {
            tracing::debug!(%error, "GraphQL does not take the document; REST is asked instead");
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    let repository = data.repository.ok_or_else(|| missing("repository"))?;
    if repository.database_id != Some(scope.repo.key.id()) {
        return Err(PortError::new(OP, Kind::Denied)
            .detail("another repository stands under this name now"));
    }
    let pull = repository
        .pull_request
        .ok_or_else(|| missing("pull request"))?;
    let queue = pull.is_merge_queue_enabled;
    let first = pull.reviews.ok_or_else(|| missing("list of reviews"))?;
    let Some(commit) = pull.commits.and_then(|commits| at(commits, head)) else {
        return Ok(None);
    };
    let reviews = pages::rest(
        scope,
        OP,
        document::REVIEWS,
        variables.clone(),
        first,
        |data: Data| data.repository?.pull_request?.reviews,
    );
    let reviews = reviews.await?;
    let reports = match commit.status_check_rollup {
        None => Listing::whole(Vec::new()),
        Some(rollup) => {
            let page = |data: Data| {
                let commits = data.repository?.pull_request?.commits?;
                Some(at(commits, head)?.status_check_rollup?.contexts)
            };
            pages::rest(
                scope,
                OP,
                document::REPORTS,
                variables,
                rollup.contexts,
                page,
            )
            .await?
        }
    };
    let Some(reviews) = shapes(reviews, ReviewNode::shape) else {
        return Ok(None);
    };
    let Some(checks) = read_alike(scope, reports) else {
        return Ok(None);
    };
    let suites = commit
        .check_suites
        .ok_or_else(|| missing("list of suites"))?;
    Ok(Some(Evaluation {
        reviews: pulls::in_order(scope, &reviews),
        checks,
        arrived: arrived(suites),
        queue,
    }))
}

/// The commit, where it is the one that is meant.
fn at(commits: Commits, head: &Sha) -> Option<CommitNode> {
    let last = commits.nodes.into_iter().flatten().next_back()?.commit;
    (last.oid == *head).then_some(last)
}

/// When the youngest of all suites was opened; of half a list nobody knows.
fn arrived(suites: Connection<SuiteNode>) -> Option<Timestamp> {
    if suites.page_info.has_next_page || suites.nodes.iter().any(Option::is_none) {
        return None;
    }
    let opened = suites.nodes.into_iter().flatten();
    opened
        .filter_map(|suite| suite.created_at)
        .max()
        .map(|when| when.0)
}

fn missing(what: &str) -> PortError {
    unintelligible(OP, format!("the answer holds no {what} and no error"))
}

fn shapes<N, T>(nodes: Listing<N>, shape: impl Fn(N) -> Option<T>) -> Option<Listing<T>> {
    let rows: Option<Vec<T>> = nodes.rows.into_iter().map(shape).collect();
    Some(Listing {
        rows: rows?,
        complete: nodes.complete,
    })
}

impl ReviewNode {
    /// As REST shows it; `None` where its number is not told.
    fn shape(self) -> Option<ReviewShape> {
        Some(ReviewShape {
            id: self.full_database_id?.parse().ok()?,
            user: self.author.map(ActorShape::user),
            body: Some(self.body),
            state: self.state,
            commit_id: self.commit.map(|commit| commit.oid),
            submitted_at: self.submitted_at,
            author_association: Some(self.author_association),
        })
    }
}

/// Both kinds of reports as REST shows them, read alike; `None` where a number is not told.
fn read_alike(scope: Scope<'_>, reports: Listing<ReportNode>) -> Option<Listing<Check>> {
    let complete = reports.complete;
    let (mut runs, mut statuses) = (Vec::new(), Vec::new());
    for report in reports.rows {
        match report {
            ReportNode::CheckRun {
                database_id,
                name,
                status,
                conclusion,
                started_at,
                completed_at,
                check_suite,
            } => runs.push(RunShape {
                id: database_id?,
                name,
                status: status.to_ascii_lowercase(),
                conclusion: conclusion.map(|word| word.to_ascii_lowercase()),
                started_at,
                completed_at,
                app: match check_suite.app {
                    Some(app) => Some(AppShape {
                        id: app.database_id?,
                    }),
                    None => None,
                },
                output: None,
            }),
            ReportNode::StatusContext {
                context,
                state,
                created_at,
                creator,
            } => statuses.push(StatusShape {
                id: 0,
                context,
                state: state.to_ascii_lowercase(),
                description: None,
                updated_at: Some(created_at),
                creator: creator.map(ActorShape::user),
            }),
        }
    }
    let runs = Listing {
        rows: runs,
        complete,
    };
    let statuses = Listing {
        rows: statuses,
        complete,
    };
    Some(checks::read_alike(scope, runs, statuses))
}
