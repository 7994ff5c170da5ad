//! Check suites, check runs and their annotations.

use caretaker_core::{
    model::{
        Annotation, AnnotationLevel, AppRef, Branch, CheckRun, CheckSuite, Listing, RemoteId, Sha,
    },
    ports::PortError,
};
use serde::Deserialize;

use super::counted;
use crate::{
    read::checks::{OutputShape, state_of_run},
    scope::Scope,
    shape::{AppShape, When},
};

#[derive(Debug, Deserialize)]
struct SuitesShape {
    total_count: u64,
    check_suites: Vec<SuiteShape>,
}

#[derive(Debug, Deserialize)]
struct SuiteShape {
    id: u64,
    #[serde(default)]
    app: Option<AppShape>,
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    conclusion: Option<String>,
    #[serde(default)]
    head_branch: Option<String>,
    #[serde(default)]
    latest_check_runs_count: u64,
    #[serde(default)]
    created_at: Option<When>,
    #[serde(default)]
    updated_at: Option<When>,
}

#[derive(Debug, Deserialize)]
struct RunsShape {
    total_count: u64,
    check_runs: Vec<RunShape>,
}

#[derive(Debug, Deserialize)]
struct RunShape {
    id: u64,
    name: String,
    status: String,
    #[serde(default)]
    conclusion: Option<String>,
    #[serde(default)]
    started_at: Option<When>,
    #[serde(default)]
    completed_at: Option<When>,
    #[serde(default)]
    app: Option<AppShape>,
    #[serde(default)]
    output: Option<OutputShape>,
    #[serde(default)]
    check_suite: Option<NumberedShape>,
}

#[derive(Debug, Deserialize)]
struct NumberedShape {
    id: u64,
}

#[derive(Debug, Deserialize)]
struct AnnotationShape {
    path: String,
    start_line: u64,
    end_line: u64,
    #[serde(default)]
    start_column: Option<u64>,
    #[serde(default)]
    end_column: Option<u64>,
    #[serde(default)]
    annotation_level: Option<String>,
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    message: Option<String>,
    #[serde(default)]
    raw_details: Option<String>,
}

pub(super) async fn suites(scope: Scope<'_>, sha: &Sha) -> Result<Listing<CheckSuite>, PortError> {
    const OP: &str = "forge.read.check_suites";
    let mut total = 0;
    let path = format!("/commits/{sha}/check-suites?per_page=100");
    let listing = scope
        .list_in(OP, &path, |page: SuitesShape| {
            total = page.total_count;
            let rows = page.check_suites.into_iter();
            rows.map(|suite| suite_of(scope, suite)).collect()
        })
        .await?;
    Ok(counted(listing, total))
}

fn suite_of(scope: Scope<'_>, suite: SuiteShape) -> CheckSuite {
    let status = suite.status.as_deref().unwrap_or_default();
    CheckSuite {
        id: RemoteId::new(suite.id),
        app: suite.app.map(|app| app_of(scope, &app)),
        state: state_of_run(status, suite.conclusion.as_deref()),
        branch: suite.head_branch.map(Branch::new),
        runs: suite.latest_check_runs_count,
        created_at: suite.created_at.map(|when| when.0),
        updated_at: suite.updated_at.map(|when| when.0),
    }
}

fn app_of(scope: Scope<'_>, app: &AppShape) -> AppRef {
    AppRef {
        id: app.id(),
        ours: scope.us.is_our_app(app.id()),
    }
}

pub(super) async fn runs(scope: Scope<'_>, sha: &Sha) -> Result<Listing<CheckRun>, PortError> {
    const OP: &str = "forge.read.check_runs";
    let mut total = 0;
    let path = format!("/commits/{sha}/check-runs?filter=latest&per_page=100");
    let listing = scope
        .list_in(OP, &path, |page: RunsShape| {
            total = page.total_count;
            let rows = page.check_runs.into_iter();
            rows.map(|run| run_of(scope, run)).collect()
        })
        .await?;
    Ok(counted(listing, total))
}

fn run_of(scope: Scope<'_>, run: RunShape) -> CheckRun {
    let (title, summary, annotations) = match run.output {
        Some(output) => (output.title, output.summary, output.annotations_count),
        None => (None, None, 0),
    };
    CheckRun {
        id: RemoteId::new(run.id),
        suite: run.check_suite.map(|suite| RemoteId::new(suite.id)),
        name: run.name,
        app: run.app.map(|app| app_of(scope, &app)),
        state: state_of_run(&run.status, run.conclusion.as_deref()),
        title,
        summary,
        annotations,
        started_at: run.started_at.map(|when| when.0),
        completed_at: run.completed_at.map(|when| when.0),
    }
}

/// Annotations of a check run, in GitHub's order.
pub(crate) async fn annotations(
    scope: Scope<'_>,
    run: RemoteId,
) -> Result<Listing<Annotation>, PortError> {
    const OP: &str = "forge.read.annotations";
    let path = format!("/check-runs/{run}/annotations?per_page=100");
    let listing: Listing<AnnotationShape> = scope.list(OP, &path).await?;
    Ok(Listing {
        rows: listing.rows.into_iter().map(annotation_of).collect(),
        complete: listing.complete,
    })
}

fn annotation_of(shape: AnnotationShape) -> Annotation {
    Annotation {
        path: shape.path,
        start_line: shape.start_line,
        end_line: shape.end_line,
        start_column: shape.start_column,
        end_column: shape.end_column,
        level: AnnotationLevel::of_word(shape.annotation_level.as_deref().unwrap_or_default()),
        title: shape.title.filter(|text| !text.is_empty()),
        message: shape.message.unwrap_or_default(),
        raw_details: shape.raw_details.filter(|text| !text.is_empty()),
    }
}
