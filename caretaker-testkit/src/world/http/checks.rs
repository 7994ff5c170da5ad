//! Routes of check runs and suites.

use caretaker_core::model::{Annotation, AnnotationLevel};
use serde_json::{Value, json};

use super::ask::{Ask, Reply};
use super::route::Route;
use crate::world::check::{Run, RunChange};
use crate::world::state::State;
use crate::world::trouble::Trouble;

pub(super) const ROUTES: &[Route] = &[
    Route::list(
        "/repos/{owner}/{repo}/commits/{ref..}/check-runs",
        &["check_name", "app_id", "filter", "status"],
        of_commit,
    )
    .needs("checks=read"),
    Route::list(
        "/repos/{owner}/{repo}/commits/{ref..}/check-suites",
        &["app_id"],
        suites,
    )
    .needs("checks=read"),
    Route::new("GET", "/repos/{owner}/{repo}/check-runs/{id}", run).needs("checks=read"),
    Route::list(
        "/repos/{owner}/{repo}/check-runs/{id}/annotations",
        &[],
        annotations,
    )
    .needs("checks=read"),
    Route::new("POST", "/repos/{owner}/{repo}/check-runs", create).needs("checks=write"),
    Route::new("PATCH", "/repos/{owner}/{repo}/check-runs/{id}", update).needs("checks=write"),
];

fn of_commit(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    state.may(&ask.who, ask.repo, "checks", false)?;
    let sha = state.resolve(ask.repo, ask.text("ref"))?;
    let rows: Vec<&Run> = match ask.asked("filter").unwrap_or("latest") {
        "latest" => state.newest_runs(ask.repo, &sha),
        "all" => {
            let all = state.repo(ask.repo).runs.values();
            all.filter(|run| run.sha == sha).collect()
        }
        _ => return Err(Trouble::invalid("filter: no such value").violation()),
    };
    let app = match ask.asked("app_id").map(str::parse::<u64>) {
        None => None,
        Some(Ok(app)) => Some(app),
        Some(Err(_)) => return Err(Trouble::invalid("app_id is no number").violation()),
    };
    let rows = rows.into_iter().filter(|run| {
        app.is_none_or(|app| run.app == app)
            && ask.asked("check_name").is_none_or(|name| run.name == name)
            && ask
                .asked("status")
                .is_none_or(|status| run.status == status)
    });
    // GitHub shows the youngest first.
    let rows: Vec<_> = rows
        .rev()
        .map(|run| state.run_json(ask.repo, run.id))
        .collect();
    let body = json!({"total_count": rows.len()});
    Ok(Reply::listed("check_runs", rows, body))
}

fn suites(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    state.may(&ask.who, ask.repo, "checks", false)?;
    let sha = state.resolve(ask.repo, ask.text("ref"))?;
    let known = state.repo(ask.repo).suites.values();
    let of_app = |app: u64| {
        ask.asked("app_id")
            .is_none_or(|wanted| wanted == app.to_string())
    };
    let rows = known.filter(|suite| suite.sha == sha && of_app(suite.app));
    let rows: Vec<_> = rows
        .map(|suite| state.suite_json(ask.repo, suite.id))
        .collect();
    let body = json!({"total_count": rows.len()});
    Ok(Reply::listed("check_suites", rows, body))
}

fn run(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    state.may(&ask.who, ask.repo, "checks", false)?;
    let id = ask.number("id")?;
    if !state.repo(ask.repo).runs.contains_key(&id) {
        return Err(Trouble::not_found());
    }
    Ok(Reply::ok(state.run_json(ask.repo, id)))
}

fn annotations(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    state.may(&ask.who, ask.repo, "checks", false)?;
    let run = state.repo(ask.repo).runs.get(&ask.number("id")?);
    let run = run.ok_or_else(Trouble::not_found)?;
    let shown = |annotation: &Annotation| {
        json!({
            "path": annotation.path,
            "blob_href": format!("{}/contents/{}", state.repo_url(ask.repo), annotation.path),
            "start_line": annotation.start_line,
            "end_line": annotation.end_line,
            "start_column": annotation.start_column,
            "end_column": annotation.end_column,
            "annotation_level": annotation.level.word(),
            "title": annotation.title,
            "message": annotation.message,
            "raw_details": annotation.raw_details,
        })
    };
    Ok(Reply::list(run.annotations.iter().map(shown).collect()))
}

/// Annotations that GitHub takes with one request.
const ANNOTATIONS: usize = 50;

fn annotation(row: &Value) -> Option<Annotation> {
    let text = |name: &str| row[name].as_str().map(str::to_owned);
    let one_line = row["start_line"] == row["end_line"];
    let column = |name: &str| match &row[name] {
        Value::Null => Some(None),
        column => column.as_u64().filter(|_| one_line).map(Some),
    };
    let level = text("annotation_level")?;
    matches!(level.as_str(), "notice" | "warning" | "failure").then_some(())?;
    Some(Annotation {
        path: text("path")?,
        start_line: row["start_line"].as_u64()?,
        end_line: row["end_line"].as_u64()?,
        start_column: column("start_column")?,
        end_column: column("end_column")?,
        level: AnnotationLevel::of_word(&level),
        title: text("title"),
        message: text("message")?,
        raw_details: text("raw_details"),
    })
}

const FIELDS: &[&str] = &[
    "name",
    "head_sha",
    "status",
    "conclusion",
    "output",
    "external_id",
    "details_url",
    "started_at",
    "completed_at",
];

fn change(ask: &Ask) -> Result<RunChange, Trouble> {
    ask.only(FIELDS)?;
    let owned = |name: &str| ask.field(name).map(|text| text.map(str::to_owned));
    let output = &ask.body["output"];
    let text = |name: &str| output[name].as_str().map(str::to_owned);
    let (title, summary) = (text("title"), text("summary"));
    if !output.is_null() && summary.is_none() {
        return Err(Trouble::invalid("output.summary is missing").violation());
    }
    if summary.as_ref().is_some_and(|text| text.len() > 65_535) {
        return Err(Trouble::invalid("output.summary exceeds 65535 characters").violation());
    }
    let rows = output["annotations"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    if rows.len() > ANNOTATIONS {
        let message = "No more than 50 annotations are allowed in one request";
        return Err(Trouble::invalid(message).violation());
    }
    let annotations: Option<Vec<_>> = rows.iter().map(annotation).collect();
    let malformed = || Trouble::invalid("output.annotations is malformed").violation();
    Ok(RunChange {
        annotations: annotations.ok_or_else(malformed)?,
        name: owned("name")?,
        status: owned("status")?,
        conclusion: owned("conclusion")?,
        title,
        summary,
        external_id: owned("external_id")?,
    })
}

fn create(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    let change = change(ask)?;
    let sha = ask.need("head_sha")?;
    let id = state.create_run(&ask.who, ask.repo, sha, change)?;
    Ok(Reply::with(201, state.run_json(ask.repo, id)))
}

fn update(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    let id = ask.number("id")?;
    state.update_run(&ask.who, ask.repo, id, change(ask)?)?;
    Ok(Reply::ok(state.run_json(ask.repo, id)))
}
