//! Who may depend on whom, read from `cargo metadata`.
//!
//! The rules are pure functions over a small graph, so that each is seen failing below. Lints of the
//! source text are in `tidy.rs`; bans by crate name for the whole workspace are in `deny.toml`.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

/// What `caretaker-core` may use directly. A new line here needs a line in ADR-0001.
const CORE_MAY_USE: &[&str] = &[
    "async-trait",
    "futures-util",
    "granit-parser",
    "hmac",
    "serde",
    "serde_json",
    "sha2",
    "thiserror",
];

/// What must not be anywhere below core: runtimes, clients, TLS, entropy.
const NEVER_BELOW_CORE: &[&str] = &[
    "async-std",
    "aws-lc-rs",
    "axum",
    "chrono",
    "fastrand",
    "futures-executor",
    "getrandom",
    "http",
    "hyper",
    "libsqlite3-sys",
    "mio",
    "native-tls",
    "openssl",
    "rand",
    "rand_core",
    "reqwest",
    "ring",
    "rustls",
    "smol",
    "socket2",
    "sqlx",
    "time",
    "tokio",
    "tower",
    "tracing",
    "uuid",
];

const CORE: &str = "caretaker-core";
const WIRING: &str = "caretaker-wiring";
/// A program that brings an agent along is the server's command line with that agent.
const SERVER: &str = "caretaker-server";
const TESTKIT: &str = "caretaker-testkit";

/// One crate and what it needs to be built; edges that only its tests need are left out.
#[derive(Debug, Clone, Default)]
struct Crate {
    member: bool,
    adapter: bool,
    needs: BTreeSet<String>,
}

type Graph = BTreeMap<String, Crate>;

#[test]
fn core_uses_only_what_is_allowed() {
    hold(core_allow_list);
}

#[test]
fn what_core_may_use_is_what_the_decision_says() {
    let page = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../docs/adr/0001-workspace-and-dependency-rules.md"
    );
    let text = std::fs::read_to_string(page).expect("ADR-0001");
    let line = text
        .lines()
        .find(|line| line.contains("What it uses directly"))
        .unwrap_or_default();
    let list = line
        .split("What it uses directly")
        .nth(1)
        .unwrap_or_default();
    let named: BTreeSet<&str> = list.split('`').skip(1).step_by(2).collect();
    assert_eq!(
        named,
        CORE_MAY_USE.iter().copied().collect(),
        "ADR-0001 and CORE_MAY_USE name different crates: say in the first what you put into the second"
    );
}

#[test]
fn nothing_below_core_touches_the_world() {
    hold(core_closure);
}

#[test]
fn binaries_reach_adapters_through_wiring_only() {
    hold(shells);
}

#[test]
fn adapters_do_not_import_each_other() {
    hold(adapters);
}

#[test]
fn the_testkit_is_built_into_nothing_but_itself() {
    hold(testkit);
}

fn core_allow_list(graph: &Graph) -> Vec<String> {
    needs(graph, CORE)
        .iter()
        .filter(|name| !CORE_MAY_USE.contains(&name.as_str()))
        .map(|name| {
            format!(
                "{CORE} uses `{name}`: take what it gives as an argument or through a port; if core \
                 really needs it, add it to CORE_MAY_USE here and say why in ADR-0001"
            )
        })
        .collect()
}

fn core_closure(graph: &Graph) -> Vec<String> {
    let mut ways = BTreeMap::from([(CORE.to_owned(), CORE.to_owned())]);
    let mut open = vec![CORE.to_owned()];
    while let Some(name) = open.pop() {
        let way = ways.get(&name).cloned().unwrap_or_default();
        for next in needs(graph, &name) {
            if !ways.contains_key(&next) {
                ways.insert(next.clone(), format!("{way} → {next}"));
                open.push(next);
            }
        }
    }
    NEVER_BELOW_CORE
        .iter()
        .filter_map(|name| ways.get(*name))
        .map(|way| {
            format!(
                "core pulls in what only adapters and shells may have: {way}; switch the feature off \
                 that brings it (default-features = false), or do without the crate in front of it"
            )
        })
        .collect()
}

