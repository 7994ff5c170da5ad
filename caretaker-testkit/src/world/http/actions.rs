//! Routes of GitHub Actions: workflows, their runs, jobs and logs, and starting them.

use serde_json::{Map, Value, json};

use super::ask::{Ask, Reply};
use super::route::Route;
use super::wire::{Incoming, Outgoing};
use crate::world::ci::WorkflowRun;
use crate::world::state::State;
use crate::world::trouble::Trouble;

pub(super) const ROUTES: &[Route] = &[
    Route::list("/repos/{owner}/{repo}/actions/workflows", &[], workflows).needs("actions=read"),
    Route::list(
        "/repos/{owner}/{repo}/actions/runs",
        &["branch", "event", "head_sha", "status"],
        runs,
    )
    .needs("actions=read"),
    Route::new("GET", "/repos/{owner}/{repo}/actions/runs/{id}", run).needs("actions=read"),
    Route::list(
        "/repos/{owner}/{repo}/actions/runs/{id}/jobs",
        &["filter"],
        jobs,
    )
    .needs("actions=read"),
    Route::list(
        "/repos/{owner}/{repo}/actions/runs/{id}/attempts/{attempt}/jobs",
        &[],
        jobs_of_attempt,
    )
    .needs("actions=read"),
    Route::new("GET", "/repos/{owner}/{repo}/actions/jobs/{id}", job).needs("actions=read"),
    Route::new("GET", "/repos/{owner}/{repo}/actions/jobs/{id}/logs", log).needs("actions=read"),
    Route::new(
        "POST",
        "/repos/{owner}/{repo}/actions/runs/{id}/rerun-failed-jobs",
        rerun,
    )
    .needs("actions=write"),
    Route::new(
        "POST",
        "/repos/{owner}/{repo}/actions/runs/{id}/cancel",
        cancel,
    )
    .needs("actions=write"),
    Route::new(
        "POST",
        "/repos/{owner}/{repo}/actions/runs/{id}/approve",
        approve,
    )
    .needs("actions=write"),
    Route::new(
        "POST",
        "/repos/{owner}/{repo}/actions/workflows/{id}/dispatches",
        dispatch,
    )
    .needs("actions=write"),
    Route::new("POST", "/repos/{owner}/{repo}/dispatches", raise).needs("contents=write"),
];

/// Rows that GitHub finds at most where it is given something to look for.
const FOUND: usize = 1_000;

fn workflows(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    state.may(&ask.who, ask.repo, "actions", false)?;
    let known = state.repo(ask.repo).ci.workflows.values();
    let rows: Vec<_> = known
        .map(|workflow| state.workflow_json(ask.repo, workflow))
        .collect();
    let body = json!({"total_count": rows.len()});
    Ok(Reply::listed("workflows", rows, body))
}

fn runs(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    state.may(&ask.who, ask.repo, "actions", false)?;
    let fits = |run: &&WorkflowRun| {
        let is = |name: &str, value: &str| ask.asked(name).is_none_or(|asked| asked == value);
        let status = ask
            .asked("status")
            .is_none_or(|asked| asked == run.status || Some(asked) == run.conclusion.as_deref());
        is("head_sha", &run.sha) && is("branch", &run.branch) && is("event", &run.event) && status
    };
    // GitHub shows the youngest first.
    let known = state.repo(ask.repo).ci.runs.values().rev();
    let rows: Vec<_> = known
        .filter(fits)
        .map(|run| state.workflow_run_json(ask.repo, run))
        .collect();
    let body = json!({"total_count": rows.len()});
    let rows = rows.into_iter().take(FOUND).collect();
    Ok(Reply::listed("workflow_runs", rows, body))
}

fn run(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    state.may(&ask.who, ask.repo, "actions", false)?;
    let run = state.workflow_run(ask.repo, ask.number("id")?)?;
    Ok(Reply::ok(state.workflow_run_json(ask.repo, run)))
}

fn jobs(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    let run = ask.number("id")?;
    let all = match ask.asked("filter").unwrap_or("latest") {
        "latest" => false,
        "all" => true,
        _ => return Err(Trouble::invalid("filter: no such value").violation()),
    };
    let known = state.workflow_run(ask.repo, run)?;
    let rows = if all {
        let attempts = 1..=known.attempt;
        attempts
            .flat_map(|attempt| state.jobs_of(ask.repo, run, Some(attempt)))
            .collect()
    } else {
        state.jobs_of(ask.repo, run, None)
    };
    listed(state, ask, &rows)
}

