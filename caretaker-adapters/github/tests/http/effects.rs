//! What actions write, and what they leave alone.

use caretaker_core::{
    model::{
        ActionKey, Answer, Branch, Conclusion, ForgeAction, ForgeQuery, Marker, Number, Publish,
        Receipt, Sha,
    },
    ports::{Forge, Freshness, Kind, PortError, Settled},
};
use caretaker_github::GithubForge;
use serde_json::{Value, json};

use super::server::{Server, answer, issue, ok, repo};

async fn write(forge: &GithubForge, action: &ForgeAction) -> Result<Receipt, PortError> {
    forge.write(&repo(), action, &ActionKey::new("k")).await
}

fn comment(id: u64, login: &str, body: &str) -> Value {
    json!({
        "id": id, "body": body, "created_at": format!("2023-01-01T00:00:{id:02}Z"),
        "user": {"login": login, "id": 2, "type": "Bot"},
        "performed_via_github_app": null,
    })
}

fn upsert(text: &str) -> ForgeAction {
    ForgeAction::UpsertComment {
        number: Number::new(1),
        marker: Marker::Status,
        body: format!("{}\n{text}", Marker::Status.render()),
    }
}

#[tokio::test]
async fn of_several_comments_of_ours_the_oldest_is_kept_and_others_are_left_alone() {
    let ours = "caretaker[bot]";
    let comments = json!([
        comment(1, "mallory", "<!-- caretaker:status -->\nall is well"),
        comment(2, ours, "<!-- caretaker:stale-warning -->\nstale"),
        comment(4, ours, "<!-- caretaker:status -->\nnewer"),
        comment(3, ours, "<!-- caretaker:ownership:claim -->\nolder"),
    ]);
    let server = Server::start(move |seen| match seen.method.as_str() {
        "DELETE" => answer(204, &json!({})),
        _ => ok(&comments),
    })
    .await;
    assert!(
        write(&server.as_app(), &upsert("now"))
            .await
            .unwrap()
            .changed
    );
    assert_eq!(
        server.writes(),
        [
            "PATCH /repos/octo/widgets/issues/comments/3",
            "DELETE /repos/octo/widgets/issues/comments/4",
        ]
    );
}

#[tokio::test]
async fn a_comment_that_says_the_same_is_not_written_again() {
    let comments = json!([comment(
        1,
        "caretaker[bot]",
        "<!-- caretaker:status -->\r\nnow\n"
    )]);
    let server = Server::start(move |_| ok(&comments)).await;
    let forge = server.as_app();
    assert!(!write(&forge, &upsert("now")).await.unwrap().changed);
    assert!(server.writes().is_empty());
    let key = ActionKey::new("k");
    let same = forge.settle(&repo(), &upsert("now"), &key).await.unwrap();
    assert_eq!(same, Settled::Performed);
    let other = forge.settle(&repo(), &upsert("then"), &key).await.unwrap();
    assert_eq!(other, Settled::NotPerformed);
}

#[tokio::test]
async fn a_finding_is_a_check_run_of_an_app_and_a_status_of_a_user() {
    let sha = "a1".repeat(20);
    let publish = |conclusion| {
        ForgeAction::Publish(Publish {
            sha: Sha::parse(&sha).unwrap(),
            name: "caretaker/pr-readiness".to_owned(),
            conclusion,
            title: "waits".to_owned(),
            summary: "for checks".to_owned(),
        })
    };
    let foreign = json!({
        "id": 3, "name": "caretaker/pr-readiness", "status": "in_progress", "conclusion": null,
        "app": {"id": 8, "slug": "x"}, "output": {"title": "waits", "summary": "for checks"},
    });
    let server = Server::start(move |seen| match seen.method.as_str() {
        "POST" => answer(201, &json!({})),
        _ if seen.path.contains("/check-runs") => {
            ok(&json!({"total_count": 1, "check_runs": [foreign]}))
        }
        _ => ok(&json!([{
            "id": 1, "context": "caretaker/pr-readiness", "state": "pending",
            "description": "waits", "creator": {"login": "octocat", "id": 5},
        }])),
    })
    .await;

    let receipt = write(&server.as_app(), &publish(Conclusion::InProgress)).await;
    assert_eq!(receipt.unwrap().via.as_deref(), Some("check_run"));
    let written = server.seen().pop().unwrap();
    assert_eq!(written.path, "/repos/octo/widgets/check-runs");
    assert_eq!(written.body["head_sha"], sha);
    assert_eq!(written.body["status"], "in_progress");
    assert_eq!(written.body.get("conclusion"), None);

    let user = server.as_user();
    // A status knows neither "running" nor "neutral": both are pending, and no difference.
    for conclusion in [Conclusion::InProgress, Conclusion::Neutral] {
        let receipt = write(&user, &publish(conclusion)).await.unwrap();
        assert_eq!(
            (receipt.changed, receipt.via.as_deref()),
            (false, Some("status"))
        );
    }
    assert!(
        write(&user, &publish(Conclusion::Success))
            .await
            .unwrap()
            .changed
    );
    let written = server.seen().pop().unwrap();
    assert_eq!(written.path, format!("/repos/octo/widgets/statuses/{sha}"));
    let wanted = json!({
        "state": "success", "context": "caretaker/pr-readiness", "description": "waits",
    });
    assert_eq!(written.body, wanted);
}

