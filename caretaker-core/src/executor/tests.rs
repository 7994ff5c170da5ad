//! Who is asked, in tables: spec 01 §14.2 and §14.3 with the deviations of decisions §7.

use super::*;
use crate::config::Config;
use crate::model::Label;

fn params(yaml: &str) -> Params {
    let parsed = Config::parse(yaml);
    assert_eq!(parsed.problems, [], "{yaml}");
    let config = parsed.config.unwrap();
    config.section("executor").decode().unwrap()
}

type Change = fn(&mut Request);

/// Known, small, harmless, of a kind that the tool loop takes on.
fn small() -> Request {
    Request {
        task: TaskType::LintFailure,
        same_repository: Some(true),
        size: Size {
            files: Some(3),
            lines: Some(120),
        },
        paths: Some(vec!["src/lib.rs".to_owned()]),
        error_characters: Some(500),
        ..Request::new(Feature::CiFix)
    }
}

fn labelled(labels: &[&str]) -> Request {
    let by_writer = |label: &&str| Labelled {
        label: Label::new(*label),
        by: Setter::Writer,
    };
    Request {
        labels: labels.iter().map(by_writer).collect(),
        ..small()
    }
}

/// The chain in words, or the refusal's code.
fn told(plan: &Plan) -> String {
    match &plan.outcome {
        Outcome::Refuse(refusal) => refusal.code().to_owned(),
        Outcome::Dispatch(chain) => {
            let links: Vec<_> = chain.links().map(Link::words).collect();
            links.join(", ")
        }
    }
}

fn chosen(request: &Request, yaml: &str) -> String {
    told(&select(request, &params(yaml)))
}

const NOTHING: &str = "{}";
const FOUNDRY: &str = "executor: {foundry: {enabled: true}}";
const ALL: &str = "executor: {provider: foundry, foundry: {enabled: true}, claude_code: {enabled: true}, agents: {mine: {enabled: true}, off: {}}}";

#[test]
fn a_label_by_a_writer_goes_before_the_configuration() {
    let table: &[(&[&str], &str, &str)] = &[
        // Quarantine wins over everything.
        (&["agent:quarantine"], NOTHING, "quarantine"),
        (
            &["Agent:Quarantine", "agent:copilot", "agent:mine"],
            ALL,
            "quarantine",
        ),
        // Several others contradict each other.
        (&["agent:copilot", "agent:custom"], ALL, "labels_contradict"),
        (
            &["agent:mine", "agent:foundry", "bug"],
            ALL,
            "labels_contradict",
        ),
        // Copilot, and nobody else.
        (&["agent:copilot"], ALL, "copilot"),
        (&["AGENT:Copilot"], ALL, "copilot"),
        (&["agent:copilot"], NOTHING, "copilot"),
        // A name that is there, then the chain.
        (&["agent:mine"], ALL, "mine, foundry, copilot"),
        (&["agent:MINE"], ALL, "mine, foundry, copilot"),
        (&["agent:claude-code"], ALL, "claude_code, foundry, copilot"),
        (
            &["agent:claude_code_action"],
            ALL,
            "claude_code, foundry, copilot",
        ),
        (&["agent:foundry"], FOUNDRY, "foundry, copilot"),
        // A name that is off, or means nobody.
        (&["agent:off"], ALL, "absent"),
        (&["agent:foundry"], NOTHING, "absent"),
        (&["agent:opencode"], ALL, "absent"),
        (&["agent:nobody"], ALL, "unknown_name"),
        (&["agent:"], ALL, "unknown_name"),
        (&["agent:auto"], ALL, "unknown_name"),
        // Anybody but Copilot.
        (&["agent:custom"], ALL, "foundry, copilot"),
        (&["agent:custom"], NOTHING, "copilot"),
        (&["agent:custom"], FOUNDRY, "foundry, copilot"),
        (
            &["agent:custom"],
            "executor: {claude_code: {enabled: true}, agents: {mine: {enabled: true}}}",
            "claude_code, mine, copilot",
        ),
        (
            &["agent:custom"],
            "executor: {features: {ci_fix: {provider: copilot, fallback: [mine]}}, agents: {mine: {enabled: true}}}",
            "mine, copilot",
        ),
        // What is no label about who works.
        (
            &["bug", "agents:copilot", "xagent:quarantine"],
            ALL,
            "foundry, copilot",
        ),
    ];
    for (labels, yaml, expected) in table {
        assert_eq!(
            chosen(&labelled(labels), yaml),
            *expected,
            "{labels:?} {yaml}"
        );
    }
}

