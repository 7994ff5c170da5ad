//! Whole files in, problems or settings out.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::tree::{Node, Plain, Yaml};
use super::*;

mod allows;
mod merge;

use allows::allows;

fn errors(text: &str) -> Vec<String> {
    let parsed = Config::parse(text);
    assert_eq!(parsed.config.is_none(), !parsed.problems.is_empty());
    parsed.problems.iter().map(ToString::to_string).collect()
}

fn config(text: &str) -> Config {
    let parsed = Config::parse(text);
    assert_eq!(parsed.problems, []);
    parsed.config.unwrap()
}

/// Files and all that is said about them.
const BAD: &[(&str, &[&str])] = &[
    (
        "hello\n",
        &[
            "line 1: the file must be a mapping; write `key: value` lines, or leave it empty for all defaults",
        ],
    ),
    (
        "- a\n",
        &[
            "line 1: the file must be a mapping; write `key: value` lines, or leave it empty for all defaults",
        ],
    ),
    (
        "version: 1\n",
        &["line 1: `version` must be `v1`, not a number; did you mean `v1`?"],
    ),
    (
        "version: v2\n",
        &["line 1: `version` must be `v1`, not the text `v2`; did you mean `v1`?"],
    ),
    (
        "version: v1\n\npr_agent:\n  enabledd: true\n",
        &["line 4: `pr_agent.enabledd` is not a known key; did you mean `enabled`?"],
    ),
    (
        "stale:\n  stale_days: 3\n",
        &["line 1: `stale` is not a known key; did you mean `stale_agent`?"],
    ),
    (
        "stale_days: 3\n",
        &["line 1: `stale_days` is not a known key; did you mean `stale_agent.stale_days`?"],
    ),
    (
        "escalation:\n  xyz: 1\n",
        &[
            "line 2: `escalation.xyz` is not a known key; remove the line, or write one of `stale_days`, `labels`, `targets`",
        ],
    ),
    (
        "safety:\n  agents:\n    pr_agent: act\n",
        &["line 3: `safety.agents.pr_agent` is not a known key; did you mean `pr`?"],
    ),
    (
        "stale_agent:\n  enabled: yes\n",
        &[
            "line 2: `stale_agent.enabled` must be `true` or `false`, not the text `yes`; write `true`",
        ],
    ),
    (
        "stale_agent:\n  enabled: \"false\"\n",
        &[
            "line 2: `stale_agent.enabled` must be `true` or `false`, not the text `false`; remove the quotes",
        ],
    ),
    (
        "stale_agent:\n  stale_days: \"60\"\n",
        &[
            "line 2: `stale_agent.stale_days` must be a whole number, not the text `60`; remove the quotes",
        ],
    ),
    (
        "stale_agent:\n  stale_days: 60.5\n",
        &[
            "line 2: `stale_agent.stale_days` must be a whole number, not a number; write it without a fraction",
        ],
    ),
    (
        "stale_agent:\n  stale_days: 0\n  close_after: 99999999999999999999\n",
        &[
            "line 2: `stale_agent.stale_days` must be between 1 and 3650; correct it, or remove the line for the default",
            "line 3: `stale_agent.close_after` must be between 1 and 3650; correct it, or remove the line for the default",
        ],
    ),
    (
        "safety:\n  writes_per_hour: 0\n",
        &[
            "line 2: `safety.writes_per_hour` must be between 1 and 1000000; correct it, or remove the line for the default",
        ],
    ),
    (
        "pr_agent:\n\nversion: v1\n",
        &["line 1: `pr_agent` has nothing below it; put keys below it or remove the line"],
    ),
    (
        "stale_agent: false\n",
        &[
            "line 1: `stale_agent` must be a mapping; put its keys below it: `close_after`, `close_stale_prs`, `delete_merged_branches`, `enabled`, `exempt_labels`, `stale_days`",
        ],
    ),
    (
        "stale_agent:\n  stale_days:\n  close_after: 3\n",
        &[
            "line 2: `stale_agent.stale_days` has no value; write a value or remove the line; the default is `60`",
        ],
    ),
    (
        "safety:\n  mode: Act\n",
        &[
            "line 2: `safety.mode` must be one of `observe`, `propose`, `act`, not the text `Act`; did you mean `act`?",
        ],
    ),
    (
        "safety:\n  mode: full\n",
        &[
            "line 2: `safety.mode` must be one of `observe`, `propose`, `act`, not the text `full`; write one of `observe`, `propose`, `act`",
        ],
    ),
    (
        "llm:\n  llm_enabled: false\n",
        &[
            "line 2: `llm.llm_enabled` must be one of `auto`, `true`, `false`, not the switch `false`; write it in quotes: `\"false\"`",
        ],
    ),
    (
        "llm:\n  claude_enabled: auto\n  llm_enabled: auto\n",
        &[
            "line 3: `llm.llm_enabled` and `llm.claude_enabled` exclude each other; keep `llm.llm_enabled`",
        ],
    ),
    (
        "pr_agent:\n  ownership:\n    label: 12\n    hold_label: ''\n",
        &[
            "line 3: `pr_agent.ownership.label` must be a text, not a number; put it in quotes",
            "line 4: `pr_agent.ownership.hold_label` must be between 1 and 50 characters long; correct it, or remove the line for the default",
        ],
    ),
    (
        "pr_agent:\n  ci:\n    ignore_jobs: build\n",
        &[
            "line 3: `pr_agent.ci.ignore_jobs` must be a list of texts, not the text `build`; write `[build]`",
        ],
    ),
    (
        "pr_agent:\n  ci:\n    ignore_jobs:\n      - build\n      - 7\n      - [a]\n",
        &[
            "line 5: `pr_agent.ci.ignore_jobs` must hold only texts, not a number; put it in quotes",
            "line 6: `pr_agent.ci.ignore_jobs` must hold only texts, not a list; write one text",
        ],
    ),
    (
        "executor:\n  agents:\n    mine:\n      enabled: true\n      tries: 2\n",
        &[
            "line 5: `executor.agents.mine.tries` is not a known key; remove the line, or write one of `enabled`, `mode`, `max_attempts`, `mention`, `trigger_label`",
        ],
    ),
    (
        "executor:\n  agents: []\n",
        &[
            "line 2: `executor.agents` must be a mapping; put its keys below it: names of your choice",
        ],
    ),
    (
        "migration_agent:\n  target_migrations:\n    - from: a\n      to: 2\n    - b\n",
        &[
            "line 4: `migration_agent.target_migrations` must hold texts, not a number; put it in quotes",
            "line 5: `migration_agent.target_migrations` must hold only mappings, not the text `b`; write `- name: value`",
        ],
    ),
    (
        "agentic:\n  cascade:\n    enforce_gate:\n      min_agreement_rate: 1.5\n",
        &[
            "line 4: `agentic.cascade.enforce_gate.min_agreement_rate` must be between 0 and 1; correct it, or remove the line for the default",
        ],
    ),
    (
        "stale_agent:\n  stale_days: 3\n  stale_days: 4\n  what: 1\n",
        &[
            "line 3: `stale_days` is there twice, first on line 2; keep one of them",
            "line 4: `stale_agent.what` is not a known key; remove the line, or write one of `close_after`, `close_stale_prs`, `delete_merged_branches`, `enabled`, `exempt_labels`, `stale_days`",
        ],
    ),
    (
        "vershun: v1\nllm: {}\nllm: {}\npr_agent: {copilot: {context_injektion: 1}}\n",
        &[
            "line 1: `vershun` is not a known key; did you mean `version`?",
            "line 3: `llm` is there twice, first on line 2; keep one of them",
            "line 4: `pr_agent.copilot.context_injektion` is not a known key; remove the line, or write one of `max_retries`, `retry_window_hours`, `context_injection`",
        ],
    ),
    (
        "stale_agent: *x\n",
        &[
            "line 1: this is not YAML: while parsing node, found unknown anchor; check indentation, colons and quotes here and on the line before",
        ],
    ),
    (
        "stale_agent: &x {enabled: true}\n",
        &["line 1: anchors, aliases and tags are not taken; write the value out"],
    ),
];

