//! What a script at a shell can let happen, beside what people do to items.

use serde_json::json;

use super::{send, world};

#[tokio::test]
async fn workflows_milestones_and_alerts_can_be_told_of() {
    let world = world();
    let tell = async |act: &str| {
        let told = send(&world, "", "POST", "/_sim/act", act).await;
        assert_eq!(told.status, 200, "{act}: {}", told.value());
        told.value()["number"].as_u64().unwrap()
    };
    let ask = async |path: &str| {
        let path = format!("/repos/octo/widgets{path}");
        send(&world, "bob", "GET", &path, "").await.value()
    };
    tell("{do: workflow, file: ci.yml, inputs: [reason]}").await;
    let run = tell("{do: run_workflow, file: ci.yml, number: 1}").await;
    let job = tell(&format!(
        "{{do: job, run: {run}, name: test, word: failure, log: it squeaks}}"
    ))
    .await;
    assert_eq!(ask(&format!("/actions/jobs/{job}")).await["name"], "test");
    tell(&format!("{{do: end_run, run: {run}, word: failure}}")).await;
    let shown = ask(&format!("/actions/runs/{run}")).await;
    assert_eq!(shown["conclusion"], "failure");
    let waiting = tell("{do: run_workflow, file: ci.yml, number: 1}").await;
    tell(&format!("{{do: hold_run, run: {waiting}}}")).await;
    let shown = ask(&format!("/actions/runs/{waiting}")).await;
    assert_eq!(shown["conclusion"], "action_required");

    let milestone = tell("{do: define_milestone, by: alice, title: v1}").await;
    tell(&format!(
        "{{do: close_milestone, number: {milestone}, closed: true}}"
    ))
    .await;
    let shown = ask("/milestones?state=all").await;
    assert_eq!(shown[0]["state"], "closed");

    tell("{do: scan, scanner: code, enabled: true}").await;
    assert_eq!(ask("/code-scanning/alerts?state=open").await, json!([]));
    let found = "{do: find, finding: {code: {rule: r, severity: high, path: a.rs, line: 3}}}";
    let alert = tell(found).await;
    let shown = ask("/code-scanning/alerts?state=open").await;
    assert_eq!(shown[0]["rule"]["id"], "r");
    tell(&format!("{{do: mend, scanner: code, number: {alert}}}")).await;
    assert_eq!(ask("/code-scanning/alerts?state=open").await, json!([]));
    tell("{do: find, finding: {secret: {kind: k, secret: s, active: true}}}").await;
    tell("{do: scan, scanner: dependabot, enabled: false}").await;
    let nothing = send(&world, "", "POST", "/_sim/act", "{do: hold_run, run: 9}").await;
    assert_eq!(nothing.status, 400);
}
