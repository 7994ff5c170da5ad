//! The adapter over HTTP against the simulated GitHub: the suite that every face of the forge
//! passes, what only this face can show, and that both faces tell the same.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails there, in its helpers too"
)]

use std::sync::Arc;

use caretaker_core::{
    model::{
        ActKind, ActionKey, Annotation, AnnotationLevel, Answer, AppId, Author, Branch,
        CheckReport, CiAction, CiAnswer, CiQuery, Conclusion, ForgeAction, ForgeQuery, Label,
        Login, Marker, Number, Publish, RemoteId, Secret, Sha, Span,
    },
    ports::{Clock, Forge, Freshness, Settled},
};
use caretaker_github::{Credentials, GithubForge, GraphQl, Settings};
use caretaker_testkit::{
    clock::VirtualClock,
    conformance::forge::{self, Access, Rig, TOKEN_OF},
    world::{Fault, Protection, World},
};
use tokio::{net::TcpListener, task::JoinSet};

caretaker_testkit::forge_conformance!(rig);

/// The App's own port, over the same.
mod own {
    use super::{Access, Arc, GraphQl, World, forge, over_http};
    use caretaker_testkit::conformance::app::Rig;

    async fn rig(access: Access) -> Rig {
        let clock = forge::clock();
        let world = World::new(Arc::new(clock.clone()));
        access.tell(&world);
        let (forge, server) = over_http(&world, &clock, access, GraphQl::BesideRest).await;
        Rig::new(world, clock, Arc::new(forge), server)
    }

    caretaker_testkit::app_forge_conformance!(rig);
}

/// The same through REST alone.
mod rest_alone {
    use super::rest_rig;

    caretaker_testkit::forge_conformance!(rest_rig);
}

const KEY: &str = include_str!("keys/for-tests-only.pkcs1.pem");

async fn rig(access: Access) -> Rig {
    rig_with(access, GraphQl::BesideRest).await
}

async fn rest_rig(access: Access) -> Rig {
    rig_with(access, GraphQl::Off).await.through_rest_alone()
}

async fn rig_with(access: Access, graphql: GraphQl) -> Rig {
    let clock = forge::clock();
    let world = World::new(Arc::new(clock.clone()));
    access.tell(&world);
    let (forge, server) = over_http(&world, &clock, access, graphql).await;
    Rig::new(world, clock, Arc::new(forge), server)
}

/// Where the adapter finds a simulated GitHub: right there, or behind the validator of
/// `make test-contract`.
fn address(github: std::net::SocketAddr) -> String {
    match std::env::var("CARETAKER_CONTRACT") {
        Ok(validator) => format!("{validator}/{}", github.port()),
        Err(_) => format!("http://{github}"),
    }
}

async fn over_http(
    world: &World,
    clock: &VirtualClock,
    access: Access,
    graphql: GraphQl,
) -> (GithubForge, JoinSet<()>) {
    drop(rustls::crypto::ring::default_provider().install_default());
    world.app_key(KEY).unwrap();
    world.accept_token("ghp_bob", TOKEN_OF);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = address(listener.local_addr().unwrap());
    let mut server = JoinSet::new();
    let github = world.clone();
    server.spawn(async move { github.serve(listener, None).await.unwrap() });
    let settings = Settings {
        api_url: url.parse().unwrap(),
        graphql,
        credentials: match access {
            Access::App => Credentials::App {
                app_id: AppId::new(7),
                key: Secret::new(KEY),
            },
            Access::Token => Credentials::Token(Secret::new("ghp_bob")),
            Access::Nobody => Credentials::None,
        },
        user_token: (access == Access::App).then(|| Secret::new("ghp_bob")),
        deadline: Settings::DEADLINE,
        listing_pages: Settings::LISTING_PAGES,
        // Virtual time stands still while the suite writes.
        write_pace: std::time::Duration::ZERO,
    };
    let clock: Arc<dyn Clock> = Arc::new(clock.clone());
    (GithubForge::new(settings, clock).unwrap(), server)
}

