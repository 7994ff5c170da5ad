//! Checks and workflows: what is told of them, and what is done once.

use std::collections::BTreeMap;

use caretaker_core::model::{
    Annotation, AnnotationLevel, Answer, Basis, Branch, CORRELATION, CheckReport, CheckState,
    CiAction, CiAnswer, CiQuery, Conclusion, ForgeAction, ForgeQuery, JobLog, Listing, Receipt,
    RemoteId, RepositoryDispatch, Sha, StatusReport, StatusState, WorkflowDispatch, WorkflowRun,
};
use caretaker_core::ports::{Kind, PortError, Settled};

use super::{Rig, sha};

async fn ask(rig: &Rig, query: CiQuery) -> Result<CiAnswer, PortError> {
    match rig.ask(ForgeQuery::Ci(query)).await? {
        Answer::Ci(answer) => Ok(*answer),
        other => panic!("{other:?}"),
    }
}

async fn write(rig: &Rig, action: CiAction) -> Result<Receipt, PortError> {
    rig.write(&ForgeAction::Ci(action)).await
}

async fn run(rig: &Rig, run: u64) -> WorkflowRun {
    match ask(rig, CiQuery::Run(RemoteId::new(run))).await {
        Ok(CiAnswer::Run(run)) => *run,
        other => panic!("{other:?}"),
    }
}

async fn log(rig: &Rig, job: u64, bytes: u32) -> Result<JobLog, PortError> {
    let job = RemoteId::new(job);
    match ask(rig, CiQuery::JobLog { job, bytes }).await? {
        CiAnswer::JobLog(log) => Ok(log),
        other => panic!("{other:?}"),
    }
}

/// A workflow and a run of it for the head of pull request 1, in progress.
fn begun(rig: &Rig) -> u64 {
    rig.world.workflow("ci.yml", &["reason", CORRELATION]);
    rig.world.run_workflow("ci.yml", 1)
}

fn basis(run: u64, attempt: u32) -> Basis {
    Basis {
        run: RemoteId::new(run),
        attempt,
    }
}

fn report(head: &Sha, lines: std::ops::RangeInclusive<u64>) -> CheckReport {
    let annotation = |line| Annotation {
        path: "src/widget.rs".to_owned(),
        start_line: line,
        end_line: line,
        start_column: Some(1),
        end_column: Some(4),
        level: AnnotationLevel::Failure,
        title: Some("squeaks".to_owned()),
        message: format!("line {line}"),
        raw_details: None,
    };
    CheckReport {
        sha: head.clone(),
        name: "caretaker/review".to_owned(),
        conclusion: Conclusion::Failure,
        title: "remarks".to_owned(),
        summary: "Widgets squeak.".to_owned(),
        annotations: lines.map(annotation).collect(),
    }
}

/// Our check run of that name, and the lines its annotations are about.
async fn shown(rig: &Rig, head: &Sha) -> (RemoteId, Vec<u64>) {
    let answer = ask(rig, CiQuery::CheckRuns(head.clone())).await;
    let Ok(CiAnswer::CheckRuns(Listing { rows, complete })) = answer else {
        panic!("{answer:?}");
    };
    assert!(complete);
    let ours = |app: &caretaker_core::model::AppRef| app.ours;
    let mut ours = rows
        .into_iter()
        .filter(|run| run.name == "caretaker/review" && run.app.as_ref().is_some_and(ours));
    let run = ours.next().expect("it was published");
    assert_eq!(ours.next(), None, "the newest of a name counts");
    assert_eq!(run.state, CheckState::Failure);
    let answer = ask(rig, CiQuery::Annotations(run.id)).await;
    let Ok(CiAnswer::Annotations(Listing { rows, complete })) = answer else {
        panic!("{answer:?}");
    };
    assert!(complete);
    assert_eq!(rows.len() as u64, run.annotations);
    (run.id, rows.iter().map(|row| row.start_line).collect())
}

