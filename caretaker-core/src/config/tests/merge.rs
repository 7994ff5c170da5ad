//! Section `pr_agent.merge`: rules, windows and patterns, each problem in its place.

use serde_json::json;

use super::allows::allows;
use super::{config, errors, plain_json};
use crate::config::{Config, PATH, schema};
use crate::merge_gate::{Extras, Section};

fn extras(text: &str) -> Extras {
    let section = config(text).section("pr_agent");
    section.decode::<Section>().unwrap().extras()
}

fn reviews(rule: &str) -> String {
    format!("pr_agent:\n  merge:\n    reviews:{rule}\n")
}

/// Review rules and the one thing that is said about each.
const BAD_RULES: &[(&str, &str)] = &[
    (
        " 2",
        "line 3: `pr_agent.merge.reviews` must be a rule, not `2`; write `approvals: 1`, `code_owners: true`, or `all:` or `any:` with a list of rules",
    ),
    (
        "\n      al:\n        - approvals: 1",
        "line 4: `pr_agent.merge.reviews` holds the unknown word `al`; did you mean `all`?",
    ),
    (
        "\n      aproovals: 2",
        "line 4: `pr_agent.merge.reviews` holds the unknown word `aproovals`; did you mean `approvals`?",
    ),
    (
        "\n      all:\n        - approvals: 1\n        - quorum: 2",
        "line 6: `pr_agent.merge.reviews` holds the unknown word `quorum`; write one of `all`, `any`, `approvals`, `code_owners`",
    ),
    (
        "\n      from: [alice]",
        "line 3: `pr_agent.merge.reviews` says nothing that has to hold; write one of `all`, `any`, `approvals`, `code_owners`",
    ),
    (
        "\n      any:\n        - approvals: 1\n          code_owners: true",
        "line 6: `pr_agent.merge.reviews` has `approvals` and `code_owners` in one rule; put both into the list of an `all`",
    ),
    (
        "\n      any: []",
        "line 4: `pr_agent.merge.reviews` has an `any` without rules; put a rule into it, or remove it",
    ),
    (
        "\n      all:\n        approvals: 1",
        "line 4: `pr_agent.merge.reviews` must have a list below `all`, not a mapping; write one `- approvals: 1` per line",
    ),
    (
        "\n      all:\n        - approvals: 0",
        "line 5: `pr_agent.merge.reviews` must have a number from 1 to 100 at `approvals`, not `0`; write how many people must approve",
    ),
    (
        "\n      approvals: two",
        "line 4: `pr_agent.merge.reviews` must have a number from 1 to 100 at `approvals`, not the text `two`; write how many people must approve",
    ),
    (
        "\n      approvals: 1.5",
        "line 4: `pr_agent.merge.reviews` holds a number that is too large or has a fraction; write a whole number",
    ),
    (
        "\n      approvals: 1\n      from:\n        - alice\n        - renovate[bot]",
        "line 7: `pr_agent.merge.reviews` has `renovate[bot]` in `from`, which names nobody; write `user` or `organisation/team`; automation cannot approve",
    ),
    (
        "\n      approvals: 1\n      from: alice",
        "line 5: `pr_agent.merge.reviews` must have a list at `from`, not the text `alice`; write `[one, two]`",
    ),
    (
        "\n      approvals: 1\n      not: [comitters, author]",
        "line 5: `pr_agent.merge.reviews` has `comitters` in `not`; did you mean `committers`?",
    ),
    (
        "\n      approvals: 1\n      not: [committers]",
        "line 5: `pr_agent.merge.reviews` has a `not` without `author`; add it: nobody approves their own change",
    ),
    (
        "\n      code_owners: false",
        "line 4: `pr_agent.merge.reviews` must have `code_owners: true`, not the switch `false`; write `true`, or remove the rule",
    ),
    (
        "\n      code_owners: true\n      from: [alice]",
        "line 5: `pr_agent.merge.reviews` has `from` beside `code_owners`; put it beside `approvals`",
    ),
    (
        "\n      all:\n        - all:\n          - all:\n            - all:\n              - all:\n                - approvals: 1",
        "line 9: `pr_agent.merge.reviews` is nested more than 5 rules deep; write it flatter",
    ),
];

#[test]
fn a_wrong_rule_is_named_with_its_line_and_what_to_write() {
    for (rule, expected) in BAD_RULES {
        assert_eq!(errors(&reviews(rule)), [*expected], "{rule}");
    }
}

#[test]
fn everything_wrong_in_one_rule_is_told_at_once() {
    let rule = "\n      all:\n        - approvals: 0\n        - any: []\n        - 7";
    let lines: Vec<_> = errors(&reviews(rule))
        .into_iter()
        .map(|e| e[..6].to_owned())
        .collect();
    assert_eq!(lines, ["line 5", "line 6", "line 7"]);
}

