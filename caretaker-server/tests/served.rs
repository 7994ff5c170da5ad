//! A server and a GitHub beside each other, with HTTP between them.
#![expect(clippy::unwrap_used, reason = "helpers of tests are tests")]

#[path = "served/commands.rs"]
mod commands;
#[path = "served/installed.rs"]
mod installed;
#[path = "served/kept.rs"]
mod kept;
#[path = "served/metrics.rs"]
mod metrics;
#[path = "served/missed.rs"]
mod missed;
#[path = "served/paused.rs"]
mod paused;
#[path = "served/restored.rs"]
mod restored;
#[expect(dead_code, reason = "the hostile tests use the rest")]
mod running;
#[path = "served/secrets.rs"]
mod secrets;
#[path = "served/standby.rs"]
mod standby;
#[path = "served/stopping.rs"]
mod stopping;
#[path = "served/traces.rs"]
mod traces;

use std::sync::Arc;

use caretaker_core::model::DedupKey;
use caretaker_testkit::story::ACT;
use caretaker_testkit::world::World;
use caretaker_wiring::clock::SystemClock;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use running::{Running, key};

const TOKEN: &str = "a token of tests";
const LOGIN: &str = "caretaker-user";

/// A server over a GitHub with one repository in which every agent may act.
struct Served {
    server: Running,
    world: World,
    /// Where that GitHub is.
    url: String,
    dir: TempDir,
    _runtime: Runtime,
}

impl Served {
    fn start() -> Self {
        let runtime = Runtime::new().expect("threads can be started");
        let world = World::new(Arc::new(SystemClock::start())).unwatched();
        world.config(ACT);
        world.accept_token(TOKEN, LOGIN);
        world.as_token_of(LOGIN);
        world.trust(LOGIN);
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"));
        let listener = listener.expect("there is a free port");
        let address = listener.local_addr().expect("it listens");
        let serving = world.clone();
        runtime.spawn(async move { serving.serve(listener, None).await });
        let dir = tempfile::tempdir().expect("there is room");
        let url = format!("http://{address}");
        Self {
            server: serve(&dir, &url),
            world,
            url,
            dir,
            _runtime: runtime,
        }
    }

    /// A second server on the same store.
    fn second(&self) -> Running {
        serve(&self.dir, &self.url)
    }

    /// Another server where one has ended.
    fn start_again(&mut self) {
        self.server = serve(&self.dir, &self.url);
    }

    /// Hands over what GitHub has sent; the keys under which it is kept.
    fn deliver(&self) -> Vec<DedupKey> {
        self.deliver_to(&self.server)
    }

    /// The same to another server of the store.
    fn deliver_to(&self, server: &Running) -> Vec<DedupKey> {
        let hooks = self.world.take_deliveries().into_iter();
        hooks
            .map(|hook| {
                let answer = server.deliver(&hook.event, &hook.guid, hook.body.as_bytes());
                assert_eq!(answer.status, 202, "{}", answer.text);
                key(&hook.event, &hook.guid)
            })
            .collect()
    }
}

fn serve(dir: &TempDir, url: &str) -> Running {
    let env = [
        ("CARETAKER_GITHUB_API_URL", url),
        ("GITHUB_TOKEN", TOKEN),
        ("CARETAKER_MODE_CEILING", "act"),
    ];
    Running::serve(dir.path(), &env)
}