/// More than one request takes, and more than a page shows; then what is new is added, and what
/// is gone makes a new run.
pub async fn annotations_are_all_there_and_none_twice(rig: &Rig) {
    let head = sha(&rig.world.head(1));
    let all = report(&head, 1..=120);
    assert!(
        write(rig, CiAction::Report(all.clone()))
            .await
            .expect("may")
            .changed
    );
    let (first, lines) = shown(rig, &head).await;
    assert_eq!(lines, (1..=120).collect::<Vec<_>>());
    let again = write(rig, CiAction::Report(all)).await.expect("may");
    assert!(!again.changed);
    assert_eq!(again.via.as_deref(), Some("check_run"));

    let more = report(&head, 1..=125);
    assert!(
        write(rig, CiAction::Report(more))
            .await
            .expect("may")
            .changed
    );
    let (second, lines) = shown(rig, &head).await;
    assert_eq!((second, lines.len()), (first, 125), "added in place");

    let fewer = report(&head, 1..=2);
    assert!(
        write(rig, CiAction::Report(fewer))
            .await
            .expect("may")
            .changed
    );
    let (third, lines) = shown(rig, &head).await;
    assert_ne!(third, first, "what is shown is not taken back");
    assert_eq!(lines, [1, 2]);
}

/// The youngest of a context counts, and one that says the same is not set again.
pub async fn a_status_is_set_where_it_says_something_else(rig: &Rig) {
    let status = |state| StatusReport {
        sha: sha(&rig.world.head(1)),
        context: "caretaker/lint".to_owned(),
        state,
        description: "ü".repeat(200),
        target_url: None,
    };
    for (state, changes) in [
        (StatusState::Pending, true),
        (StatusState::Pending, false),
        (StatusState::Error, true),
        (StatusState::Pending, true),
    ] {
        let set = write(rig, CiAction::SetStatus(status(state))).await;
        assert_eq!(set.expect("may write").changed, changes, "{state:?}");
    }
    let asked = CiQuery::Statuses(sha(&rig.world.head(1)));
    let Ok(CiAnswer::Statuses(listing)) = ask(rig, asked).await else {
        panic!("no statuses");
    };
    let told: Vec<_> = listing.rows.iter().map(|row| row.state).collect();
    let pending = Some(StatusState::Pending);
    assert_eq!(told, [pending, Some(StatusState::Error), pending]);
}

/// Every job and its steps, by attempt.
pub async fn a_run_shows_its_jobs_by_attempt(rig: &Rig) {
    let id = begun(rig);
    let red = rig.world.job(id, "test", "failure", "red");
    let green = rig.world.job(id, "lint", "success", "green");
    rig.world.end_run(id, "failure");
    let seen = run(rig, id).await;
    assert_eq!((seen.state, seen.attempt), (CheckState::Failure, 1));
    assert_eq!(seen.event, "pull_request");
    assert_eq!(seen.path, ".github/workflows/ci.yml");
    write(rig, CiAction::RerunFailed(basis(id, 1)))
        .await
        .expect("may write");
    let jobs = async |attempt| {
        let run = RemoteId::new(id);
        match ask(rig, CiQuery::Jobs { run, attempt }).await {
            Ok(CiAnswer::Jobs(listing)) => listing.rows,
            other => panic!("{other:?}"),
        }
    };
    let first: Vec<_> = jobs(Some(1))
        .await
        .iter()
        .map(|job| job.id.value())
        .collect();
    assert_eq!(first, [red, green]);
    let second = jobs(Some(2)).await;
    assert_eq!(second.len(), 1, "only what failed runs again");
    assert_eq!(
        (second[0].attempt, second[0].state),
        (2, CheckState::Queued)
    );
    assert!(!second[0].steps.is_empty());
    let mut latest: Vec<_> = jobs(None).await.iter().map(|job| job.id.value()).collect();
    latest.sort_unstable();
    assert_eq!(latest, [green, second[0].id.value()]);
    let run = RemoteId::new(id);
    let none = ask(
        rig,
        CiQuery::Jobs {
            run,
            attempt: Some(3),
        },
    )
    .await;
    assert_eq!(none.expect_err("there is none").kind, Kind::NotFound);
}