#[test]
fn every_problem_names_its_line_and_what_to_do() {
    for (text, expected) in BAD {
        assert_eq!(errors(text), *expected, "{text}");
    }
}

#[test]
fn an_empty_file_means_the_defaults_and_observes() {
    for text in ["", "# nothing\n", "---\n", "{}\n", "null\n"] {
        let config = config(text);
        assert_eq!(config, Config::default(), "{text:?}");
        assert_eq!(effective_mode(Mode::Act, &config, "stale"), Mode::Observe);
    }
}

#[test]
fn a_section_is_what_the_file_says_over_the_defaults() {
    let config = config("stale_agent:\n  stale_days: 7\n  exempt_labels: [keep, \"1\"]\n");
    assert_eq!(
        config.section("stale_agent").value(),
        json!({
            "enabled": true, "stale_days": 7, "close_after": 14, "close_stale_prs": true,
            "delete_merged_branches": true, "exempt_labels": ["keep", "1"],
        })
    );
    assert_eq!(config.section("triage").text(), "{}");
    let pr = config.section("pr_agent").value();
    assert_eq!(pr["ownership"]["auto_claim"]["human_prs"], json!(false));
    assert_eq!(pr["merge"]["settle_seconds"], json!(120));
}

#[test]
fn keys_nothing_reads_do_not_reach_a_section() {
    let with = config("pr_agent:\n  stuck_age_hours: 3\n  ci: {flaky_retries: 9}\n");
    assert_eq!(with, Config::default());
    assert_eq!(
        with.section("pr_agent").value()["stuck_age_hours"],
        Value::Null
    );
}

