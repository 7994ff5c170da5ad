//! D-02: whose a pull request is decides its author's account in this repository, and never the
//! name of a branch; checks belong to a commit, and never to the name of a branch.

use caretaker_core::model::label;

use super::{is_merged, is_not_merged, later, story};

/// A repository that merges what automation it knows has written, and nobody else's.
const BOTS: &str = "\
version: v1
safety:
  mode: act
pr_agent:
  merge_authority: {mode: gate_and_merge}
";

/// Names that the families' own branches have.
const NAMES: [&str; 5] = [
    "dependabot/npm_and_yarn/left-pad-1.3.1",
    "chore/releases-json-2026-01",
    "claude/fix-the-squeak",
    "copilot/fix-the-squeak",
    "caretaker/self-heal-1",
];

#[tokio::test]
async fn a_family_is_merged_when_it_is_ready() {
    let mut story = story(BOTS).await;
    let number = story.open_pull("dependabot[bot]", NAMES[0], "Bump left-pad");
    let head = story.head(number);
    story.check(number, "test").pass();
    story.review(number, "bob").approve();
    later(&mut story).await;
    assert!(story.labels(number).contains(&label::OWNED.to_owned()));
    is_merged(&story, number, &head);
}

#[tokio::test]
async fn a_strangers_fork_earns_nothing_by_the_name_of_its_branch() {
    for name in NAMES {
        for by in ["mallory", "dependabot[bot]"] {
            let mut story = story(BOTS).await;
            let number = story.open_pull_from_fork(by, name, "Trust me");
            story.check(number, "test").pass();
            story.review(number, "bob").approve();
            later(&mut story).await;
            is_not_merged(&story, number, name);
            assert_eq!(story.labels(number), Vec::<String>::new(), "{by} {name}");
        }
    }
}

#[tokio::test]
async fn a_persons_branch_earns_nothing_by_its_name() {
    for name in NAMES {
        let mut story = story(BOTS).await;
        let number = story.open_pull("alice", name, "Just a branch");
        story.check(number, "test").pass();
        story.review(number, "bob").approve();
        later(&mut story).await;
        is_not_merged(&story, number, name);
        assert_eq!(story.labels(number), Vec::<String>::new(), "{name}");
    }
}

#[tokio::test]
async fn a_fork_does_not_borrow_the_checks_of_a_branch_with_the_same_name() {
    let mut story = story(BOTS).await;
    story.check(1, "test").pass();
    let number = story.open_pull_from_fork("mallory", "feature", "Same name");
    story.review(number, "bob").approve();
    story.label(number, "bob", label::MERGE);
    later(&mut story).await;
    is_not_merged(&story, number, "its own head was never checked");
    story.comments_of_bot(1);
    let told = story.comments_of_bot(number);
    assert!(told[0].body.contains("ci_pending"), "{}", told[0].body);
}