#[test]
fn the_configuration_chooses_where_no_label_does() {
    let table = [
        (NOTHING, "copilot"),
        ("executor: {provider: Copilot}", "copilot"),
        (FOUNDRY, "copilot"),
        ("executor: {provider: foundry}", "copilot"),
        (ALL, "foundry, copilot"),
        (
            "executor: {provider: mine, agents: {mine: {enabled: true}}}",
            "mine, copilot",
        ),
        ("executor: {provider: mine, agents: {mine: {}}}", "copilot"),
        (
            "executor: {provider: mine, agents: {mine: {enabled: true, mode: inline}}}",
            "copilot",
        ),
        (
            "executor: {provider: my_own, agents: {my-own: {enabled: true}}}",
            "my-own, copilot",
        ),
        ("executor: {provider: auto}", "copilot"),
        (
            "executor: {provider: auto, foundry: {enabled: true}, claude_code: {enabled: true}, agents: {b: {enabled: true}, a: {enabled: true}, off: {}}}",
            "foundry, claude_code, a, b, copilot",
        ),
        (
            "executor: {provider: auto, k8s_worker: {enabled: true}, opencode_local: {enabled: true}}",
            "copilot",
        ),
        (
            "executor: {provider: opencode, opencode: {enabled: true}, foundry: {enabled: true}, features: {ci_fix: {provider: foundry}}}",
            "foundry, copilot",
        ),
        (
            "executor: {provider: opencode-action, opencode: {enabled: true}, features: {review_fix: {provider: foundry}}}",
            "opencode, copilot",
        ),
        (
            "executor: {k8s_worker: {enabled: true}, foundry: {enabled: true}, features: {ci_fix: {provider: k8s-job, agent: opencode_local, fallback: [foundry, copilot]}}}",
            "k8s_job with opencode_local, foundry, copilot",
        ),
        (
            "executor: {opencode: {enabled: true}, features: {ci_fix: {provider: copilot, fallback: [opencode]}}}",
            "copilot, opencode",
        ),
        (
            "executor: {opencode: {enabled: true}, features: {ci_fix: {fallback: [opencode, opencode, copilot]}}}",
            "copilot, opencode",
        ),
    ];
    for (yaml, expected) in table {
        assert_eq!(chosen(&small(), yaml), expected, "{yaml}");
    }
}

#[test]
fn only_a_writers_label_chooses_and_anybodys_quarantine_stops() {
    let by = |label: &str, by| Request {
        labels: vec![Labelled {
            label: Label::new(label),
            by,
        }],
        ..small()
    };
    for setter in [Setter::Other, Setter::Unknown] {
        let plan = select(&by("agent:mine", setter), &params(ALL));
        assert_eq!(told(&plan), "foundry, copilot", "{setter:?}");
        assert!(
            !plan.labels[0].counts && plan.labels[0].why().contains("who"),
            "{plan:?}"
        );
        assert_eq!(chosen(&by("agent:nobody", setter), ALL), "foundry, copilot");
        let stopped = select(&by("agent:quarantine", setter), &params(ALL));
        assert_eq!(told(&stopped), "quarantine");
        assert!(stopped.labels[0].counts, "{stopped:?}");
    }
    let mut two = by("agent:copilot", Setter::Other);
    two.labels.extend(labelled(&["agent:mine"]).labels);
    assert_eq!(
        chosen(&two, ALL),
        "mine, foundry, copilot",
        "one of them counts"
    );
    let mut told_twice = by("agent:mine", Setter::Unknown);
    told_twice.labels.extend(labelled(&["Agent:Mine"]).labels);
    assert_eq!(chosen(&told_twice, ALL), "mine, foundry, copilot");
}

