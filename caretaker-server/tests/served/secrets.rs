//! Nothing that is secret is told: not in the log at its finest level, not in what commands and
//! routes say, not in the store, and not in what is printed of settings; also when GitHub's answers
//! go wrong, the one that holds a token among them.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Output;
use std::sync::Arc;

use caretaker_core::model::DedupKey;
use caretaker_server::settings::{Settings, Sources};
use caretaker_testkit::story::ACT;
use caretaker_testkit::world::{Fault, Then, World};
use caretaker_wiring::clock::SystemClock;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use super::running::http::Request;
use super::running::{Running, SECRET, caretaker, key};
use super::traces::{Kept, found, values};

const KEY: &str =
    include_str!("../../../caretaker-adapters/github/tests/keys/for-tests-only.pkcs1.pem");
const PERSONAL: &str = "ghp_ForTestsOnly/0123456789+abcdef=";
/// How every JWT of an App begins.
const JWT: &str = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9";

/// A GitHub, and a server that shows it one kind of credentials.
struct Stage {
    world: World,
    env: Vec<(&'static str, String)>,
    dir: TempDir,
    _runtime: Runtime,
}

impl Stage {
    fn new(credentials: &[(&'static str, &str)]) -> Self {
        let runtime = Runtime::new().unwrap();
        let world = World::new(Arc::new(SystemClock::start())).unwatched();
        world.app_key(KEY).unwrap();
        world.accept_token(PERSONAL, "caretaker-user");
        world.trust("caretaker-user");
        world.config(ACT);
        drop(world.take_deliveries());
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let serving = world.clone();
        runtime.spawn(async move { serving.serve(listener, None).await });
        let mut env = vec![
            ("CARETAKER_GITHUB_API_URL", url),
            ("CARETAKER_GITHUB_WRITE_PACE_MS", "0".to_owned()),
            ("CARETAKER_LOG_LEVEL", "trace".to_owned()),
            ("CARETAKER_MODE_CEILING", "act".to_owned()),
        ];
        let shown = credentials.iter();
        env.extend(shown.map(|(name, value)| (*name, (*value).to_owned())));
        Self {
            world,
            env,
            dir: tempfile::tempdir().unwrap(),
            _runtime: runtime,
        }
    }

    fn env(&self) -> Vec<(&str, &str)> {
        let env = self.env.iter();
        env.map(|(name, value)| (*name, value.as_str())).collect()
    }

    /// Things happen on GitHub, and its answers go wrong in every way.
    fn tell(&self, server: &Running) {
        // Each delays what it hits by five seconds or more; what would only wait is left out.
        let quick = [
            Then::FailAfter(502),
            Then::RateLimit(Some(1)),
            Then::Truncate,
            Then::Cut,
            Then::Reset,
            Then::Page(200),
        ];
        for (nth, then) in (0..).zip(quick) {
            let at = |call: &str, nth| Fault {
                then: then.clone(),
                ..Fault::on(call).nth(nth)
            };
            self.world.fault(at("/access_tokens", 1 + nth));
            self.world.fault(at("GET /repos/", 5 + 7 * nth));
        }
        self.world
            .fault(Fault::on("GET /repos/").nth(3).fail_before(401));
        self.world.fault(Fault::on_write().fail_after(502));
        for number in 0..6 {
            let issue = self.world.open_issue("carol", &format!("Widget {number}"));
            self.world.comment(issue, "bob", "@caretaker why");
        }
        self.world.comment(1, "bob", "@caretaker why");
        self.world.check(1, "test").fail();
        self.world.push(1);
        server.closed(&self.deliver(server));
    }

    fn deliver(&self, server: &Running) -> Vec<DedupKey> {
        let hooks = self.world.take_deliveries().into_iter();
        hooks
            .map(|hook| {
                let answer = server.deliver(&hook.event, &hook.guid, hook.body.as_bytes());
                assert_eq!(answer.status, 202, "{}", answer.text);
                key(&hook.event, &hook.guid)
            })
            .collect()
    }

    /// Everything that anybody can see of it, and where.
    fn seen(&self, server: Running) -> Vec<(String, Vec<u8>)> {
        let mut seen = Vec::new();
        for path in ["/ready", "/health", "/", "/webhooks/github"] {
            let answer = server.send(&Request::of("GET", path, b""));
            seen.push((path.to_owned(), [answer.head, answer.text].concat().into()));
        }
        let forged = Request::post("/webhooks/github", b"{}").header("X-GitHub-Event", "ping");
        seen.push(("forged".to_owned(), server.send(&forged).text.into()));
        for args in [
            &["journal", "export"][..],
            &["status", "--json"],
            &["runs", "--json"],
            &["explain", "octo/widgets#1"],
            &["doctor"],
            &["ask", "octo/widgets", "item", "1"],
        ] {
            let told = self.told(args);
            seen.push((args.join(" "), [told.stdout, told.stderr].concat()));
        }
        let log = server.log();
        assert!(log.contains("\"level\":\"DEBUG\"") && log.contains("asked GitHub"));
        assert!(log.contains("GitHub answered 5"), "{log}");
        seen.push(("log".to_owned(), log.into_bytes()));
        assert!(server.stop().0.success());
        stored(self.dir.path(), &mut seen);
        let env = self
            .env()
            .into_iter()
            .chain([("CARETAKER_GITHUB_APP_WEBHOOK_SECRET", SECRET)]);
        let sources = Sources {
            env: env
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect::<BTreeMap<_, _>>(),
            ..Sources::default()
        };
        seen.push((
            "sources".to_owned(),
            format!("{sources:?} {sources:#?}").into(),
        ));
        let settings = Settings::load(&sources).unwrap();
        seen.push((
            "settings".to_owned(),
            format!("{settings:?} {settings:#?}").into(),
        ));
        seen
    }

    fn told(&self, args: &[&str]) -> Output {
        let mut command = caretaker(args, &self.env());
        command.arg("--data-dir").arg(self.dir.path());
        command.output().unwrap()
    }
}

/// What lies in a data directory, and every value of the databases in it.
fn stored(dir: &Path, seen: &mut Vec<(String, Vec<u8>)>) {
    let mut stores = 0;
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let bytes = std::fs::read(&path).unwrap();
        if bytes.starts_with(b"SQLite format 3\0") {
            stores += 1;
            let values = values(&path).into_iter();
            seen.extend(values.map(|(table, value)| (format!("{name} {table}"), value)));
        }
        seen.push((name, bytes));
    }
    assert_eq!(stores, 2, "what we remember, and GitHub's answers");
}

/// Nothing of this stands anywhere.
fn none_of(kept: &[Kept], seen: &[(String, Vec<u8>)]) {
    for (place, bytes) in seen {
        let leaks = found(kept, bytes);
        assert!(leaks.is_empty(), "{leaks:?} in {place}");
    }
}

#[test]
fn an_app_tells_neither_its_key_nor_a_token_nor_the_webhooks_secret() {
    let stage = Stage::new(&[
        ("CARETAKER_GITHUB_APP_ID", "7"),
        ("CARETAKER_GITHUB_APP_PRIVATE_KEY", KEY),
        // Not used beside an App, and not told either.
        ("GITHUB_TOKEN", PERSONAL),
    ]);
    let server = Running::serve(stage.dir.path(), &stage.env());
    stage.tell(&server);
    let seen = stage.seen(server);
    let mut kept = vec![
        Kept::new("private key", KEY),
        Kept::new("JWT", JWT),
        Kept::new("webhook secret", SECRET),
        Kept::new("personal token", PERSONAL),
    ];
    let minted = stage.world.minted();
    assert!(minted.len() > 2, "to read with, and to write with");
    kept.extend(
        minted
            .iter()
            .map(|token| Kept::new("installation token", token)),
    );
    none_of(&kept, &seen);
}

#[test]
fn a_personal_token_is_not_told() {
    let stage = Stage::new(&[("GITHUB_TOKEN", PERSONAL)]);
    stage.world.as_token_of("caretaker-user");
    let server = Running::serve(stage.dir.path(), &stage.env());
    stage.tell(&server);
    let seen = stage.seen(server);
    let kept = [
        Kept::new("personal token", PERSONAL),
        Kept::new("webhook secret", SECRET),
    ];
    none_of(&kept, &seen);
}
