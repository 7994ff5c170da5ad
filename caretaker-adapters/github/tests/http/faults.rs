//! What the simulated GitHub can do to an answer on a real socket, and what the adapter makes of
//! it: whatever went wrong on its way is no answer, and nothing is written twice for it.

use std::sync::Arc;

use caretaker_core::{
    model::{ActionKey, Answer, ForgeAction, ForgeQuery, Label, Number, Secret, Span},
    ports::{Forge, Freshness, Kind, PortError, Settled},
};
use caretaker_github::{Credentials, GithubForge};
use caretaker_testkit::{
    clock::VirtualClock,
    conformance::forge::clock,
    world::{Fault, World},
};
use tokio::{net::TcpListener, task::JoinSet};

use super::server;

const ITEM: ForgeQuery = ForgeQuery::Item(Number::new(2));
const READING: &str = "GET /repos/{owner}/{repo}/issues/{number} ";
const LABELLING: &str = "POST /repos/{owner}/{repo}/issues/{number}/labels";

/// A simulated GitHub on a socket, and bob's token there.
struct Stage {
    world: World,
    clock: VirtualClock,
    forge: GithubForge,
    _server: JoinSet<()>,
}

impl Stage {
    async fn new() -> Self {
        let clock = clock();
        let world = World::new(Arc::new(clock.clone())).unheard();
        world.accept_token("ghp_bob", "bob");
        world.as_token_of("bob");
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let mut tasks = JoinSet::new();
        let github = world.clone();
        tasks.spawn(async move { github.serve(listener, None).await.unwrap() });
        let forge = server::forge(&url, Credentials::Token(Secret::new("ghp_bob")), &clock, 30);
        let stage = Self {
            world,
            clock,
            forge,
            _server: tasks,
        };
        stage.read().await.unwrap();
        stage
    }

    async fn read(&self) -> Result<Answer, PortError> {
        let repo = self.world.repo();
        let mut answers = self.forge.read(&repo, &[ITEM], Freshness::Fresh).await;
        answers.pop().unwrap()
    }

    async fn asked(&self, fault: Fault) -> Result<Answer, PortError> {
        self.world.clear_faults();
        // An unchanged answer has no body that could break.
        self.world.retitle(2, "carol", &format!("{fault:?}"));
        self.world.fault(fault);
        self.read().await
    }

    /// Puts a label on issue 2 while this goes wrong.
    async fn written(&self, name: &str, fault: Fault) -> (Result<bool, PortError>, Settled) {
        self.world.clear_faults();
        self.world.fault(fault);
        let action = ForgeAction::AddLabel {
            number: Number::new(2),
            label: Label::new(name),
        };
        let repo = self.world.repo();
        let key = ActionKey::new(name);
        let written = self.forge.write(&repo, &action, &key).await;
        let settled = self.forge.settle(&repo, &action, &key).await.unwrap();
        (written.map(|receipt| receipt.changed), settled)
    }
}

fn kind<T: std::fmt::Debug>(result: Result<T, PortError>) -> Kind {
    result.unwrap_err().kind
}

#[tokio::test]
async fn a_reading_whose_answer_breaks_is_no_answer() {
    let stage = Stage::new().await;
    let on = || Fault::on(READING).times(9);
    for (fault, wanted) in [
        (on().cut(), Kind::Unavailable),
        (on().reset(), Kind::Unavailable),
        (on().withhold(), Kind::Unavailable),
        (on().truncate(), Kind::Corrupt),
        (on().page(200), Kind::Corrupt),
        (on().page(502), Kind::Unavailable),
        (on().fail_before(500), Kind::Unavailable),
        (
            on().rate_limit(Some(Span::seconds(7))),
            Kind::RateLimited(Some(Span::seconds(7))),
        ),
    ] {
        let shown = format!("{fault:?}");
        assert_eq!(kind(stage.asked(fault).await), wanted, "{shown}");
    }
    stage.world.clear_faults();
    stage.clock.advance(Span::minutes(1));
    assert!(stage.read().await.is_ok(), "and then all is well");
}

#[tokio::test]
async fn one_reset_is_not_seen_by_who_asks() {
    let stage = Stage::new().await;
    let before = stage.world.log().on(READING).count();
    assert!(stage.asked(Fault::on(READING).reset()).await.is_ok());
    assert_eq!(stage.world.log().on(READING).count(), before + 2);
}

#[tokio::test]
async fn a_write_whose_answer_breaks_was_performed_once_and_is_found() {
    let stage = Stage::new().await;
    let on = || Fault::on(LABELLING);
    for (name, fault) in [
        ("reset", on().reset()),
        ("page", on().page(502)),
        ("withheld", on().withhold()),
        ("after", on().fail_after(500)),
    ] {
        let (written, settled) = stage.written(name, fault).await;
        assert_eq!(kind(written), Kind::Unavailable, "{name}");
        assert_eq!(settled, Settled::Performed, "{name}");
    }
    // The status arrived, and says enough.
    for (name, fault) in [("cut", on().cut()), ("truncated", on().truncate())] {
        let (written, settled) = stage.written(name, fault).await;
        assert!(written.unwrap(), "{name}");
        assert_eq!(settled, Settled::Performed, "{name}");
    }
    let (written, settled) = stage.written("before", on().fail_before(503)).await;
    assert_eq!(kind(written), Kind::Unavailable);
    assert_eq!(settled, Settled::NotPerformed);
    let log = stage.world.log();
    assert_eq!(log.on(LABELLING).count(), 7, "each was sent once");
    assert_eq!(log.effects().count(), 6);
}

#[tokio::test]
async fn a_limit_is_told_before_anything_is_done() {
    let stage = Stage::new().await;
    stage.world.requests_left(1);
    stage.world.retitle(2, "carol", "Widgets squeak again");
    let action = ForgeAction::AddLabel {
        number: Number::new(2),
        label: Label::new("late"),
    };
    let repo = stage.world.repo();
    let key = ActionKey::new("late");
    let written = stage.forge.write(&repo, &action, &key).await;
    assert!(matches!(kind(written), Kind::RateLimited(Some(_))));
    assert!(stage.world.labels(2).is_empty());
}
