//! An App that is suspended or loses a repository stops there at once: from then on not even a
//! token is asked for, whatever still arrives. What is renamed is found.

use std::sync::Arc;

use caretaker_core::model::{AccountId, Outcome, Run};
use caretaker_testkit::story::ACT;
use caretaker_testkit::world::{Hook, World};
use caretaker_wiring::clock::SystemClock;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use super::running::http::Request;
use super::running::{Running, key, told_at};

const KEY: &str =
    include_str!("../../../caretaker-adapters/github/tests/keys/for-tests-only.pkcs1.pem");

/// A server as an App over a GitHub with one repository.
struct Desk {
    server: Running,
    world: World,
    _dir: TempDir,
    _runtime: Runtime,
}

impl Desk {
    fn start() -> Self {
        let runtime = Runtime::new().expect("threads can be started");
        let world = World::new(Arc::new(SystemClock::start())).unwatched();
        world.app_key(KEY).expect("it is a key");
        world.config(ACT);
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"));
        let listener = listener.expect("there is a free port");
        let address = listener.local_addr().expect("it listens");
        let serving = world.clone();
        runtime.spawn(async move { serving.serve(listener, None).await });
        let dir = tempfile::tempdir().expect("there is room");
        let key = dir.path().join("key.pem");
        std::fs::write(&key, KEY).expect("there is room");
        let env = [
            ("CARETAKER_GITHUB_API_URL", format!("http://{address}")),
            ("CARETAKER_GITHUB_APP_ID", "7".to_owned()),
            (
                "CARETAKER_GITHUB_APP_PRIVATE_KEY_PATH",
                key.display().to_string(),
            ),
            ("CARETAKER_WEBHOOK_ALLOW_LIST", "octo".to_owned()),
            // It would bring late what is handed over here by hand.
            ("CARETAKER_DELIVERY_LOG_INTERVAL_SECONDS", "0".to_owned()),
            ("CARETAKER_METRICS_LISTEN", "127.0.0.1:0".to_owned()),
        ];
        let env: Vec<_> = env
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let desk = Self {
            server: Running::serve(dir.path(), &env),
            world,
            _dir: dir,
            _runtime: runtime,
        };
        desk.hand_over(&desk.world.take_deliveries());
        desk
    }

    /// Hands deliveries over and waits for their end; the runs that answered them.
    fn hand_over(&self, hooks: &[Hook]) -> Vec<Run> {
        let deliver = |hook: &Hook| {
            let answer = self
                .server
                .deliver(&hook.event, &hook.guid, hook.body.as_bytes());
            assert_eq!(answer.status, 202, "{}", answer.text);
            key(&hook.event, &hook.guid)
        };
        let keys: Vec<_> = hooks.iter().map(deliver).collect();
        let mut runs = self.server.closed(&keys);
        runs.retain(|run| {
            let id = run.task.event.id.as_str();
            keys.iter().any(|key| id.starts_with(key.as_str()))
        });
        runs
    }

    /// What people do at GitHub, as it tells us of it.
    fn told(&self, act: impl FnOnce(&World)) -> Vec<Hook> {
        drop(self.world.take_deliveries());
        act(&self.world);
        let hooks = self.world.take_deliveries();
        assert!(!hooks.is_empty(), "GitHub tells of it");
        hooks
    }

    /// Something that agents act on.
    fn work(&self) -> Vec<Hook> {
        self.told(|world| {
            world.comment(1, "bob", "@caretaker hold");
            world.label(2, "alice", "bug");
        })
    }

    /// A delivery of ours.
    fn made(event: &str, guid: &str, body: &Value) -> Vec<Hook> {
        vec![Hook {
            guid: guid.to_owned(),
            event: event.to_owned(),
            action: body["action"].as_str().map(str::to_owned),
            target_id: "7".to_owned(),
            body: body.to_string(),
            repeat: false,
        }]
    }

    /// The installation as its own events show it.
    fn installation(&self) -> Value {
        let repo = self.world.repo();
        let id = repo.installation.expect("it is an App's").value();
        let account = repo.account.map_or(1, AccountId::value);
        json!({
            "id": id,
            "account": {"login": "octo", "id": account, "type": "Organization"},
            "updated_at": "2026-01-01T00:00:00Z",
        })
    }