fn jobs_of_attempt(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    let (run, attempt) = (ask.number("id")?, ask.number("attempt")?);
    let attempt = u32::try_from(attempt).map_err(|_too_large| Trouble::not_found())?;
    if attempt == 0 || attempt > state.workflow_run(ask.repo, run)?.attempt {
        return Err(Trouble::not_found());
    }
    let rows = state.jobs_of(ask.repo, run, Some(attempt));
    listed(state, ask, &rows)
}

fn listed(state: &State, ask: &Ask, ids: &[u64]) -> Result<Reply, Trouble> {
    state.may(&ask.who, ask.repo, "actions", false)?;
    let rows: Vec<_> = ids.iter().map(|id| state.job_json(ask.repo, *id)).collect();
    let body = json!({"total_count": rows.len()});
    Ok(Reply::listed("jobs", rows, body))
}

fn job(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    state.may(&ask.who, ask.repo, "actions", false)?;
    let id = ask.number("id")?;
    state.job(ask.repo, id)?;
    Ok(Reply::ok(state.job_json(ask.repo, id)))
}

fn log(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    state.may(&ask.who, ask.repo, "actions", false)?;
    let id = ask.number("id")?;
    state.job_log(ask.repo, id)?;
    Ok(Reply::led_to(302, state.log_address(ask.repo, id)))
}

fn rerun(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    if !ask.body.is_null() {
        ask.only(&["enable_debug_logging"])?;
    }
    state.rerun_failed(&ask.who, ask.repo, ask.number("id")?)?;
    Ok(Reply::with(201, json!({})))
}

fn cancel(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    state.cancel_run(&ask.who, ask.repo, ask.number("id")?)?;
    Ok(Reply::with(202, json!({})))
}

fn approve(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    state.approve_run(&ask.who, ask.repo, ask.number("id")?)?;
    Ok(Reply::with(201, json!({})))
}

fn dispatch(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    ask.only(&["ref", "inputs", "return_run_details"])?;
    let branch = ask.need("ref")?;
    let nothing = Map::new();
    let inputs = match &ask.body["inputs"] {
        Value::Null => &nothing,
        Value::Object(inputs) => inputs,
        _ => return Err(Trouble::invalid("inputs is no object").violation()),
    };
    let run = state.start_workflow(&ask.who, ask.repo, ask.text("id"), branch, inputs)?;
    if ask.body["return_run_details"] != json!(true) {
        return Ok(Reply::with(204, Value::Null));
    }
    let run = state.workflow_run(ask.repo, run)?;
    let json = state.workflow_run_json(ask.repo, run);
    Ok(Reply::ok(json!({
        "workflow_run_id": run.id,
        "run_url": json["url"],
        "html_url": json["html_url"],
    })))
}

fn raise(state: &mut State, ask: &Ask) -> Result<Reply, Trouble> {
    ask.only(&["event_type", "client_payload"])?;
    let payload = match &ask.body["client_payload"] {
        Value::Null => json!({}),
        payload @ Value::Object(_) => payload.clone(),
        _ => return Err(Trouble::invalid("client_payload is no object").violation()),
    };
    state.raise(&ask.who, ask.repo, ask.need("event_type")?, &payload)?;
    Ok(Reply::with(204, Value::Null))
}

impl State {
    /// The host that keeps logs. It knows the signature and takes nobody's token.
    pub(super) fn kept_log(&self, incoming: &Incoming) -> Result<Outgoing, Trouble> {
        if incoming.header("authorization").is_some() {
            let message = "a token was sent to another host than GitHub's";
            return Err(Trouble::new(400, message).violation());
        }
        let mut parts = incoming.path().trim_start_matches("/_logs/").split('/');
        let mut number = || parts.next().and_then(|part| part.parse::<u64>().ok());
        let (Some(repo), Some(job)) = (number(), number()) else {
            return Err(Trouble::not_found());
        };
        if !self.repos.contains_key(&repo) || !incoming.query().starts_with("sig=") {
            return Err(Trouble::new(403, "AuthenticationFailed"));
        }
        let log = self.job_log(repo, job)?.as_bytes();
        let mut out = Outgoing {
            status: 200,
            headers: vec![("content-type", "text/plain".to_owned())],
            body: log.to_vec(),
            spoil: None,
        };
        let from = incoming.header("range").and_then(|range| {
            let (from, _) = range.strip_prefix("bytes=")?.split_once('-')?;
            from.parse::<usize>().ok().filter(|from| *from < log.len())
        });
        if let Some(from) = from {
            out.status = 206;
            let range = format!("bytes {from}-{}/{}", log.len() - 1, log.len());
            out.headers.push(("content-range", range));
            out.body.drain(..from);
        }
        Ok(out)
    }
}
