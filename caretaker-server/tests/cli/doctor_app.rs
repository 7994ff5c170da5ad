//! `caretaker doctor` over a real installation: each finding planted once in a GitHub in which
//! nothing else is wrong.

use std::sync::Arc;

use caretaker_core::agents::AGENTS;
use caretaker_core::route::needs::{Needs, needs};
use caretaker_testkit::world::{Seed, World};
use caretaker_wiring::clock::SystemClock;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::Desk;

const KEY: &str =
    include_str!("../../../caretaker-adapters/github/tests/keys/for-tests-only.pkcs1.pem");
const URL: &str = "https://caretaker.example/webhooks/github";

/// A GitHub on which our App is set up as it should be.
struct Hub {
    world: World,
    url: String,
    _server: JoinSet<()>,
}

impl Hub {
    async fn of(world: World) -> Self {
        world.app_key(KEY).unwrap();
        let wanted = wanted();
        let events: Vec<_> = wanted.events.keys().copied().collect();
        world.subscribe(&events);
        for need in wanted.permissions.keys() {
            let (name, level) = need.split_once(": ").unwrap();
            world.permit(name, level);
        }
        drop(world.take_deliveries());
        world.label(1, "alice", "bug");
        world.turn_away(202);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let mut server = JoinSet::new();
        let serving = world.clone();
        server.spawn(async move { serving.serve(listener, None).await.unwrap() });
        Self {
            world,
            url,
            _server: server,
        }
    }

    async fn start() -> Self {
        Self::of(World::new(Arc::new(SystemClock::start())).unwatched()).await
    }

    /// One with an open pull request that is three hours old, under this configuration and this
    /// protection of `main`.
    async fn with_pull(config: &str, checks: &str) -> Self {
        let world = World::empty(Arc::new(SystemClock::start())).unwatched();
        let seed = format!(
            "repositories:\n\
             - name: octo/widgets\n  \
               people: {{alice: write}}\n  \
               files: {{\".github/maintainer/config.yml\": \"{config}\"}}\n  \
               protection: {{main: {{checks: {checks}}}}}\n  \
               items:\n  \
               - {{title: Gears, by: alice, branch: gears, created: -3h}}\n"
        );
        world.grow(&Seed::parse(&seed).unwrap()).unwrap();
        Self::of(world).await
    }

    fn desk(&self) -> Desk {
        use std::os::unix::fs::PermissionsExt as _;
        let desk = Desk::new();
        desk.file("key.pem", KEY);
        let key = desk.path().join("key.pem");
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
        desk.env("CARETAKER_GITHUB_API_URL", self.url.as_str())
            .env("CARETAKER_GITHUB_APP_ID", "7")
            .env("CARETAKER_GITHUB_APP_PRIVATE_KEY_PATH", "key.pem")
            .env("CARETAKER_WEBHOOK_ALLOW_LIST", "octo")
    }
}

fn wanted() -> Needs {
    needs(AGENTS.iter().copied())
}

