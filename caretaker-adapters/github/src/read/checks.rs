//! Check runs and commit statuses of a commit, read alike.

use std::collections::BTreeMap;

use caretaker_core::{
    model::{AppRef, Check, CheckState, Listing, RemoteId, Sha, Timestamp},
    ports::PortError,
};
use futures_util::future::try_join;
use serde::Deserialize;

use super::branches::learned;
use crate::{
    identity::Identity,
    scope::Scope,
    shape::{AppShape, UserShape, When},
};

/// A page of check runs.
#[derive(Debug, Deserialize)]
pub(crate) struct RunsShape {
    pub(crate) total_count: u64,
    pub(crate) check_runs: Vec<RunShape>,
}

/// A check run.
#[derive(Debug, Deserialize)]
pub(crate) struct RunShape {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) status: String,
    #[serde(default)]
    pub(crate) conclusion: Option<String>,
    #[serde(default)]
    pub(super) started_at: Option<When>,
    #[serde(default)]
    pub(super) completed_at: Option<When>,
    #[serde(default)]
    pub(crate) app: Option<AppShape>,
    #[serde(default)]
    pub(crate) output: Option<OutputShape>,
}

/// What a check run shows.
#[derive(Debug, Deserialize)]
pub(crate) struct OutputShape {
    #[serde(default)]
    pub(crate) title: Option<String>,
    #[serde(default)]
    pub(crate) summary: Option<String>,
    #[serde(default)]
    pub(crate) annotations_count: u64,
}

#[derive(Debug, Deserialize)]
struct SuitesShape {
    check_suites: Vec<SuiteShape>,
}

#[derive(Debug, Deserialize)]
struct SuiteShape {
    #[serde(default)]
    created_at: Option<When>,
}

/// The newest status of each context, taken together.
#[derive(Debug, Deserialize)]
struct CombinedShape {
    statuses: Vec<StatusShape>,
}

/// A commit status.
#[derive(Debug, Deserialize)]
pub(crate) struct StatusShape {
    /// Larger for a younger one; 0 where GraphQL tells it, which shows only the youngest.
    pub(super) id: u64,
    pub(crate) context: String,
    pub(crate) state: String,
    #[serde(default)]
    pub(crate) description: Option<String>,
    #[serde(default)]
    pub(super) updated_at: Option<When>,
    /// Only where statuses are listed one by one.
    #[serde(default)]
    pub(crate) creator: Option<UserShape>,
}

/// What a row was before both are read alike. Runs and statuses are numbered apart: neither replaces
/// the other, also where GitHub does not tell a run's App.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Status,
    Run,
}

/// Everything reported on the commit; for each kind, name and App only the newest.
pub(crate) async fn of(scope: Scope<'_>, sha: &Sha) -> Result<Listing<Check>, PortError> {
    let (runs, statuses) = try_join(runs(scope, sha, ""), statuses(scope, sha)).await?;
    Ok(read_alike(scope, runs, statuses))
}

/// Runs and statuses as checks.
pub(super) fn read_alike(
    scope: Scope<'_>,
    runs: Listing<RunShape>,
    statuses: Listing<StatusShape>,
) -> Listing<Check> {
    let run = |run| (Kind::Run, of_run(scope.us, run));
    let status = |status| (Kind::Status, of_status(scope.us, status));
    let runs_first = runs.rows.into_iter().map(run);
    Listing {
        rows: newest(runs_first.chain(statuses.rows.into_iter().map(status))),
        complete: runs.complete && statuses.complete,
    }
}

/// Check runs of a commit; `filter` is empty or begins with `&`.
pub(crate) async fn runs(
    scope: Scope<'_>,
    sha: &Sha,
    filter: &str,
) -> Result<Listing<RunShape>, PortError> {
    const OP: &str = "forge.read.check_runs";
    let mut total = 0;
    let path = format!("/commits/{sha}/check-runs?filter=latest&per_page=100{filter}");
    let mut listing = scope
        .list_in(OP, &path, |page: RunsShape| {
            total = page.total_count;
            page.check_runs
        })
        .await?;
    // GitHub looks at the youngest thousand suites only, and says so nowhere but here.
    listing.complete &= listing.rows.len() as u64 >= total;
    Ok(listing)
}

/// When a commit that nothing has reported on arrived, by GitHub's own clock: on a push it opens
/// a suite for every App that may write checks, ours among them. A suite that we open ourselves,
/// by publishing, is younger but as steady: it is opened once. `None` where there is none to see.
///
/// The commit's own dates are whatever its author wrote into it.
pub(crate) async fn arrived(scope: Scope<'_>, sha: &Sha) -> Result<Option<Timestamp>, PortError> {
    const OP: &str = "forge.read.check_suites";
    let path = format!("/commits/{sha}/check-suites?per_page=100");
    let suites = scope
        .list_in(OP, &path, |page: SuitesShape| page.check_suites)
        .await;
    Ok(learned(suites)?
        .filter(|suites| suites.complete)
        .and_then(|suites| {
            suites
                .rows
                .into_iter()
                .filter_map(|suite| suite.created_at)
                .max()
        })
        .map(|when| when.0))
}

