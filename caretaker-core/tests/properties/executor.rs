//! Who is asked for code, whatever the labels, the configuration and the task are.

use std::collections::BTreeMap;

use caretaker_core::config::Config;
use caretaker_core::executor::{
    Chain, Feature, Labelled, Outcome, Params, Plan, Provider, Refusal, Request, Setter, Size,
    TaskType, Verdict, findings, select,
};
use caretaker_core::model::{Label, label};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select as one_of, subsequence};
use serde_json::{Value, json};

const NAMES: [&str; 12] = [
    "copilot",
    "Copilot",
    "foundry",
    "opencode-local",
    "claude-code-action",
    "claude_code",
    "opencode",
    "k8s-job",
    "auto",
    "mine",
    "my-own",
    "my_own",
];

fn named() -> impl Strategy<Value = &'static str> {
    one_of(NAMES.to_vec())
}

/// Sections whose names all mean somebody.
fn params() -> impl Strategy<Value = Params> {
    let switches = proptest::collection::vec(any::<bool>(), 7);
    let chosen = (
        option::of(named()),
        option::of(one_of(vec!["foundry", "opencode-local"])),
        proptest::collection::vec(named(), 0..5),
    );
    let general = named();
    let mode = one_of(vec!["handoff", "inline", "k8s_job"]);
    (general, switches, option::of(chosen), mode).prop_map(|(general, on, chosen, mode)| {
        let section = Config::default().section("executor");
        let mut section: Value = section.value();
        section["provider"] = json!(general);
        for (name, on) in [
            "foundry",
            "opencode_local",
            "claude_code",
            "opencode",
            "k8s_worker",
        ]
        .iter()
        .zip(&on)
        {
            section[*name]["enabled"] = json!(on);
        }
        section["agents"] = json!({
            "mine": { "enabled": on[5], "mode": mode },
            "my-own": { "enabled": on[6], "mode": "handoff" },
        });
        if let Some((provider, agent, fallback)) = chosen {
            section["features"] = json!({
                "ci_fix": { "provider": provider, "agent": agent, "fallback": fallback },
            });
        }
        let params = serde_json::from_value(section).expect("it is what the table says");
        assert_eq!(findings(&params), []);
        params
    })
}

fn text() -> impl Strategy<Value = String> {
    let ours = one_of(
        NAMES
            .iter()
            .chain(&["custom", "quarantine", "Quarantine", "nobody", ""])
            .map(|name| format!("{}{name}", label::AGENT_PREFIX))
            .collect::<Vec<_>>(),
    );
    prop_oneof![3 => ours, 1 => plain()]
}

/// Labels that are not about who works.
fn plain() -> impl Strategy<Value = String> {
    "[a-zA-Z:é -]{0,12}".prop_filter("is about who works", |text| {
        !text.to_lowercase().starts_with(label::AGENT_PREFIX)
    })
}

fn labels(text: impl Strategy<Value = String>) -> impl Strategy<Value = Vec<Labelled>> {
    let by = one_of(vec![Setter::Unknown, Setter::Other, Setter::Writer]);
    let one = (text, by).prop_map(|(text, by)| Labelled {
        label: Label::new(text),
        by,
    });
    proptest::collection::vec(one, 0..4)
}

fn request() -> impl Strategy<Value = Request> {
    let number = || option::of(one_of(vec![0, 1, 10, 11, 400, 401, 16_000, 16_001]));
    let paths = subsequence(
        vec![
            "src/a.rs",
            ".github/workflows/x.yml",
            "../x",
            "db/migrations/1.sql",
        ],
        0..4,
    );
    let paths = option::of(paths.prop_map(|paths| paths.into_iter().map(str::to_owned).collect()));
    (
        one_of(TaskType::ALL.to_vec()),
        option::of(any::<bool>()),
        (number(), number(), number()),
        paths,
        labels(text()),
    )
        .prop_map(
            |(task, same_repository, (files, lines, characters), paths, labels)| Request {
                task,
                labels,
                same_repository,
                size: Size { files, lines },
                paths,
                error_characters: characters,
                ..Request::new(Feature::CiFix)
            },
        )
}

fn chain(plan: &Plan) -> Vec<String> {
    let links = plan.chain().into_iter().flat_map(Chain::links);
    links.map(|link| link.provider.name().to_owned()).collect()
}

