//! A GitHub over HTTP on which the repository of most examples exists.

use std::sync::Arc;

use caretaker_testkit::world::{Seed, World};
use caretaker_wiring::clock::SystemClock;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

/// The token that it takes.
pub(crate) const TOKEN: &str = "a token of tests";

const LOGIN: &str = "caretaker-user";

const SEED: &str = r"
account: Codertocat
repositories:
  - name: Codertocat/Hello-World
    id: 186853002
    default_branch: master
    people: {caretaker-user: write}
    files:
      .github/maintainer/config.yml: |
        version: v1
        safety:
          mode: act
    items:
      - {title: Spelling error in the README file, by: Codertocat, created: -100d}
      - {title: Update the README with new information, by: Codertocat, branch: changes, created: -100d}
";

/// It lives as long as this.
pub(crate) struct Github {
    pub(crate) url: String,
    world: World,
    _runtime: Runtime,
}

impl Github {
    pub(crate) fn start() -> Self {
        let world = World::empty(Arc::new(SystemClock::start())).unwatched();
        let seed = Seed::parse(SEED).expect("the seed is one");
        world.grow(&seed).expect("the seed grows");
        world.accept_token(TOKEN, LOGIN);
        world.as_token_of(LOGIN);
        let runtime = Runtime::new().expect("threads can be started");
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"));
        let listener = listener.expect("there is a free port");
        let address = listener.local_addr().expect("it listens");
        let serving = world.clone();
        runtime.spawn(async move { serving.serve(listener, None).await });
        Self {
            url: format!("http://{address}"),
            world,
            _runtime: runtime,
        }
    }

    /// Nothing was asked that a well-made client would not ask.
    pub(crate) fn was_asked_well(&self) {
        let violations = self.world.take_violations();
        assert!(violations.is_empty(), "{violations:#?}");
    }
}