#[test]
fn a_switch_is_on_only_when_something_reads_it() {
    let config = config("pr_agent: {enabled: false}\ntriage: {enabled: true}\n");
    assert!(config.enabled("stale_agent"));
    assert!(!config.enabled("pr_agent"));
    assert!(!config.enabled("triage"));
    assert!(!config.enabled("safety"));
    assert!(!config.enabled("nowhere"));
}

#[test]
fn later_and_dead_keys_are_noted_once_and_leave_the_file_valid() {
    let text = "\
triage:
  enabled: true
  dry_run: true
pr_agent:
  stuck_age_hours: 24
  copilot:
    max_retries: 2
    context_injection: true
azure:
  use_managed_identity: true
";
    let parsed = Config::parse(text);
    assert!(parsed.config.is_some());
    let notes: Vec<_> = parsed
        .notes
        .iter()
        .map(|n| (n.line, n.kind, n.path.as_str()))
        .collect();
    assert_eq!(
        notes,
        [
            (1, ProblemKind::Later, "triage"),
            (5, ProblemKind::Later, "pr_agent.stuck_age_hours"),
            (6, ProblemKind::Later, "pr_agent.copilot"),
            (8, ProblemKind::Dead, "pr_agent.copilot.context_injection"),
            (9, ProblemKind::Dead, "azure"),
        ]
    );
    assert_eq!(
        parsed.notes[1].to_string(),
        "line 5: `pr_agent.stuck_age_hours` is known, but nothing reads it yet; you may leave it"
    );
}

#[test]
fn keys_nothing_reads_are_still_checked() {
    assert_eq!(errors("triage:\n  stale_issue_days: soon\n").len(), 1);
    assert_eq!(errors("azure:\n  use_managed_identity: 1\n").len(), 1);
}

#[test]
fn the_lowest_limit_holds() {
    let text = "safety:\n  mode: act\n  agents: {stale: propose}\n";
    let acting = config(text);
    assert_eq!(effective_mode(Mode::Act, &acting, "pr"), Mode::Act);
    assert_eq!(effective_mode(Mode::Act, &acting, "stale"), Mode::Propose);
    assert_eq!(
        effective_mode(Mode::Observe, &acting, "stale"),
        Mode::Observe
    );
    let above = config("safety:\n  mode: propose\n  agents: {stale: act}\n");
    assert_eq!(effective_mode(Mode::Act, &above, "stale"), Mode::Propose);
    let dry = config(&format!("{text}orchestrator: {{dry_run: true}}\n"));
    assert_eq!(effective_mode(Mode::Act, &dry, "pr"), Mode::Observe);
    assert!(dry.safety().dry_run);
}

#[test]
fn safety_reads_its_numbers_and_names() {
    let safety = config("safety: {writes_per_hour: 5, agents: {pr: act}}\n").safety();
    assert_eq!(safety.writes_per_hour, 5);
    assert_eq!(
        safety.agents,
        BTreeMap::from([("pr".to_owned(), Mode::Act)])
    );
    assert_eq!(Config::default().safety().writes_per_hour, 60);
}