/// How often each name that the configuration has for the feature must be in the trace.
fn configured(params: &Params) -> Vec<String> {
    let plan = select(&Request::new(Feature::CiFix), params);
    plan.trace.into_iter().map(|step| step.name).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_plan_is_a_chain_without_repetition_that_is_never_empty_or_a_refusal_without_one(
        request in request(), params in params(),
    ) {
        let plan = select(&request, &params);
        let links = chain(&plan);
        match &plan.outcome {
            Outcome::Dispatch(_) => {
                prop_assert!(!links.is_empty());
                let last_resort = links.contains(&Provider::Copilot.name().to_owned());
                prop_assert!(last_resort, "{:?}", links);
                let mut once = links.clone();
                once.sort();
                once.dedup();
                prop_assert_eq!(once.len(), links.len());
            }
            Outcome::Refuse(_) => {
                prop_assert_eq!(&links, &Vec::<String>::new());
                let json = serde_json::to_value(&plan).unwrap();
                prop_assert!(json.get("chain").is_none() && json.get("refused").is_some());
                prop_assert!(plan.trace.iter().all(|step| step.verdict == Verdict::Refused));
            }
        }
    }

    #[test]
    fn the_chain_is_what_the_trace_says_was_taken(request in request(), params in params()) {
        let plan = select(&request, &params);
        let taken = plan.trace.iter().filter(|step| step.verdict == Verdict::Taken);
        let taken: Vec<_> = taken.map(|step| step.name.clone()).collect();
        prop_assert_eq!(chain(&plan), taken);
        for step in &plan.trace {
            if let Verdict::PassedOver { against } = &step.verdict {
                prop_assert!(!against.is_empty());
            }
        }
    }

    #[test]
    fn the_trace_has_every_configured_link_once(request in request(), params in params()) {
        let plan = select(&request, &params);
        let mut times: BTreeMap<&str, usize> = BTreeMap::new();
        for step in &plan.trace {
            *times.entry(&step.name).or_default() += 1;
        }
        for name in configured(&params) {
            prop_assert_eq!(times.get(name.as_str()), Some(&1), "{}", name);
        }
        prop_assert!(times.values().all(|n| *n == 1), "{:?}", times);
    }

    #[test]
    fn quarantine_always_refuses(
        request in request(),
        params in params(),
        by in one_of(vec![Setter::Unknown, Setter::Other, Setter::Writer]),
        shout in any::<bool>(),
        first in any::<bool>(),
    ) {
        let mut request = request;
        let text = if shout { label::QUARANTINE.to_uppercase() } else { label::QUARANTINE.to_owned() };
        let at = if first { 0 } else { request.labels.len() };
        request.labels.insert(at, Labelled { label: Label::new(text), by });
        prop_assert_eq!(select(&request, &params).outcome, Outcome::Refuse(Refusal::Quarantine));
    }

    #[test]
    fn other_labels_change_nothing(
        request in request(), params in params(), others in labels(plain()),
    ) {
        let bare = Request { labels: Vec::new(), ..request };
        let dressed = Request { labels: others, ..bare.clone() };
        let plan = select(&bare, &params);
        prop_assert!(plan.chain().is_some(), "the configured chain, or Copilot");
        prop_assert_eq!(plan, select(&dressed, &params));
    }

    #[test]
    fn labels_that_nobody_with_write_access_set_choose_nobody(
        request in request(), params in params(), by in one_of(vec![Setter::Unknown, Setter::Other]),
    ) {
        let mut weak = request;
        weak.labels.retain(|row| !row.label.same(&Label::new(label::QUARANTINE)));
        for row in &mut weak.labels {
            row.by = by;
        }
        let bare = Request { labels: Vec::new(), ..weak.clone() };
        let (weak, bare) = (select(&weak, &params), select(&bare, &params));
        prop_assert_eq!(weak.outcome, bare.outcome);
        prop_assert_eq!(weak.trace, bare.trace);
        prop_assert!(weak.labels.iter().all(|heard| !heard.counts));
    }

    #[test]
    fn knowing_less_never_permits_more(request in request(), params in params()) {
        let blind = Request {
            same_repository: None,
            size: Size::default(),
            paths: None,
            error_characters: None,
            ..request.clone()
        };
        let (plan, blind) = (select(&request, &params), select(&blind, &params));
        // A label may ask for anybody but Copilot, and then who is preferred depends on who can.
        let taken = chain(&blind);
        let steps: Vec<_> = plan.trace.iter().filter(|step| taken.contains(&step.name)).collect();
        for step in steps {
            let passed = matches!(step.verdict, Verdict::PassedOver { .. });
            let harmless = ["copilot", "claude_code", "opencode", "mine", "my-own"];
            prop_assert!(!passed && harmless.contains(&step.name.as_str()), "{:?}", step);
        }
    }

    #[test]
    fn choosing_twice_gives_the_same_bytes(request in request(), params in params()) {
        let json = || serde_json::to_string(&select(&request, &params)).unwrap();
        prop_assert_eq!(json(), json());
    }

    #[test]
    fn any_label_text_has_a_plan(text in any::<String>(), params in params()) {
        let request = Request {
            labels: vec![Labelled {
                label: Label::new(format!("{}{text}", label::AGENT_PREFIX)),
                by: Setter::Writer,
            }],
            ..Request::new(Feature::CiFix)
        };
        let plan = select(&request, &params);
        prop_assert!(plan.chain().is_some() || matches!(plan.outcome, Outcome::Refuse(_)));
    }

    #[test]
    fn any_path_is_judged(paths in proptest::collection::vec("[./\\\\*a-z_-]{0,30}", 0..5)) {
        let request = Request { paths: Some(paths), ..Request::new(Feature::CiFix) };
        let params = Config::default().section("executor").decode().unwrap();
        prop_assert!(select(&request, &params).risk.paths_known);
    }
}