/// The findings of a level, as `check: what was found → fix`.
fn told(json: &Value, level: &str) -> Vec<String> {
    let findings = json["findings"].as_array().unwrap().iter();
    let wanted = findings.filter(|finding| finding["level"] == level);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    wanted
        .map(|finding| {
            let (check, found) = (text(&finding["check"]), text(&finding["found"]));
            format!("{check}: {found} → {}", text(&finding["fix"]))
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_is_set_up_as_it_should_be_has_nothing_wrong() {
    let hub = Hub::start().await;
    let json = hub.desk().call(&["doctor", "--json"]).json(0);
    assert_eq!(told(&json, "wrong"), Vec::<String>::new());
    let good = told(&json, "good").join("\n");
    for check in [
        "credentials: App 7, caretaker[bot]",
        "private key: in key.pem",
        "permissions: all",
        "events: all",
        "installation: octo: selected",
        "limits: octo: ",
        "limits: the App itself: ",
        "webhook: https://caretaker.example/webhooks/github, signed",
        "deliveries: the last, ",
        "clock: agrees",
    ] {
        assert!(good.contains(check), "{check}: {good}");
    }
    assert!(!json.to_string().contains("PRIVATE"), "{json}");
    assert_eq!(hub.world.take_violations(), Vec::<String>::new());
    assert!(hub.world.log().writes().is_empty(), "it changes nothing");
}

/// What goes wrong, and what the finding and its fix say.
type Plant = (fn(&World), &'static str, &'static str);

const PLANTS: &[Plant] = &[
    (
        |world| world.permit("members", ""),
        "permissions: the App does not ask for `members: read`; needed by pr",
        "set `members: read`",
    ),
    (
        |world| world.decline("contents"),
        "installation: octo: `contents: write` is not granted; needed by ",
        "accepts the new permissions",
    ),
    (
        |world| {
            let wanted = wanted();
            let events = wanted.events.keys().copied();
            let others: Vec<_> = events.filter(|event| *event != "issue_comment").collect();
            world.subscribe(&others);
        },
        "events: the App is not subscribed to `issue_comment`; heard by commands",
        "subscribe to `issue_comment`",
    ),
    (
        |world| world.suspend("alice", true),
        "installation: octo: suspended since ",
        "its owner ends that",
    ),
    (
        |world| world.requests_left(17),
        "limits: octo: ",
        "put off until then",
    ),
    (
        |world| world.webhook(None, false),
        "webhook: the App has no webhook address",
        "set the Webhook URL to https://YOUR-HOST/webhooks/github",
    ),
    (
        |world| world.webhook(Some("http://caretaker.example/webhooks/github"), true),
        "is not encrypted",
        "https://",
    ),
    (
        |world| world.webhook(Some("https://caretaker.example/hook"), true),
        "does not end in /webhooks/github",
        "end in /webhooks/github",
    ),
    (
        |world| world.webhook(Some(URL), false),
        "webhook: deliveries are not signed",
        "caretaker webhook-secret",
    ),
    (
        World::webhook_badly_set,
        "webhook: bodies are sent as forms",
        "application/json",
    ),
    (
        World::webhook_badly_set,
        "webhook: the server's certificate is not checked",
        "SSL verification",
    ),
    (
        |world| {
            world.label(1, "alice", "late");
            world.turn_away(502);
        },
        "deliveries: the last, ",
        "GitHub does not reach the server",
    ),
    (
        |world| {
            world.label(1, "alice", "late");
            world.turn_away(401);
        },
        "was not taken (401)",
        "the secret at GitHub is not the server's",
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn each_planted_fault_is_found_with_its_fix() {
    for (plant, found, fix) in PLANTS {
        let hub = Hub::start().await;
        plant(&hub.world);
        let json = hub.desk().call(&["doctor", "--json"]).json(1);
        let wrong = told(&json, "wrong");
        let line = wrong.iter().find(|line| line.contains(found));
        let line = line.unwrap_or_else(|| panic!("{found}: {wrong:#?}"));
        assert!(line.split_once('→').unwrap().1.contains(fix), "{line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_another_app_and_one_that_others_can_read_are_found() {
    use std::os::unix::fs::PermissionsExt as _;
    let hub = Hub::start().await;
    let other = hub.desk().env("CARETAKER_GITHUB_APP_ID", "8");
    let wrong = told(&other.call(&["doctor", "--json"]).json(1), "wrong");
    assert!(
        wrong[0].starts_with("credentials: ") && wrong[0].contains("401"),
        "{wrong:?}"
    );
    assert_eq!(wrong.len(), 1, "the rest could not be asked: {wrong:?}");

    let desk = hub.desk();
    let key = desk.path().join("key.pem");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    let wrong = told(&desk.call(&["doctor", "--json"]).json(1), "wrong");
    assert_eq!(
        wrong,
        ["private key: key.pem can be read by others → chmod 600 key.pem"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_allowed_and_not_installed_is_found_and_the_other_way_round() {
    let hub = Hub::start().await;
    hub.world.install_elsewhere("umbrella");
    let list = "octo/widgets,octo/gone,nobody,installation:4711";
    let desk = hub.desk().env("CARETAKER_WEBHOOK_ALLOW_LIST", list);
    let json = desk.call(&["doctor", "--json"]).json(1);
    let wrong = told(&json, "wrong").join("\n");
    for entry in ["octo/gone", "nobody", "installation:4711"] {
        let line = format!("allow-list: `{entry}` is allowed, and the App is not installed there");
        assert!(wrong.contains(&line), "{wrong}");
    }
    assert!(!wrong.contains("`octo/widgets`"), "{wrong}");
    let notes = told(&json, "note").join("\n");
    assert!(
        notes.contains("umbrella has installed the App and is not allowed"),
        "{notes}"
    );
}

/// A desk after one look at the pull request, which makes repository and configuration known.
fn after_a_look(hub: &Hub) -> Desk {
    let desk = hub.desk().env("CARETAKER_MODE_CEILING", "act");
    let look = [
        "run",
        "--repo",
        "octo/widgets",
        "--subject",
        "pull/1",
        "--agent",
        "pr",
    ];
    let looked = desk.call(&look);
    assert_eq!(looked.code, 0, "{looked:?}");
    desk
}

#[tokio::test(flavor = "multi_thread")]
async fn a_required_check_that_nobody_reports_is_found() {
    let required = "[ghost, caretaker/pr-readiness]";
    let hub = Hub::with_pull("version: v1\\nsafety: {mode: act}", required).await;
    let desk = after_a_look(&hub);
    let wrong = told(&desk.call(&["doctor", "--json"]).json(1), "wrong");
    let found =
        "required checks: octo/widgets: `main` requires `ghost`, and nobody reports it on #1";
    assert!(wrong.len() == 1 && wrong[0].starts_with(found), "{wrong:?}");

    hub.world.check(1, "ghost").pass();
    let json = desk.call(&["doctor", "--json"]).json(0);
    let good = told(&json, "good").join("\n");
    assert!(
        good.contains("octo/widgets: 2 on `main`, all reported"),
        "{good}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn our_own_check_is_required_where_we_publish_it_and_only_there() {
    let silent = Hub::with_pull(
        "version: v1\\nsafety: {mode: observe}",
        "[caretaker/pr-readiness]",
    )
    .await;
    let desk = after_a_look(&silent);
    let wrong = told(&desk.call(&["doctor", "--json"]).json(1), "wrong");
    let found = "`main` requires `caretaker/pr-readiness`, and `pr` may not publish it";
    assert!(wrong.len() == 1 && wrong[0].contains(found), "{wrong:?}");

    let free = Hub::with_pull("version: v1\\nsafety: {mode: act}", "[]").await;
    let desk = after_a_look(&free);
    let notes = told(&desk.call(&["doctor", "--json"]).json(0), "note").join("\n");
    assert!(
        notes.contains("does not require `caretaker/pr-readiness`"),
        "{notes}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn where_copilot_is_asked_a_persons_token_is_missed() {
    use std::os::unix::fs::PermissionsExt as _;
    let hub = Hub::with_pull("version: v1\\nsafety: {mode: act}", "[]").await;
    let desk = after_a_look(&hub);
    let notes = told(&desk.call(&["doctor", "--json"]).json(0), "note").join("\n");
    let missed = "user token: none; octo/widgets would give issues to Copilot";
    assert!(notes.contains(missed), "{notes}");
    assert!(notes.contains("set github.user_token"), "{notes}");

    let desk = desk.env("CARETAKER_GITHUB_USER_TOKEN_PATH", "person.txt");
    desk.file("person.txt", "ghp_of_bob\n");
    let token = desk.path().join("person.txt");
    let chmod = |mode| std::fs::set_permissions(&token, std::fs::Permissions::from_mode(mode));
    chmod(0o644).unwrap();
    let wrong = told(&desk.call(&["doctor", "--json"]).json(1), "wrong");
    assert_eq!(
        wrong,
        ["user token: person.txt can be read by others → chmod 600 person.txt"]
    );
    chmod(0o600).unwrap();
    let json = desk.call(&["doctor", "--json"]).json(0);
    assert!(!json.to_string().contains("ghp_of_bob"), "{json}");
    let good = told(&json, "good").join("\n");
    assert!(good.contains("user token: in person.txt"), "{good}");
}
