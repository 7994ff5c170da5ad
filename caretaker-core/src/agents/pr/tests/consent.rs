//! Code owners, review rules, frozen times and protected paths.

use serde_json::json;

use super::merging::{denied, merge, ours};
use super::*;
use crate::model::Permission;
use crate::scenario::sha;

/// Codes of what stands against it.
fn codes(scenario: &Scenario) -> Vec<String> {
    let decision = decide(scenario);
    let leaves = decision.because.children[..4]
        .iter()
        .flat_map(|part| &part.children);
    let code = |leaf: &Reason| match leaf.saw.first() {
        Some((name, Fact::Word(code))) if name == "blocker" => Some(code.clone()),
        _ => None,
    };
    leaves.filter_map(code).collect()
}

fn demands_owners(scenario: Scenario) -> Scenario {
    scenario.with(|s| s.required.get_or_insert_default().code_owners = true)
}

#[test]
fn an_owner_of_each_changed_file_has_to_approve_where_the_base_demands_it() {
    let owned = demands_owners(ours().file("src/db.rs").owners("src/ @dora @octo/data\n"));
    let hidden = owned.clone().hidden_team("data");
    assert_eq!(codes(&hidden), ["code_owners_unknown"]);
    let known = owned.clone().team("data", &["dan"]);
    assert_eq!(codes(&known), ["code_owner_missing"]);
    assert_eq!(merge(&known), None);
    let told = comment(&known).unwrap();
    assert!(
        told.contains("code owners have not approved: ") && told.contains("dora"),
        "{told}"
    );
    for owner in ["dora", "dan"] {
        let approved = known.clone().review(person(owner), ReviewState::Approved);
        assert!(merge(&approved).is_some(), "{owner}");
    }
    let free = demands_owners(ours().file("README.md").owners("src/ @dora\n"));
    assert!(merge(&free).is_some());
    assert!(
        merge(&demands_owners(ours().file("src/db.rs"))).is_some(),
        "no file"
    );
    let cut = free.files_are_cut();
    assert_eq!(codes(&cut), ["code_owners_unknown"]);
}

#[test]
fn a_repositorys_own_rule_has_to_be_satisfied() {
    let rule = json!({"any": [
        {"approvals": 2},
        {"approvals": 1, "from": ["octo/leads"]},
    ]});
    let ruled = ours().param("merge.reviews", rule).team("leads", &["lea"]);
    assert_eq!(codes(&ruled), ["review_rule_unmet"]);
    assert_eq!(merge(&ruled), None);
    let second = ruled.clone().review(person("rob"), ReviewState::Approved);
    assert!(merge(&second).is_some());
    let lead = ruled.clone().review(person("lea"), ReviewState::Approved);
    assert!(merge(&lead).is_some());
    let wrote = ruled
        .clone()
        .commits_by(person("rob"))
        .review(person("rob"), ReviewState::Approved);
    assert_eq!(
        codes(&wrote),
        ["review_rule_unmet"],
        "who wrote it does not count"
    );
}

#[test]
fn the_repository_may_bind_approvals_to_the_head() {
    let older = ours().with(|s| s.reviews.rows[0].commit = Some(sha('9')));
    assert!(merge(&older).is_some());
    let strict = older.param("merge.dismiss_stale", true);
    assert_eq!(codes(&strict), ["required_review_outdated"]);
}

#[test]
fn protected_paths_are_left_to_people() {
    let workflow = ours().file(".github/workflows/ci.yml");
    assert_eq!(denied(&workflow), ["protected_path"]);
    assert_eq!(merge(&workflow), None);
    assert_eq!(verdict(&workflow), "ready", "people may merge it");
    let own = ours().param("merge.protected_paths", json!(["secrets/**"]));
    assert_eq!(denied(&own.clone().file("secrets/a/b")), ["protected_path"]);
    assert!(merge(&own.file("src/a")).is_some());
    assert_eq!(denied(&ours().files_are_cut()), ["files_unknown"]);
}

#[test]
fn nothing_is_merged_in_a_frozen_time_and_it_is_looked_at_when_that_ends() {
    // Scenarios happen on 2023-11-14, a Tuesday.
    let frozen = ours().param(
        "merge.freeze",
        json!(["2023-11-14T00:00Z/2023-11-16T00:00Z"]),
    );
    assert_eq!(denied(&frozen), ["frozen"]);
    assert_eq!(merge(&frozen), None);
    let until = Timestamp::parse_rfc3339("2023-11-16T00:00:00Z");
    assert_eq!(decide(&frozen).recheck_at, until);
    let over = ours().param(
        "merge.freeze",
        json!(["2023-11-10T00:00Z/2023-11-14T00:00Z"]),
    );
    assert!(merge(&over).is_some());
}

#[test]
fn who_may_not_write_now_does_not_approve_whatever_github_calls_them() {
    assert!(merge(&ours()).is_some());
    let reader = ours().may("rita", Permission::Read);
    assert_eq!(codes(&reader), ["required_review_missing"]);
    assert_eq!(merge(&reader), None);
}