/// Statuses of a commit. As a user they are listed one by one, because the combined answer does
/// not tell whose they are; as an App none can be ours.
pub(crate) async fn statuses(
    scope: Scope<'_>,
    sha: &Sha,
) -> Result<Listing<StatusShape>, PortError> {
    const OP: &str = "forge.read.statuses";
    match scope.us {
        Identity::App { .. } => {
            let path = format!("/commits/{sha}/status?per_page=100");
            scope
                .list_in(OP, &path, |page: CombinedShape| page.statuses)
                .await
        }
        Identity::User { .. } => {
            let path = format!("/commits/{sha}/statuses?per_page=100");
            scope.list(OP, &path).await
        }
    }
}

/// The youngest status of a context; numbers grow with time.
pub(crate) fn newest_status<'a>(
    statuses: &'a [StatusShape],
    context: &str,
) -> Option<&'a StatusShape> {
    statuses
        .iter()
        .filter(|status| status.context == context)
        .max_by_key(|status| status.id)
}

fn of_run(us: &Identity, run: RunShape) -> Check {
    let state = state_of_run(&run.status, run.conclusion.as_deref());
    let app = run.app.map(|app| AppRef {
        id: app.id(),
        ours: us.is_our_app(app.id()),
    });
    Check {
        name: run.name,
        id: RemoteId::new(run.id),
        ours: app.as_ref().is_some_and(|app| app.ours),
        app,
        state,
        at: run.started_at.max(run.completed_at).map(|when| when.0),
    }
}

fn of_status(us: &Identity, status: StatusShape) -> Check {
    Check {
        name: status.context,
        id: RemoteId::new(status.id),
        app: None,
        ours: us.is_our_user(status.creator.as_ref()),
        state: match status.state.as_str() {
            "success" => CheckState::Success,
            "failure" | "error" => CheckState::Failure,
            "pending" => CheckState::Running,
            _ => CheckState::Unknown,
        },
        at: status.updated_at.map(|when| when.0),
    }
}

/// The newest of each, in the order of names.
fn newest(rows: impl Iterator<Item = (Kind, Check)>) -> Vec<Check> {
    let mut by_name: BTreeMap<_, Check> = BTreeMap::new();
    for (kind, row) in rows {
        let key = (row.name.clone(), row.app.as_ref().map(|app| app.id), kind);
        match by_name.get(&key) {
            Some(known) if known.id >= row.id => {}
            Some(_) | None => {
                by_name.insert(key, row);
            }
        }
    }
    by_name.into_values().collect()
}

/// How far a run, suite, job or step is.
pub(crate) fn state_of_run(status: &str, conclusion: Option<&str>) -> CheckState {
    match (status, conclusion) {
        ("queued" | "waiting" | "requested" | "pending", _) => CheckState::Queued,
        ("in_progress", _) => CheckState::Running,
        ("completed", Some(conclusion)) => match conclusion {
            "success" => CheckState::Success,
            "failure" => CheckState::Failure,
            "timed_out" => CheckState::TimedOut,
            "startup_failure" => CheckState::StartupFailure,
            "cancelled" => CheckState::Cancelled,
            "skipped" => CheckState::Skipped,
            "neutral" => CheckState::Neutral,
            "stale" => CheckState::Stale,
            "action_required" => CheckState::ActionRequired,
            _ => CheckState::Unknown,
        },
        (_, _) => CheckState::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_words_of_success_are_success() {
        assert_eq!(
            state_of_run("completed", Some("success")),
            CheckState::Success
        );
        for (status, conclusion) in [
            ("completed", None),
            ("completed", Some("splendid")),
            ("done", Some("success")),
        ] {
            assert_eq!(state_of_run(status, conclusion), CheckState::Unknown);
        }
        assert!(state_of_run("in_progress", Some("success")).is_pending());
    }

    fn run(id: u64, app: Option<u64>) -> (Kind, Check) {
        let run = RunShape {
            id,
            name: "test".to_owned(),
            status: "completed".to_owned(),
            conclusion: Some("success".to_owned()),
            started_at: None,
            completed_at: None,
            app: app.map(|id| AppShape { id }),
            output: None,
        };
        (Kind::Run, of_run(&us(), run))
    }

    fn status(id: u64) -> (Kind, Check) {
        let status = StatusShape {
            id,
            context: "test".to_owned(),
            state: "failure".to_owned(),
            description: None,
            updated_at: None,
            creator: None,
        };
        (Kind::Status, of_status(&us(), status))
    }

    fn us() -> Identity {
        Identity::App {
            id: caretaker_core::model::AppId::new(2),
            bot: caretaker_core::model::Login::new("caretaker[bot]"),
        }
    }

    #[test]
    fn a_run_of_no_app_and_a_status_of_its_name_replace_each_other_never() {
        for rows in [[run(5, None), status(3)], [status(5), run(3, None)]] {
            let kept = newest(rows.into_iter());
            let states: Vec<_> = kept.iter().map(|check| check.state).collect();
            assert_eq!(states, [CheckState::Failure, CheckState::Success]);
        }
    }

    #[test]
    fn a_rerun_replaces_the_run_of_its_app_and_no_other() {
        let rows = [run(5, Some(1)), run(3, Some(1)), run(4, Some(2))];
        let kept = newest(rows.into_iter());
        let ids: Vec<_> = kept
            .iter()
            .map(|check| (check.id.value(), check.ours))
            .collect();
        assert_eq!(ids, [(5, false), (4, true)]);
    }
}