#[test]
fn every_default_written_out_is_a_valid_file_that_changes_nothing() {
    for key in keys() {
        let Some(default) = &key.default else {
            continue;
        };
        let path = key.path.replace('*', "ci_fix");
        let line = |(depth, name): (usize, &str)| format!("{}{name}:", "  ".repeat(depth));
        let lines: Vec<_> = path.split('.').enumerate().map(line).collect();
        let text = format!("{} {default}\n", lines.join("\n"));
        let config = config(&text);
        let section = key.path.split('.').next().unwrap();
        let found = |config: &Config| config.section(section);
        let (found, plain) = (found(&config), found(&Config::default()));
        assert!(
            found == plain || key.path.contains('*'),
            "{text}: {found:?}"
        );
    }
}

#[test]
fn a_flood_of_problems_is_cut_and_says_so() {
    let lines: Vec<_> = (0..20_000).map(|n| format!("k{n}: 1")).collect();
    let problems = Config::parse(&lines.join("\n")).problems;
    assert_eq!(problems.len(), 101);
    assert_eq!(problems.last().unwrap().kind, ProblemKind::TooMany);
}

#[test]
fn schema_and_validator_agree() {
    let good = [
        "{}\n",
        "version: v1\nsafety: {mode: act, agents: {pr: observe}}\n",
        "pr_agent: {ci: {ignore_jobs: [a, b]}, merge: {settle_seconds: 0}}\n",
        "executor: {agents: {mine: {mode: inline, max_attempts: 3}}}\n",
        "executor: {k8s_worker: {image: null}}\nllm: {timeout_seconds: 1.5}\n",
        "pr_reviewer: {pr_agent: {extra_env: {A: b}}}\n",
        "migration_agent: {target_migrations: [{a: b}]}\n",
    ];
    let schema = schema::value();
    for text in good {
        assert_eq!(errors(text), [""; 0], "{text}");
        assert!(allows(&schema, &plain_json(text)), "{text}");
    }
    // What a schema cannot see: YAML itself.
    let beyond = ["twice", "anchors", "not YAML"];
    for (text, expected) in BAD
        .iter()
        .filter(|(_, e)| !beyond.iter().any(|b| e.concat().contains(b)))
    {
        assert!(!allows(&schema, &plain_json(text)), "{expected:?} {text}");
    }
}

fn plain_json(text: &str) -> Value {
    fn json(node: &Node) -> Value {
        match &node.value {
            Yaml::Plain(text) => match Plain::of(text) {
                Plain::Null => Value::Null,
                Plain::Switch(on) => Value::Bool(on),
                Plain::Whole(_) | Plain::Decimal => serde_json::from_str(text).unwrap(),
                Plain::Text(text) => Value::from(text),
            },
            Yaml::Quoted(text) => Value::from(text.as_str()),
            Yaml::List(rows) => rows.iter().map(json).collect(),
            Yaml::Map(entries) => entries
                .iter()
                .map(|e| (e.key.clone(), json(&e.value)))
                .collect(),
            Yaml::Refused => panic!("not for this test"),
        }
    }
    json(&tree::read(text, &mut Vec::new()).unwrap())
}

proptest! {
    #[test]
    fn any_text_is_read_without_panic(text in any::<String>()) {
        let parsed = Config::parse(&text);
        prop_assert_eq!(parsed.config.is_none(), !parsed.problems.is_empty());
    }

    #[test]
    fn any_yamlish_text_is_read_without_panic(
        words in prop::collection::vec(prop::sample::select(vec![
            "pr_agent", "stale_agent", "enabled", "safety", "mode", "version", ":", ": ", "\n",
            "\n  ", "\n    ", "- ", "? ", "[", "]", "{", "}", ",", "&a ", "*a", "!t ", "'", "\"",
            "|", ">", "#", "---", "...", "%", "~", "1", "0.5", "true", "\t", "\r", "\u{feff}", "é",
        ]), 0..60)
    ) {
        let parsed = Config::parse(&words.concat());
        prop_assert_eq!(parsed.config.is_none(), !parsed.problems.is_empty());
        for problem in parsed.problems.iter().chain(&parsed.notes) {
            prop_assert!(problem.line >= 1 && problem.column >= 1);
            prop_assert!(!problem.to_string().contains('\n'));
        }
    }
}
