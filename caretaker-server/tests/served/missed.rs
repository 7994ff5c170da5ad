//! While the server was off GitHub could not deliver; when it is on again it takes what it missed.

use std::sync::Arc;
use std::time::Instant;

use caretaker_core::intake::Headers;
use caretaker_core::model::{DedupKey, Secret};
use caretaker_testkit::story::ACT;
use caretaker_testkit::world::{Fault, Hook, Hooks, World};
use caretaker_wiring::clock::SystemClock;
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use super::running::http::Request;
use super::running::{PATIENCE, Running, SECRET};

const KEY: &str =
    include_str!("../../../caretaker-adapters/github/tests/keys/for-tests-only.pkcs1.pem");
/// As many as the project promises to make up for.
const REFUSED: usize = 500;

/// A GitHub that delivers to where nobody listens.
struct Off {
    world: World,
    url: String,
    dir: TempDir,
    _runtime: Runtime,
}

impl Off {
    fn new() -> Self {
        let runtime = Runtime::new().expect("threads can be started");
        let world = World::new(Arc::new(SystemClock::start())).unwatched();
        world.app_key(KEY).expect("it is a key");
        world.config(ACT);
        drop(world.take_deliveries());
        let bind = || {
            let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"));
            let listener = listener.expect("there is a free port");
            let address = listener.local_addr().expect("it listens");
            (listener, address)
        };
        let (listener, address) = bind();
        let (closed, nobody) = bind();
        drop(closed);
        let hooks = Hooks {
            url: format!("http://{nobody}/webhooks/github"),
            secret: Secret::new(SECRET),
        };
        let serving = world.clone();
        runtime.spawn(async move { serving.serve(listener, Some(hooks)).await });
        Self {
            world,
            url: format!("http://{address}"),
            dir: tempfile::tempdir().expect("there is room"),
            _runtime: runtime,
        }
    }

    /// Waits until something holds of the world.
    fn until(&self, what: &str, holds: impl Fn(&World) -> bool) {
        let began = Instant::now();
        while !holds(&self.world) {
            assert!(began.elapsed() < PATIENCE, "never {what}");
            std::thread::yield_now();
        }
    }

    /// So many deliveries, none of which arrives.
    fn refuse(&self, count: usize) -> Vec<Hook> {
        let before = self.world.sent().len();
        for number in 0..count {
            self.world.label(2, "alice", &format!("l{number}"));
        }
        self.until("tried", |world| world.sent().len() == before + count);
        let sent = self.world.sent().split_off(before);
        assert!(
            sent.iter().all(|sent| sent.status.is_none()),
            "{:?}",
            sent[0]
        );
        self.world.deliveries().split_off(before + self.quiet())
    }

    /// Deliveries that were made before anybody sent them.
    fn quiet(&self) -> usize {
        self.world.deliveries().len() - self.world.sent().len()
    }

    fn on(&self) -> Running {
        let key = self.dir.path().join("key.pem");
        std::fs::write(&key, KEY).expect("there is room");
        let key = key.to_str().expect("paths of tests are text").to_owned();
        let env = [
            ("CARETAKER_GITHUB_API_URL", self.url.as_str()),
            ("CARETAKER_GITHUB_APP_ID", "7"),
            ("CARETAKER_GITHUB_APP_PRIVATE_KEY_PATH", &key),
            ("CARETAKER_WEBHOOK_ALLOW_LIST", "octo"),
        ];
        Running::serve(self.dir.path(), &env)
    }

    /// How often the log was begun to be read, and how many attempts were looked at.
    fn asked(&self) -> (usize, usize) {
        let log = self.world.log();
        let of = |op: &str| log.entries().iter().filter(|entry| entry.op == op).count();
        (
            of("GET /app/hook/deliveries"),
            of("GET /app/hook/deliveries/{id}"),
        )
    }
}

fn keys(hooks: &[Hook]) -> Vec<DedupKey> {
    let key = |hook: &Hook| {
        let headers = hook.headers(SECRET);
        let named = Headers::read(|name| {
            let mut headers = headers.iter();
            let found = headers.find(|(known, _)| known.eq_ignore_ascii_case(name));
            found.map(|(_, value)| value.as_str())
        });
        named.expect("GitHub sends them").dedup_key()
    };
    hooks.iter().map(key).collect()
}

#[test]
fn every_delivery_of_a_time_without_a_server_has_a_final_record_and_only_one() {
    let github = Off::new();
    let refused = github.refuse(REFUSED);
    let server = github.on();
    let keys = keys(&refused);
    assert_eq!(keys.len(), REFUSED);
    let runs = server.closed(&keys).len();
    let (_, looked_at) = github.asked();
    assert_eq!(looked_at, REFUSED);
    server.stop();

    let (begun, _) = github.asked();
    let server = github.on();
    github.until("read again", |_| github.asked().0 > begun);
    let status: Value = serde_json::from_str(&server.ask(&["status", "--json"])).expect("JSON");
    assert!(status["delivery_log"]["looked"].is_string(), "{status}");
    assert_eq!(github.asked().1, REFUSED, "nothing is fetched twice");
    assert_eq!(server.closed(&keys).len(), runs);
    assert_eq!(github.world.take_violations(), Vec::<String>::new());
}

#[test]
fn a_log_that_cannot_be_read_is_told_to_whoever_asks() {
    let github = Off::new();
    github.world.fault(
        Fault::on("GET /app/hook/deliveries")
            .fail_before(503)
            .times(100),
    );
    let server = github.on();
    server.says("could not read GitHub's log of deliveries");
    let ready = server.send(&Request::of("GET", "/ready", b""));
    assert!(
        ready.text.contains("log of deliveries cannot be read"),
        "{}",
        ready.text
    );
    let status = server.ask(&["status"]);
    assert!(status.contains("cannot be read since"), "{status}");
    assert!(status.contains("unavailable"), "{status}");
}