/// Questions about a repository where something of everything has happened.
fn told(world: &World, clock: &VirtualClock) -> Vec<ForgeQuery> {
    let hour = || clock.advance(Span::hours(1));
    world.config("version: v1\n");
    world.commit_file("main", "docs/CODEOWNERS", "* @octo/owners\n", "bob");
    world.team("octo/owners", &["bob", "mallory"]);
    world.protect("main", Protection::checks(&["test"]));
    let rules = Protection {
        checks: vec![("lint".to_owned(), Some(15_368))],
        approvals: 2,
        code_owners: true,
        ..Protection::default()
    };
    world.ruleset("main", rules);
    hour();
    world.label(2, "alice", "bug");
    world.comment(2, "carol", "Any news?");
    world.assign(2, "alice", "bob");
    world.retitle(2, "carol", "Widgets squeak loudly");
    hour();
    world.review(1, "bob").approve();
    world.review(1, "carol").saying("no").request_changes();
    world.check(1, "test").fail();
    hour();
    world.check(1, "test").pass();
    world.check(1, "lint").queue();
    world
        .check(1, "scan")
        .by_app(99, "scanner")
        .conclude("neutral");
    world.status(1, "bob", "legacy/ci", "pending");
    world.request_review(1, "alice", "carol");
    world.milestone(2, "alice", "v1");
    hour();
    world.push(1);
    world.check(1, "test").start();
    let third = world.open_pull_from_fork("dave", "patch-1", "From afar");
    world.draft(third, "dave", true);
    world.close(2, "bob");
    world.reopen(2, "carol");
    let number = Number::new;
    vec![
        ForgeQuery::Item(number(1)),
        ForgeQuery::Item(number(2)),
        ForgeQuery::Item(number(third)),
        ForgeQuery::Pull(number(1)),
        ForgeQuery::Pull(number(third)),
        ForgeQuery::Snapshot(number(1)),
        ForgeQuery::Snapshot(number(third)),
        ForgeQuery::Activity(number(1)),
        ForgeQuery::Activity(number(2)),
        ForgeQuery::OpenItems {
            after: None,
            limit: 100,
        },
        ForgeQuery::PullsOfCommit(Sha::parse(&world.head(1)).unwrap()),
        ForgeQuery::PullsOfHead(Branch::new("feature")),
        ForgeQuery::Branch(Branch::new("main")),
        ForgeQuery::Branch(Branch::new("feature")),
        ForgeQuery::ConfigFile,
        ForgeQuery::Files(number(1)),
        ForgeQuery::Files(number(third)),
        ForgeQuery::Authors(number(1)),
        ForgeQuery::Authors(number(third)),
        ForgeQuery::CodeOwners(Branch::new("main")),
        ForgeQuery::Members {
            org: Login::new("octo"),
            team: "owners".to_owned(),
        },
        ForgeQuery::Permission(Login::new("bob")),
        ForgeQuery::Permission(Login::new("mallory")),
    ]
}

/// What we do to it, so that something of ours is there too.
fn ours(world: &World) -> Vec<ForgeAction> {
    vec![
        ForgeAction::UpsertComment {
            number: Number::new(2),
            marker: Marker::StaleWarning,
            body: format!("{}\nStill there?", Marker::StaleWarning.render()),
        },
        ForgeAction::AddLabel {
            number: Number::new(2),
            label: Label::new("stale"),
        },
        ForgeAction::Publish(Publish {
            sha: Sha::parse(&world.head(1)).unwrap(),
            name: "caretaker/pr-readiness".to_owned(),
            conclusion: Conclusion::InProgress,
            title: "waits".to_owned(),
            summary: "for checks".to_owned(),
        }),
    ]
}

#[tokio::test]
async fn both_faces_answer_every_question_alike() {
    faces_agree(rig(Access::App).await).await;
}

#[tokio::test]
async fn without_graphql_they_answer_alike_too() {
    faces_agree(rest_rig(Access::App).await).await;
}

async fn faces_agree(rig: Rig) {
    let (world, clock, forge) = (&rig.world, &rig.clock, &rig.forge);
    let questions = told(world, clock);
    let repo = world.repo();
    for action in ours(world) {
        forge
            .write(&repo, &action, &ActionKey::new("k"))
            .await
            .unwrap();
    }
    let http = forge.read(&repo, &questions, Freshness::Fresh).await;
    let port = world.read(&repo, &questions, Freshness::Fresh).await;
    for ((question, http), port) in questions.iter().zip(http).zip(port) {
        let (http, port) = (comparable(http.unwrap()), comparable(port.unwrap()));
        assert_eq!(http, port, "{question:?}");
    }
    world.comments_of_bot(2);
}