#[test]
fn a_refusal_says_whom_a_label_could_name() {
    let plan = select(&labelled(&["agent:nobody"]), &params(ALL));
    let Outcome::Refuse(Refusal::UnknownName { name, known }) = plan.outcome else {
        panic!("{plan:?}")
    };
    assert_eq!(name, "nobody");
    for expected in ["copilot", "foundry", "claude_code", "k8s_job", "mine"] {
        assert!(known.iter().any(|name| name == expected), "{known:?}");
    }
    let plan = select(&labelled(&["agent:a", "Agent:b"]), &params(ALL));
    let Outcome::Refuse(Refusal::LabelsContradict { labels }) = plan.outcome else {
        panic!("{plan:?}")
    };
    assert_eq!(labels, ["agent:a", "Agent:b"].map(Label::new));
}

#[test]
fn the_tool_loop_takes_only_what_is_known_to_be_small_and_harmless() {
    let with = |change: Change| {
        let mut request = small();
        change(&mut request);
        let plan = select(&request, &params(ALL));
        match plan.trace.into_iter().next().unwrap().verdict {
            Verdict::PassedOver { against } => against,
            _ => Vec::new(),
        }
    };
    assert_eq!(with(|_| ()), []);
    let table: [(Change, Against); 12] = [
        (
            |r| r.task = TaskType::BuildFailure,
            Against::TaskNotTaken {
                task: TaskType::BuildFailure,
            },
        ),
        (|r| r.same_repository = Some(false), Against::Fork),
        (|r| r.same_repository = None, Against::OriginUnknown),
        (
            |r| r.size.files = Some(11),
            Against::TooManyFiles {
                files: 11,
                limit: 10,
            },
        ),
        (
            |r| r.size.lines = Some(401),
            Against::TooManyLines {
                lines: 401,
                limit: 400,
            },
        ),
        (|r| r.size.files = None, Against::SizeUnknown),
        (|r| r.size.lines = None, Against::SizeUnknown),
        (
            |r| r.error_characters = Some(16_001),
            Against::ErrorTooLong {
                characters: 16_001,
                limit: 16_000,
            },
        ),
        (|r| r.error_characters = None, Against::ErrorLengthUnknown),
        (
            |r| r.paths = Some(vec!["./.github/workflows/x.yml".into()]),
            Against::SecurityReview,
        ),
        (
            |r| r.paths = Some(vec!["src/auth.rs".into()]),
            Against::SecurityReview,
        ),
        (|r| r.paths = None, Against::PathsUnknown),
    ];
    for (change, expected) in table {
        assert_eq!(
            serde_json::to_value(&expected).unwrap()["why"],
            expected.code()
        );
        assert_eq!(with(change), [expected]);
    }
    for fits in [
        |r: &mut Request| r.size.files = Some(10),
        |r: &mut Request| r.size.lines = Some(400),
        |r: &mut Request| r.error_characters = Some(16_000),
        |r: &mut Request| r.paths = Some(vec!["src/author.rs".into()]),
    ] {
        assert_eq!(with(fits), []);
    }
    let several = with(|r| {
        r.same_repository = Some(false);
        r.size.files = Some(99);
    });
    assert_eq!(several.len(), 2, "everything is told, not only the first");
    let forks =
        "executor: {provider: foundry, foundry: {enabled: true, route_same_repo_only: false}}";
    let fork = Request {
        same_repository: Some(false),
        ..small()
    };
    assert_eq!(chosen(&fork, forks), "foundry, copilot");
}

#[test]
fn a_label_does_not_lift_a_limit() {
    let fork = Request {
        same_repository: Some(false),
        ..labelled(&["agent:foundry"])
    };
    assert_eq!(chosen(&fork, ALL), "copilot");
    let fork = Request {
        labels: labelled(&["agent:custom"]).labels,
        ..fork
    };
    assert_eq!(chosen(&fork, ALL), "claude_code, mine, copilot");
}

