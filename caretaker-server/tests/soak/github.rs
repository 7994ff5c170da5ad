//! The GitHub of one play, over HTTP.

use std::net::SocketAddr;
use std::sync::Arc;

use caretaker_testkit::world::{Protection, Seed, World};
use caretaker_wiring::clock::SystemClock;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use crate::plan::{HELLO_WORLD, Plan};

/// The key of our App.
pub(crate) const KEY: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../caretaker-adapters/github/tests/keys/for-tests-only.pkcs1.pem"
);

/// Nothing is held back for an hour's budget, and nothing has to lie a while before it is merged.
const CONFIG: &str = "\
version: v1
safety:
  mode: act
  writes_per_hour: 1000000
pr_agent:
  merge_authority:
    mode: gate_and_merge
  merge:
    settle_seconds: 0
";

/// It lives as long as this.
pub(crate) struct Github {
    pub(crate) world: World,
    pub(crate) address: SocketAddr,
    pub(crate) runtime: Runtime,
}

impl Github {
    pub(crate) fn start() -> Self {
        let world = World::empty(Arc::new(SystemClock::start())).unwatched();
        world
            .app_key(&std::fs::read_to_string(KEY).unwrap())
            .unwrap();
        let items = "[{title: Forgotten, by: carol, created: -90d, updated: -61d}]";
        let people = "{bob: write, alice: write, mallory: read}";
        let repos =
            Plan::repos().map(|name| format!("{{name: {name}, people: {people}, items: {items}}}"));
        let hello =
            format!("{{name: octo/Hello-World, id: {HELLO_WORLD}, default_branch: master}}");
        let all: Vec<_> = [hello].into_iter().chain(repos).collect();
        let seed = Seed::parse(&format!("repositories: [{}]", all.join(", "))).unwrap();
        world.grow(&seed).unwrap();
        for name in Plan::repos() {
            let repo = world.in_repo(&name);
            repo.config(CONFIG);
            let demand = Protection {
                approvals: 1,
                ..Protection::checks(&["ci"])
            };
            repo.protect("main", demand);
        }
        let runtime = Runtime::new().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let serving = world.clone();
        runtime.spawn(async move { serving.serve(listener, None).await });
        Self {
            world,
            address,
            runtime,
        }
    }
}