/// Without what the faces may know in different ways: REST does not tell when a head was pushed
/// nor by whom, promises no order among checks, and GraphQL has no number for statuses; and asking one
/// costs what the other counts.
fn comparable(mut answer: Answer) -> Answer {
    if let Answer::Ci(answer) = &mut answer
        && let CiAnswer::RateLimit(limits) = &mut **answer
    {
        for budget in limits.resources.values_mut() {
            (budget.used, budget.remaining) = (0, 0);
        }
    }
    if let Answer::Snapshot(snapshot) = &mut answer {
        snapshot.head_seen_at = None;
        let checks = &mut snapshot.checks.rows;
        for status in checks.iter_mut().filter(|check| check.app.is_none()) {
            status.id = RemoteId::new(0);
        }
        checks.sort_by_key(|check| (check.id, check.name.clone()));
    }
    if let Answer::Activity(listing) = &mut answer {
        for act in &mut listing.rows {
            if act.what == ActKind::Committed {
                act.by = Author::Us;
            }
        }
    }
    answer
}

#[tokio::test]
async fn both_faces_answer_every_example_alike() {
    let rig = rig(Access::App).await;
    let asked = ForgeQuery::examples(&rig.stage());
    let repo = rig.world.repo();
    let http = rig.forge.read(&repo, &asked, Freshness::Fresh).await;
    let port = rig.world.read(&repo, &asked, Freshness::Fresh).await;
    for ((question, http), port) in asked.iter().zip(http).zip(port) {
        let (http, port) = (comparable(http.unwrap()), comparable(port.unwrap()));
        assert_eq!(http, port, "{question:?}");
    }
}

#[tokio::test]
async fn what_did_not_change_costs_nothing_of_the_limit() {
    let rig = rest_rig(Access::App).await;
    let (world, forge) = (&rig.world, &rig.forge);
    let repo = world.repo();
    let asked = [
        ForgeQuery::Item(Number::new(1)),
        ForgeQuery::Snapshot(Number::new(1)),
    ];
    let first = forge.read(&repo, &asked, Freshness::Fresh).await;
    let seq = world.log().count();
    let second = forge.read(&repo, &asked, Freshness::Fresh).await;
    for (first, second) in first.into_iter().zip(second) {
        assert_eq!(first.unwrap(), second.unwrap());
    }
    let log = world.log().since(seq);
    assert!(!log.is_empty(), "it asks all the same");
    let paid = log.entries().iter().filter(|call| call.status != Some(304));
    assert_eq!(paid.count(), 0, "{log}");

    world.label(1, "alice", "bug");
    let third = forge.read(&repo, &asked[..1], Freshness::Fresh).await;
    let Ok(Answer::Item(item)) = &third[0] else {
        panic!("{third:?}");
    };
    assert!(item.has_label("bug"), "what changed is seen at once");
}

#[tokio::test]
async fn with_graphql_it_costs_its_one_round() {
    let rig = rig(Access::App).await;
    let (world, forge) = (&rig.world, &rig.forge);
    let asked = [ForgeQuery::Snapshot(Number::new(1))];
    forge.read(&world.repo(), &asked, Freshness::Fresh).await;
    let seq = world.log().count();
    forge.read(&world.repo(), &asked, Freshness::Fresh).await;
    let log = world.log().since(seq);
    let paid = log.entries().iter().filter(|call| call.status != Some(304));
    let paid: Vec<_> = paid.map(|call| call.op.as_str()).collect();
    assert_eq!(paid, ["POST /graphql"], "{log}");
}

#[tokio::test]
async fn a_repository_is_found_under_its_old_name() {
    let rig = rig(Access::App).await;
    let (world, forge) = (&rig.world, &rig.forge);
    let old = world.repo();
    world.rename("alice", "gadgets");
    let asked = [
        ForgeQuery::Item(Number::new(1)),
        ForgeQuery::Snapshot(Number::new(1)),
    ];
    let answers = forge.read(&old, &asked, Freshness::Fresh).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
}