#[test]
fn what_pushes_or_runs_here_takes_nothing_from_elsewhere() {
    let yaml = "executor: {k8s_worker: {enabled: true}, opencode_local: {enabled: true}, features: {ci_fix: {provider: k8s-job, fallback: [opencode-local]}}}";
    assert_eq!(chosen(&small(), yaml), "k8s_job, opencode_local, copilot");
    for same_repository in [Some(false), None] {
        let request = Request {
            same_repository,
            ..small()
        };
        assert_eq!(chosen(&request, yaml), "copilot");
    }
    let workflow = Request {
        paths: Some(vec![".github/workflows/x.yml".into()]),
        ..small()
    };
    assert_eq!(chosen(&workflow, yaml), "k8s_job, copilot");
}

#[test]
fn the_trace_tells_everybody_who_was_considered_and_why() {
    let plan = select(
        &labelled(&["agent:claude-code"]),
        &params(
            "executor: {claude_code: {enabled: true}, features: {ci_fix: {provider: auto, fallback: [foundry]}}}",
        ),
    );
    let rows: Vec<_> = plan
        .trace
        .iter()
        .map(|step| (step.name.as_str(), step.source, &step.verdict))
        .collect();
    let names = vec!["claude_code".to_owned()];
    let key = "executor.foundry.enabled".to_owned();
    let against = vec![Against::SwitchedOff { key }];
    assert_eq!(
        rows,
        [
            ("claude_code", Source::Label, &Verdict::Taken),
            ("auto", Source::Feature, &Verdict::StandsFor { names }),
            (
                "foundry",
                Source::Fallback,
                &Verdict::PassedOver { against }
            ),
            ("copilot", Source::LastResort, &Verdict::Taken),
        ]
    );
    let copilot = select(&labelled(&["agent:copilot"]), &params(ALL));
    assert_eq!(copilot.trace[1].name, "foundry");
    assert_eq!(copilot.trace[1].verdict, Verdict::LeftOut);
}

#[test]
fn a_name_that_means_nobody_refuses_and_never_falls_to_copilot() {
    let mut params = params(ALL);
    params.provider = "foundri".to_owned();
    for labels in [&[][..], &["agent:copilot"]] {
        let plan = select(&labelled(labels), &params);
        let Outcome::Refuse(Refusal::UnknownProvider { names, known }) = plan.outcome else {
            panic!("{plan:?}")
        };
        assert_eq!(names, ["foundri"]);
        assert!(known.iter().any(|name| name == "mine"));
        assert!(
            plan.trace
                .iter()
                .all(|step| step.verdict == Verdict::Refused)
        );
    }
}

#[test]
fn every_active_key_of_the_section_is_read() {
    let text =
        "executor: {agents: {mine: {}}, features: {ci_fix: {provider: mine, agent: foundry}}}";
    let config = Config::parse(text).config.unwrap();
    let section = config.section("executor").value();
    assert!(config.section("executor").decode::<Params>().is_ok());
    for key in crate::config::active_keys("executor") {
        let path = key
            .replace("agents.*", "agents.mine")
            .replace('*', "ci_fix");
        let mut other = section.clone();
        let pointer = format!("/{}", path.replace('.', "/"));
        *other.pointer_mut(&pointer).expect(key) = serde_json::json!({ "not": "a value" });
        assert!(
            serde_json::from_value::<Params>(other).is_err(),
            "{key} is not decoded"
        );
    }
    let mut surplus = section;
    surplus["surplus"] = serde_json::json!(1);
    assert!(serde_json::from_value::<Params>(surplus).is_err());
}

#[test]
fn names_of_features_and_tasks_are_read_however_they_are_spelled() {
    for feature in Feature::ALL {
        assert_eq!(Feature::from_name(feature.name()), Some(feature));
        assert_eq!(serde_json::to_value(feature).unwrap(), feature.name());
    }
    assert_eq!(Feature::from_name("CI-Fix"), Some(Feature::CiFix));
    assert_eq!(Feature::from_name("pr_review"), Some(Feature::PrReviewer));
    assert_eq!(Feature::from_name("ci"), None);
    for task in TaskType::ALL {
        assert_eq!(TaskType::from_name(task.name()), Some(task));
        assert_eq!(serde_json::to_value(task).unwrap(), task.name());
    }
    assert_eq!(
        TaskType::from_name("lint-failure"),
        Some(TaskType::LintFailure)
    );
}