#[tokio::test]
async fn a_branch_is_deleted_only_where_we_saw_it() {
    let (seen_at, moved) = ("a1".repeat(20), "b2".repeat(20));
    let tip = seen_at.clone();
    let server = Server::start(
        move |seen| match (seen.method.as_str(), seen.path.as_str()) {
            ("GET", "/repos/octo/widgets/git/ref/heads/feature%2Fx") => ok(
                &json!({"ref": "refs/heads/feature/x", "object": {"type": "commit", "sha": tip}}),
            ),
            ("GET", _) => answer(404, &json!({"message": "Not Found"})),
            _ => answer(204, &json!({})),
        },
    )
    .await;
    let forge = server.as_app();
    let delete = |branch: &str, sha: &str| ForgeAction::DeleteBranch {
        branch: Branch::new(branch),
        expect: Sha::parse(sha).unwrap(),
    };
    let refused = write(&forge, &delete("feature/x", &moved))
        .await
        .unwrap_err();
    assert_eq!(refused.kind, Kind::Refused(409));
    let gone = write(&forge, &delete("gone", &moved)).await.unwrap();
    assert!(!gone.changed);
    assert!(server.writes().is_empty());
    assert!(
        write(&forge, &delete("feature/x", &seen_at))
            .await
            .unwrap()
            .changed
    );
    assert_eq!(
        server.writes(),
        ["DELETE /repos/octo/widgets/git/refs/heads/feature%2Fx"]
    );
}

#[tokio::test]
async fn an_issue_is_closed_as_not_planned_and_what_is_missing_is_refused() {
    let server = Server::start(|seen| match seen.path.as_str() {
        "/repos/octo/widgets/issues/1" => ok(&issue(1)),
        _ => answer(404, &json!({"message": "Not Found"})),
    })
    .await;
    let forge = server.as_app();
    let close = |number, pull| ForgeAction::Close {
        number: Number::new(number),
        pull,
    };
    assert!(write(&forge, &close(1, false)).await.unwrap().changed);
    let wanted = json!({"state": "closed", "state_reason": "not_planned"});
    assert_eq!(server.seen().pop().unwrap().body, wanted);
    for (number, pull, status) in [(1, true, 422), (2, false, 404)] {
        let refused = write(&forge, &close(number, pull)).await.unwrap_err();
        assert_eq!(refused.kind, Kind::Refused(status));
    }
    assert_eq!(server.writes().len(), 1);
    let key = ActionKey::new("k");
    let settled = forge.settle(&repo(), &close(2, false), &key).await.unwrap();
    assert_eq!(settled, Settled::Unknown);
}

#[tokio::test]
async fn hidden_protection_is_not_nothing() {
    let sha = "a1".repeat(20);
    let mut pull = issue(1);
    let end = json!({"ref": "main", "sha": sha, "repo": {"id": 42}});
    pull["head"] = end.clone();
    pull["base"] = end;
    let branch = json!({
        "name": "main", "commit": {"sha": sha}, "protected": false,
        "protection": {"enabled": false},
    });
    let server = Server::start(move |seen| {
        let path = seen.path.trim_start_matches("/repos/octo/widgets");
        match path.split('?').next().unwrap() {
            // An older server, which does not know all that is asked; REST tells the same.
            "/graphql" => ok(&json!({"errors": [{
                "message": "Field 'statusCheckRollup' doesn't exist on type 'Commit'",
                "extensions": {"code": "undefinedField"},
            }]})),
            "/pulls/1" => ok(&pull),
            "/branches/main" => ok(&branch),
            "/rules/branches/main" => answer(
                403,
                &json!({"message": "Resource not accessible by integration"}),
            ),
            path if path.ends_with("/check-runs") => {
                ok(&json!({"total_count": 0, "check_runs": []}))
            }
            path if path.ends_with("/check-suites") => {
                ok(&json!({"total_count": 0, "check_suites": []}))
            }
            path if path.ends_with("/status") => ok(&json!({"state": "pending", "statuses": []})),
            _ => ok(&json!([])),
        }
    })
    .await;
    let question = [ForgeQuery::Snapshot(Number::new(1))];
    let answers = server
        .as_app()
        .read(&repo(), &question, Freshness::Fresh)
        .await;
    let Ok(Answer::Snapshot(snapshot)) = &answers[0] else {
        panic!("{answers:?}");
    };
    assert_eq!(snapshot.required, None);
    assert!(snapshot.pull.same_repository);
}
