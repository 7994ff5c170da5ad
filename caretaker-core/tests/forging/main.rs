//! What people without the right to do so try, each as a story through the whole driver (spec 02
//! §14, D-01 to D-03): approvals that are none, trust by the name of a branch, our markers in
//! somebody else's text. Nothing of it merges, labels or edits; beside each stands the same story
//! with the right person in it, which does.

use caretaker_core::model::Span;
use caretaker_testkit::story::Story;
use caretaker_testkit::world::Protection;

mod approvals;
mod branches;
mod markers;

/// A repository that merges whatever is ready and in our care.
const MERGING: &str = "\
version: v1
safety:
  mode: act
pr_agent:
  merge_authority: {mode: gate_and_merge}
  auto_merge: {human_prs: true}
  ownership:
    auto_claim: {human_prs: true}
";

/// A story under a configuration, in which `test` is demanded of what goes to `main`.
async fn story(config: &str) -> Story {
    let mut story = Story::unconfigured();
    story.config(config);
    story.protect("main", Protection::checks(&["test"]));
    story.settle().await;
    story
}

/// Works everything off and lets an hour go by, in which rechecks come due.
async fn later(story: &mut Story) {
    story.settle().await;
    story.advance(Span::hours(1)).await;
}

/// That a pull request was not merged, nor was it tried.
#[track_caller]
fn is_not_merged(story: &Story, number: u64, why: &str) {
    story.comments_of_bot(number);
    assert_eq!(story.merged_head(number), None, "{why}");
    let tried = story.log().writes().on("merge").on(&format!("#{number}"));
    assert!(tried.is_empty(), "{why}: {tried}");
}

/// That a pull request was merged at this head.
#[track_caller]
fn is_merged(story: &Story, number: u64, head: &str) {
    story.comments_of_bot(number);
    let last = story.last("pr");
    let (why, effects) = (last.last_failure, last.effects);
    let merged = story.merged_head(number);
    assert_eq!(merged.as_deref(), Some(head), "{why:?} {effects:?}");
}