/// As much as was asked for, from the beginning of a line on.
pub async fn a_log_is_read_from_its_end(rig: &Rig) {
    let id = begun(rig);
    let lines: Vec<_> = (1..=5_000).map(|n| format!("line {n}\n")).collect();
    let text = lines.concat();
    let job = rig.world.job(id, "test", "failure", &text);
    let end = log(rig, job, 25).await.expect("it is there");
    assert_eq!(end.tail, "line 4999\nline 5000\n");
    assert_eq!((end.bytes, end.complete), (text.len() as u64, false));
    let whole = log(rig, job, 1_000_000).await.expect("it is there");
    assert_eq!((whole.tail, whole.complete), (text, true));
    rig.world.expire_log(job);
    let gone = log(rig, job, 25).await.expect_err("it has expired");
    assert_eq!(gone.kind, Kind::NotFound, "{gone}");
}

/// An attempt is followed by one, however often that is asked for; the next by another.
pub async fn a_rerun_is_once_for_an_attempt(rig: &Rig) {
    let id = begun(rig);
    rig.world.job(id, "test", "failure", "");
    let early = write(rig, CiAction::RerunFailed(basis(id, 1))).await;
    assert_eq!(early.expect_err("it goes on").kind, Kind::Refused(409));
    rig.world.end_run(id, "failure");
    for changes in [true, false] {
        let rerun = write(rig, CiAction::RerunFailed(basis(id, 1))).await;
        assert_eq!(rerun.expect("may write").changed, changes);
    }
    assert_eq!(rig.world.run_state(id).0, 2);
    rig.world.end_run(id, "failure");
    let next = write(rig, CiAction::RerunFailed(basis(id, 2))).await;
    assert!(next.expect("may write").changed);
    assert_eq!(rig.world.run_state(id).0, 3);
}

/// What has ended meanwhile, and what was begun anew, goes on as it is.
pub async fn only_the_attempt_meant_is_cancelled(rig: &Rig) {
    let id = begun(rig);
    rig.world.job(id, "test", "failure", "");
    rig.world.end_run(id, "failure");
    let late = write(rig, CiAction::Cancel(basis(id, 1))).await;
    assert!(!late.expect("may write").changed);
    write(rig, CiAction::RerunFailed(basis(id, 1)))
        .await
        .expect("may write");
    let other = write(rig, CiAction::Cancel(basis(id, 1))).await;
    assert!(!other.expect("may write").changed);
    let meant = write(rig, CiAction::Cancel(basis(id, 2))).await;
    assert!(meant.expect("may write").changed);
    assert_eq!(rig.world.run_state(id), (2, "cancelled".to_owned()));
}

/// A run that waits is let in; one that does not is left alone.
pub async fn only_what_waits_is_approved(rig: &Rig) {
    let id = begun(rig);
    let run_id = RemoteId::new(id);
    let early = write(rig, CiAction::Approve(run_id)).await;
    assert!(!early.expect("may write").changed);
    rig.world.hold_run(id);
    assert_eq!(run(rig, id).await.state, CheckState::ActionRequired);
    let approved = write(rig, CiAction::Approve(run_id)).await;
    assert!(approved.expect("may write").changed);
    assert_eq!(run(rig, id).await.state, CheckState::Queued);
}