    /// The repository as deliveries show it, with some fields changed.
    fn repository(&self, changes: &Value) -> Value {
        let hook = self.told(|world| {
            world.comment(2, "alice", "any");
        });
        let body: Value = serde_json::from_str(&hook[0].body).expect("GitHub sends JSON");
        let mut repository = body["repository"].clone();
        let changes = changes.as_object().expect("fields");
        for (name, value) in changes {
            repository[name] = value.clone();
        }
        repository
    }

    /// Requests about repositories, and tokens asked for.
    fn asked(&self) -> usize {
        let log = self.world.log();
        log.on(" /repos/").count() + log.on("access_tokens").count() + log.on("graphql").count()
    }

    /// What the metrics say of one series.
    fn metric(&self, series: &str) -> String {
        let text = Request::of("GET", "/metrics", b"")
            .send(told_at(&self.server))
            .text;
        let line = text.lines().find(|line| line.starts_with(series));
        let line = line.unwrap_or_else(|| panic!("no {series} in\n{text}"));
        line.rsplit(' ').next().unwrap_or_default().to_owned()
    }
}

/// Why each of these was heard by nobody.
fn unheard(runs: &[Run]) -> Vec<&str> {
    runs.iter()
        .map(|run| match &run.outcome {
            Some(Outcome::Unheard(why)) => why.as_str(),
            other => panic!("{} came to {other:?}", run.task.event.id),
        })
        .collect()
}

/// Hands over the end, and then what was under way when it came: nothing is asked any more.
fn stops(desk: &Desk, end: impl FnOnce(&Desk) -> Vec<Hook>, why: &str) {
    let before = desk.asked();
    desk.hand_over(&desk.work());
    assert!(desk.asked() > before, "it works");
    let late = desk.work();
    let end = end(desk);
    desk.hand_over(&end);
    let asked = desk.asked();
    let runs = desk.hand_over(&late);
    assert_eq!(runs.len(), late.len());
    assert!(
        unheard(&runs).iter().all(|said| *said == why),
        "{why}: {:?}",
        unheard(&runs)
    );
    assert_eq!(desk.asked(), asked, "{why}: {}", desk.world.log());
    let jobs = "worker_jobs_total{service=\"caretaker\",job=\"intake\",outcome=\"unheard\"}";
    let counted: usize = desk.metric(jobs).parse().expect("a number");
    assert!(counted >= late.len(), "{counted}");
}

/// It works again.
fn goes_on(desk: &Desk, again: &[Hook]) {
    desk.hand_over(again);
    let asked = desk.asked();
    desk.hand_over(&desk.work());
    assert!(desk.asked() > asked, "it works again");
}

#[test]
fn a_suspended_installation_is_left_alone_until_it_resumes() {
    let desk = Desk::start();
    let end = |desk: &Desk| desk.told(|world| world.suspend("alice", true));
    stops(&desk, end, "suspended");
    let again = desk.told(|world| world.suspend("alice", false));
    goes_on(&desk, &again);
}

#[test]
fn a_repository_that_leaves_the_installation_is_left_alone_until_it_joins() {
    let desk = Desk::start();
    let end = |desk: &Desk| desk.told(|world| world.install("alice", false));
    stops(&desk, end, "removed");
    let again = desk.told(|world| world.install("alice", true));
    goes_on(&desk, &again);
}

#[test]
fn a_deleted_repository_is_left_alone() {
    let desk = Desk::start();
    let end = |desk: &Desk| {
        let body = json!({
            "action": "deleted", "repository": desk.repository(&json!({})),
            "installation": {"id": desk.installation()["id"]},
            "sender": {"login": "alice", "id": 5, "type": "User"},
        });
        Desk::made("repository", "end", &body)
    };
    stops(&desk, end, "removed");
}

#[test]
fn a_renamed_repository_is_found_under_its_new_name() {
    let desk = Desk::start();
    let renamed = desk.told(|world| world.rename("alice", "gadgets"));
    desk.hand_over(&renamed);
    let before = desk.world.log().count();
    desk.hand_over(&desk.work());
    let since = desk.world.log().since(before);
    assert!(since.on("/repos/octo/gadgets/").count() > 0, "{since}");
    assert_eq!(since.on("/repos/octo/widgets").count(), 0, "{since}");
}