#[test]
fn anchors_in_a_rule_are_refused_once() {
    assert_eq!(errors(&reviews(" *x")).len(), 1);
    let anchored = "pr_agent: &x\n  merge:\n    reviews: {all: [*x]}\n";
    assert_eq!(errors(anchored).len(), 2);
}

#[test]
fn a_wrong_window_or_pattern_is_named_with_its_line_and_a_right_one() {
    let list = |key: &str, row: &str| {
        format!("pr_agent:\n  merge:\n    {key}:\n      - Fri 16:00/Mon 08:00\n      - {row}\n")
    };
    let freeze = |row| errors(&list("freeze", row));
    let shape = "write `2026-12-24T00:00Z/2027-01-02T00:00Z`, or `Fri 16:00/Mon 08:00` (UTC) for every week";
    assert_eq!(
        freeze("christmas"),
        [format!(
            "line 5: `pr_agent.merge.freeze` has `christmas`, which is not a start and an end with `/` between them; {shape}"
        )]
    );
    assert_eq!(
        freeze("2027-13-01T00:00Z/2028-01-01T00:00Z"),
        [format!(
            "line 5: `pr_agent.merge.freeze` has `2027-13-01T00:00Z/2028-01-01T00:00Z`, which has a time that cannot be read; {shape}"
        )]
    );
    assert!(freeze("Mon 07:00/Fri 17:00")[0].contains("leaves no time of the week"));
    assert_eq!(freeze("7").len(), 1);
    assert_eq!(
        errors(&list("protected_paths", "\"!docs/\"")),
        [
            "line 5: `pr_agent.merge.protected_paths` has `!docs/`, which is no pattern; `!` negates nothing here; remove it"
        ]
    );
    let many = "      - a\n".repeat(201);
    let text = format!("pr_agent:\n  merge:\n    protected_paths:\n{many}");
    assert!(errors(&text)[0].contains("at most 200 entries"));
    assert_eq!(
        errors("pr_agent:\n  merge:\n    freeze: Fri 16:00/Mon 08:00\n").len(),
        1
    );
}

#[test]
fn what_is_right_reaches_the_gate() {
    let text = "\
pr_agent:
  merge:
    dismiss_stale: true
    freeze: ['Fri 16:00/Mon 08:00']
    protected_paths: [secrets/]
    reviews:
      all:
        - code_owners: true
        - any:
            - approvals: 2
            - approvals: 1
              from: [alice, \"@octo/leads\", octo/owners]
              not: [author]
";
    let extras = extras(text);
    let asks = extras.reviews.as_ref().unwrap().asks();
    let teams: Vec<_> = asks.teams.iter().map(ToString::to_string).collect();
    assert_eq!(teams, ["octo/leads", "octo/owners"]);
    assert!(asks.code_owners && asks.commit_authors);
    assert!(extras.dismiss_stale && !extras.freeze.is_empty());
    assert_eq!(extras.protected.pattern_of("x/secrets/a"), Some("secrets/"));
    assert!(
        allows(&schema::value(), &plain_json(text)),
        "the schema takes it too"
    );
}

#[test]
fn without_a_word_nothing_more_is_demanded_but_our_own_rules_are_protected() {
    let extras = extras("");
    let plain = Extras {
        protected: extras.protected.clone(),
        ..Extras::default()
    };
    assert_eq!(extras, plain);
    for path in [
        PATH,
        "CODEOWNERS",
        ".github/CODEOWNERS",
        "docs/CODEOWNERS",
        ".github/workflows/ci.yml",
        ".github/actions/x/action.yml",
    ] {
        assert!(extras.protected.pattern_of(path).is_some(), "{path}");
    }
    assert_eq!(extras.protected.pattern_of("src/CODEOWNERS"), None);
    assert_eq!(
        extras
            .protected
            .pattern_of(".github/ISSUE_TEMPLATE/bug.yml"),
        None
    );
}

#[test]
fn the_schema_refuses_most_of_what_the_validator_does() {
    // What goes together, how deep rules lie and who can be named is left to the validator.
    for (rule, _) in BAD_RULES {
        let left = [
            "from: [alice]",
            "not: [committers]",
            "[bot]",
            "- all:\n          - all:",
        ];
        if left.iter().any(|part| rule.contains(part)) {
            continue;
        }
        assert!(
            !allows(&schema::value(), &plain_json(&reviews(rule))),
            "{rule}"
        );
    }
}

#[test]
fn records_from_before_these_keys_decide_as_they_did() {
    let mut section = Config::default().section("pr_agent").value();
    let merge = section["merge"].as_object_mut().unwrap();
    for key in ["reviews", "dismiss_stale", "freeze", "protected_paths"] {
        assert!(merge.remove(key).is_some(), "{key}");
    }
    assert_eq!(
        section["merge"],
        json!({ "settle_seconds": 120, "allow_no_ci": false })
    );
    let section: Section = serde_json::from_value(section).unwrap();
    assert_eq!(section.extras(), Extras::default());
}