fn shells(graph: &Graph) -> Vec<String> {
    members(graph)
        .filter(|(name, krate)| !krate.adapter && ![CORE, TESTKIT].contains(name))
        .flat_map(|(name, krate)| {
            krate
                .needs
                .iter()
                .filter(|other| {
                    let known = [CORE, WIRING, SERVER].contains(&other.as_str());
                    is_member(graph, other) && !known
                })
                .map(move |other| {
                    format!(
                        "{name} depends on {other}: ask {WIRING} for the port instead, so that adding \
                         a backend stays one arm in one file"
                    )
                })
        })
        .collect()
}

fn adapters(graph: &Graph) -> Vec<String> {
    members(graph)
        .filter(|(name, krate)| krate.adapter && *name != WIRING)
        .flat_map(|(name, krate)| {
            krate
                .needs
                .iter()
                .filter(|other| is_member(graph, other) && *other != CORE)
                .map(move |other| {
                    format!(
                        "{name} depends on {other}: an adapter knows core and its own system only; \
                         move what they share into core's ports, or compose them in {WIRING}"
                    )
                })
        })
        .collect()
}

fn testkit(graph: &Graph) -> Vec<String> {
    let users = members(graph)
        .filter(|(_, krate)| krate.needs.contains(TESTKIT))
        .map(|(name, _)| {
            format!("{name} needs {TESTKIT} to be built: make it a [dev-dependencies] entry")
        });
    let own = needs(graph, TESTKIT)
        .into_iter()
        .filter(|other| is_member(graph, other) && ![CORE, "caretaker-memory"].contains(&&**other))
        .map(|other| {
            format!(
                "{TESTKIT} depends on {other}: suites are handed their adapter by the adapter's own \
                 tests/conformance.rs"
            )
        });
    users.chain(own).collect()
}

fn members(graph: &Graph) -> impl Iterator<Item = (&str, &Crate)> {
    graph
        .iter()
        .filter(|(_, krate)| krate.member)
        .map(|(name, krate)| (name.as_str(), krate))
}

fn is_member(graph: &Graph, name: &str) -> bool {
    graph.get(name).is_some_and(|krate| krate.member)
}

fn needs(graph: &Graph, name: &str) -> BTreeSet<String> {
    graph
        .get(name)
        .map(|krate| krate.needs.clone())
        .unwrap_or_default()
}

fn hold(rule: fn(&Graph) -> Vec<String>) {
    let graph = workspace();
    for name in [CORE, WIRING, SERVER, TESTKIT] {
        assert!(
            is_member(&graph, name),
            "{name} is gone: the rules in purity.rs name it"
        );
    }
    let problems = rule(&graph);
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

/// The graph of this workspace for the machine the test runs on; needs no network.
fn workspace() -> Graph {
    let target = run(Command::new("rustc").arg("-vV"));
    let target = target
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .expect("rustc -vV");
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let text = run(Command::new(cargo)
        .args([
            "metadata",
            "--format-version=1",
            "--offline",
            "--locked",
            "--all-features",
        ])
        .args(["--filter-platform", target])
        .current_dir(env!("CARGO_MANIFEST_DIR")));
    let metadata: Value = serde_json::from_str(&text).expect("cargo metadata prints JSON");

    let members: BTreeSet<&str> = array(&metadata, "workspace_members").map(text_of).collect();
    let mut names = BTreeMap::new();
    let mut graph = Graph::new();
    for package in array(&metadata, "packages") {
        let (id, name) = (text_of(&package["id"]), text_of(&package["name"]));
        names.insert(id, name);
        let krate = graph.entry(name.to_owned()).or_default();
        krate.member |= members.contains(id);
        krate.adapter |=
            krate.member && text_of(&package["manifest_path"]).contains("/caretaker-adapters/");
    }
    for node in array(&metadata["resolve"], "nodes") {
        let name = names[text_of(&node["id"])];
        for edge in array(node, "deps") {
            // Build dependencies count: a build script runs with the whole world at hand.
            if array(edge, "dep_kinds").any(|kind| kind["kind"] != "dev") {
                let other = names[text_of(&edge["pkg"])];
                // Two versions of one name are one node here: stricter, and enough for bans by name.
                graph
                    .entry(name.to_owned())
                    .or_default()
                    .needs
                    .insert(other.to_owned());
            }
        }
    }
    graph
}

fn run(command: &mut Command) -> String {
    let out = command
        .output()
        .expect("cargo and rustc are on the path of a running test");
    assert!(
        out.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&out.stderr)
    );
    String::from_utf8(out.stdout).expect("cargo prints UTF-8")
}