#[tokio::test]
async fn an_hour_later_there_is_another_token() {
    let rig = rig(Access::App).await;
    let (world, clock, forge) = (&rig.world, &rig.clock, &rig.forge);
    let asked = [ForgeQuery::Item(Number::new(1))];
    for mints in [1, 2] {
        let answers = forge.read(&world.repo(), &asked, Freshness::Fresh).await;
        assert!(answers[0].is_ok(), "{answers:?}");
        assert_eq!(world.log().on("access_tokens").count(), mints);
        clock.advance(Span::hours(1));
    }
}

#[tokio::test]
async fn the_command_line_finds_a_repository_by_name() {
    for access in [Access::App, Access::Token] {
        let clock = forge::clock();
        let world = World::new(Arc::new(clock.clone()));
        access.tell(&world);
        let (forge, _server) = over_http(&world, &clock, access, GraphQl::BesideRest).await;
        let found = forge.lookup("octo", "widgets").await.unwrap();
        assert_eq!(found, world.repo());
        assert!(forge.reachable().await.is_ok());
    }
}

fn report(head: &str, lines: u64) -> ForgeAction {
    let annotation = |line| Annotation {
        path: "src/widget.rs".to_owned(),
        start_line: line,
        end_line: line,
        start_column: None,
        end_column: None,
        level: AnnotationLevel::Notice,
        title: None,
        message: format!("line {line}"),
        raw_details: None,
    };
    ForgeAction::Ci(CiAction::Report(CheckReport {
        sha: Sha::parse(head).unwrap(),
        name: "caretaker/review".to_owned(),
        conclusion: Conclusion::Success,
        title: "remarks".to_owned(),
        summary: "all of them".to_owned(),
        annotations: (1..=lines).map(annotation).collect(),
    }))
}

#[tokio::test]
async fn a_report_that_was_cut_short_is_finished_by_the_next() {
    let rig = rig(Access::App).await;
    let (world, forge) = (&rig.world, &rig.forge);
    let (repo, key) = (world.repo(), ActionKey::new("k"));
    let action = report(&world.head(1), 120);
    world.fault(Fault::on_write().nth(2).fail_before(500));
    forge.write(&repo, &action, &key).await.unwrap_err();
    let told = world.published(1, "caretaker/review").unwrap();
    assert_eq!(told.0, "in_progress", "what it comes to is said last");
    let settled = forge.settle(&repo, &action, &key).await.unwrap();
    assert_eq!(settled, Settled::NotPerformed);
    let seq = world.log().count();
    forge.write(&repo, &action, &key).await.unwrap();
    let writes = world.log().since(seq).effects();
    assert_eq!(writes.count(), 2, "50 were there, 70 are added: {writes}");
    assert_eq!(writes.on("POST").count(), 0, "to the same run: {writes}");
    let settled = forge.settle(&repo, &action, &key).await.unwrap();
    assert_eq!(settled, Settled::Performed);
}

/// The simulated host that keeps logs refuses whoever shows a token there; a world whose rules
/// were broken fails when it is dropped.
#[tokio::test]
async fn of_a_long_log_only_the_end_is_fetched_and_no_token_goes_there() {
    let rig = rig(Access::App).await;
    let (world, forge) = (&rig.world, &rig.forge);
    world.workflow("ci.yml", &[]);
    let run = world.run_workflow("ci.yml", 1);
    let filler = "nothing to see here\n".repeat(500_000);
    let job = world.job(run, "test", "failure", &format!("{filler}error: squeak\n"));
    let asked = [ForgeQuery::Ci(CiQuery::JobLog {
        job: RemoteId::new(job),
        bytes: 30,
    })];
    let answers = forge.read(&world.repo(), &asked, Freshness::Fresh).await;
    let Ok(Answer::Ci(answer)) = &answers[0] else {
        panic!("{answers:?}");
    };
    let CiAnswer::JobLog(log) = &**answer else {
        panic!("{answer:?}");
    };
    assert_eq!(log.tail, "error: squeak\n");
    assert_eq!(log.bytes, filler.len() as u64 + 14);
    assert!(!log.complete);
    let fetched: Vec<_> = world.log().on("/_logs").entries().to_vec();
    let statuses: Vec<_> = fetched.iter().map(|call| call.status).collect();
    assert_eq!(statuses, [Some(200), Some(206)]);
}