/// What the workflow does not know is refused, and nothing was started.
pub async fn what_cannot_be_started_is_refused(rig: &Rig) {
    rig.world.workflow("ci.yml", &["reason", CORRELATION]);
    rig.world.workflow("deaf.yml", &["reason"]);
    let start = |workflow: &str, branch: &str, input: &str| {
        CiAction::DispatchWorkflow(WorkflowDispatch {
            workflow: workflow.to_owned(),
            branch: Branch::new(branch),
            inputs: BTreeMap::from([(input.to_owned(), "x".to_owned())]),
            correlation: "abc".to_owned(),
        })
    };
    for (wrong, status) in [
        (start("none.yml", "main", "reason"), 404),
        (start("ci.yml", "none", "reason"), 422),
        (start("ci.yml", "main", "none"), 422),
        (start("deaf.yml", "main", "reason"), 422),
    ] {
        let error = write(rig, wrong.clone()).await.expect_err("refused");
        // A missing subject has two words, which mean the same to whoever sends.
        let gone = status == 404 && error.kind == Kind::NotFound;
        let refused = error.kind == Kind::Refused(status);
        assert!(gone || refused, "{wrong:?}: {error}");
    }
    assert_eq!(
        rig.world.runs_of("ci.yml") + rig.world.runs_of("deaf.yml"),
        0
    );
}

/// So that whoever hears it can tell it from every other; of a workflow we learn the run.
pub async fn what_is_started_bears_its_id(rig: &Rig) {
    rig.world.workflow("ci.yml", &["reason", CORRELATION]);
    let raise = CiAction::DispatchRepository(RepositoryDispatch {
        event_type: "tidy".to_owned(),
        payload: BTreeMap::from([("reason".to_owned(), "x".to_owned())]),
        correlation: "abc".to_owned(),
    });
    assert!(write(rig, raise.clone()).await.expect("may write").changed);
    let raised = rig.world.raised();
    let payload = serde_json::json!({"reason": "x", "correlation_id": "abc"});
    assert_eq!(raised, [("tidy".to_owned(), payload)]);
    let settled = rig.settle(&ForgeAction::Ci(raise)).await;
    assert_eq!(settled.expect("can be asked"), Settled::Unknown);

    let start = CiAction::DispatchWorkflow(WorkflowDispatch {
        workflow: "ci.yml".to_owned(),
        branch: Branch::new("main"),
        inputs: BTreeMap::new(),
        correlation: "abc".to_owned(),
    });
    let receipt = write(rig, start).await.expect("may write");
    let via = receipt.via.expect("GitHub tells the run");
    let id = via
        .strip_prefix("workflow_run ")
        .and_then(|id| id.parse().ok());
    let seen = run(rig, id.expect("a run's number")).await;
    assert_eq!(seen.event, "workflow_dispatch");
}

/// A missing thing is a fact.
pub async fn what_is_not_there_is_not_found(rig: &Rig) {
    let none = RemoteId::new(999_999);
    let nowhere = sha(&"0".repeat(40));
    for query in [
        CiQuery::CheckSuites(nowhere.clone()),
        CiQuery::CheckRuns(nowhere.clone()),
        CiQuery::Annotations(none),
        CiQuery::Run(none),
        CiQuery::Jobs {
            run: none,
            attempt: None,
        },
        CiQuery::JobLog {
            job: none,
            bytes: 10,
        },
    ] {
        let error = ask(rig, query.clone()).await.expect_err("there is none");
        assert_eq!(error.kind, Kind::NotFound, "{query:?}: {error}");
    }
    let Ok(CiAnswer::Runs(listing)) = ask(rig, CiQuery::RunsOfCommit(nowhere)).await else {
        panic!("a commit without runs has none");
    };
    assert!(listing.rows.is_empty() && listing.complete);
}

/// Neither seen nor done without the permission, and it is named.
pub async fn workflows_need_their_own_permission(rig: &Rig) {
    let id = begun(rig);
    rig.world.permit("actions", "read");
    let error = write(rig, CiAction::Cancel(basis(id, 1))).await;
    let error = error.expect_err("we may not");
    assert_eq!(error.kind, Kind::Denied, "{error}");
    assert!(error.to_string().contains("actions"), "{error}");
    assert_eq!(rig.world.run_state(id).1, "in_progress");
}