fn array<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value[key]
        .as_array()
        .unwrap_or_else(|| panic!("cargo metadata has no list `{key}`"))
        .iter()
}

fn text_of(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

mod broken_on_purpose {
    use super::*;

    fn world() -> Graph {
        let mut graph = Graph::new();
        for (name, adapter, needs) in [
            (CORE, false, &["serde"][..]),
            ("caretaker-memory", true, &[CORE]),
            ("caretaker-sqlite", true, &[CORE, "sqlx"]),
            (
                WIRING,
                true,
                &[CORE, "caretaker-memory", "caretaker-sqlite"],
            ),
            (TESTKIT, false, &[CORE, "caretaker-memory"]),
            ("caretaker-server", false, &[CORE, WIRING, "tokio"]),
        ] {
            let needs = needs.iter().map(|name| (*name).to_owned()).collect();
            graph.insert(
                name.to_owned(),
                Crate {
                    member: true,
                    adapter,
                    needs,
                },
            );
        }
        for name in ["serde", "serde_core", "sqlx", "tokio"] {
            graph.insert(name.to_owned(), Crate::default());
        }
        graph
    }

    fn with(name: &str, other: &str) -> Graph {
        let mut graph = world();
        graph
            .entry(name.to_owned())
            .or_default()
            .needs
            .insert(other.to_owned());
        graph
    }

    #[track_caller]
    fn fails(rule: fn(&Graph) -> Vec<String>, graph: &Graph, says: &str) {
        assert_eq!(
            rule(&world()),
            Vec::<String>::new(),
            "the healthy graph passes"
        );
        let problems = rule(graph);
        assert!(
            problems.len() == 1 && problems[0].contains(says),
            "{problems:?}"
        );
    }

    #[test]
    fn a_crate_outside_the_list_of_core_is_named() {
        fails(core_allow_list, &with(CORE, "regex"), "`regex`");
    }

    #[test]
    fn a_runtime_three_steps_below_core_is_found_with_its_way() {
        let mut graph = with("serde", "serde_core");
        graph
            .entry("serde_core".to_owned())
            .or_default()
            .needs
            .insert("tokio".to_owned());
        fails(
            core_closure,
            &graph,
            "caretaker-core → serde → serde_core → tokio",
        );
    }

    #[test]
    fn a_binary_that_takes_an_adapter_itself_is_refused() {
        fails(
            shells,
            &with("caretaker-server", "caretaker-sqlite"),
            WIRING,
        );
    }

    #[test]
    fn an_adapter_that_takes_another_is_refused() {
        fails(
            adapters,
            &with("caretaker-sqlite", "caretaker-memory"),
            "compose them",
        );
    }

    #[test]
    fn a_normal_dependency_on_the_testkit_is_refused() {
        fails(
            testkit,
            &with("caretaker-server", TESTKIT),
            "dev-dependencies",
        );
    }

    #[test]
    fn a_testkit_that_knows_an_adapter_is_refused() {
        fails(testkit, &with(TESTKIT, "caretaker-sqlite"), "conformance");
    }
}
