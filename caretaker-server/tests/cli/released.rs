//! What `explain` says would release a pull request.

use caretaker_core::model::{EventKind, Run};
use caretaker_testkit::samples;
use serde_json::{Value, json};

use super::stored;

const RECORDED: &str = include_str!("../../../caretaker-core/journal/pr.4.jsonl");

/// What was recorded of `pr` at an event of this kind, in the repository of a desk.
fn recorded(kind: EventKind) -> Run {
    let runs = RECORDED
        .lines()
        .map(|line| serde_json::from_str::<Run>(line).unwrap());
    let mut runs = runs.filter(|run| run.task.event.kind == kind);
    Run {
        repo: Some(samples::repo(1)),
        ..runs.next().unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn explain_tells_the_smallest_ways_to_release_a_pull_request() {
    let blocked = recorded(EventKind::RecheckDue);
    let (desk, _served) = stored::desk(vec![blocked]).await;
    let said = desk.call(&["explain", "octo/repo-1#1"]);
    let expected = "  to release     until it is ready to merge
    1. reviewer: somebody who may write approves this commit
       maintainer: set `pr_agent.merge.allow_no_ci: true`
    2. CI: a check runs on it and ends well
       reviewer: somebody who may write approves this commit
       CI: nothing happens to it for 2m
";
    assert!(said.text(0).contains(expected), "{said:?}");
    let next = "  looks again    at the next event about it\n";
    assert!(said.out.ends_with(next), "{said:?}");

    let json = desk.call(&["explain", "octo/repo-1#1", "--json"]).json(0);
    assert_eq!(json["runs"][0]["next"], "at the next event about it");
    let release = &json["runs"][0]["release"];
    assert_eq!(
        (&release["aim"], &release["cut"], &release["none"]),
        (&json!("ready"), &json!(false), &Value::Null)
    );
    let ways = release["ways"].as_array().unwrap().iter();
    let acts = |way: &Value| {
        let acts = way.as_array().unwrap().iter();
        let told = |act: &Value| json!([act["act"], act["kind"], act["owner"]]);
        acts.map(told).collect::<Vec<_>>()
    };
    let approve = json!(["approve", "review", "reviewer"]);
    assert_eq!(
        ways.map(acts).collect::<Vec<_>>(),
        [
            vec![
                approve.clone(),
                json!(["configure", "configuration", "maintainer"])
            ],
            vec![
                json!(["first_check", "check", "ci"]),
                approve,
                json!(["wait", "time", "ci"])
            ],
        ]
    );
    assert_eq!(
        release["ways"][0][0]["what"],
        "somebody who may write approves this commit"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_releases_what_is_merged() {
    let merged = recorded(EventKind::PullClosed);
    let (desk, _served) = stored::desk(vec![merged]).await;
    let said = desk.call(&["explain", "octo/repo-1#1"]);
    assert!(said.text(0).contains("merged: yes"), "{said:?}");
    assert!(!said.out.contains("to release"), "{said:?}");
    let json = desk.call(&["explain", "octo/repo-1#1", "--json"]).json(0);
    assert_eq!(json["runs"][0].get("release"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn names_in_a_way_can_be_copied() {
    let mut lines = RECORDED.lines();
    let failed = lines.find(|line| line.contains(r#""state":"failure""#));
    let failed = failed.unwrap();
    let renamed = failed.replace(r#""name":"ci""#, r#""name":"code_quality (3.11) @x""#);
    let failed = Run {
        repo: Some(samples::repo(1)),
        ..serde_json::from_str(&renamed).unwrap()
    };
    let (desk, _served) = stored::desk(vec![failed]).await;
    let name = "code_quality (3.11) @x ends well";
    let said = desk.call(&["explain", "octo/repo-1#1"]);
    assert!(
        said.text(0).contains(&format!("1. CI: {name}\n")),
        "{said:?}"
    );
    let json = desk.call(&["explain", "octo/repo-1#1", "--json"]).json(0);
    assert_eq!(json["runs"][0]["release"]["ways"][0][0]["what"], name);
}
