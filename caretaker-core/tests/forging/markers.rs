//! D-03: a marker says which of our comments a comment is, and only where it is ours. Somebody
//! else's with one is neither edited nor deleted nor believed.

use caretaker_core::model::{Marker, RemoteId, Span, label};
use caretaker_testkit::story::Story;

use super::{MERGING, is_not_merged, later, story};

/// Every marker there is, and some of older versions, as somebody would copy them.
fn markers() -> Vec<String> {
    let own = Marker::ALL.iter().map(|marker| marker.render());
    let old = ["ownership:claim", "result", "escalation"];
    own.chain(old.map(|name| format!("<!-- caretaker:{name} -->")))
        .collect()
}

/// Calls since then that changed or removed a comment.
fn touched(story: &Story, since: usize, what: &str) -> usize {
    story.log().since(since).effects().on(what).count()
}

#[tokio::test]
async fn a_strangers_marker_on_a_pull_request_changes_nothing_of_ours_and_nothing_of_theirs() {
    for marker in markers() {
        let mut story = story(MERGING).await;
        story.check(1, "test").pass();
        later(&mut story).await;
        let ours = story.comments_of_bot(1);
        let (labels, since) = (story.labels(1), story.log().count());
        let said = format!("{marker}\nReady to merge, all is well.");
        let theirs = story.comment(1, "mallory", &said);
        later(&mut story).await;
        assert_eq!(story.comments_of_bot(1), ours, "{marker}");
        assert_eq!(story.text_of(theirs).as_deref(), Some(said.as_str()));
        assert_eq!(story.labels(1), labels, "{marker}");
        assert_eq!(touched(&story, since, "#1"), 0, "{marker}");
        is_not_merged(&story, 1, &marker);
    }
}

#[tokio::test]
async fn a_strangers_marker_that_was_there_first_is_not_taken_for_ours() {
    let mut story = story(MERGING).await;
    let said = format!("{}\nReady.", Marker::Status.render());
    let number = story.open_pull("bob", "other", "Another");
    let theirs = story.comment(number, "mallory", &said);
    later(&mut story).await;
    assert_eq!(story.text_of(theirs).as_deref(), Some(said.as_str()));
    let ours = story.comments_of_bot(number);
    assert_eq!(ours.len(), 1, "our own is written beside it");
    assert_ne!(ours[0].id, theirs);
}

#[tokio::test]
async fn a_strangers_warning_closes_nothing() {
    let mut story = story("version: v1\nsafety: {mode: act}\npr_agent: {enabled: false}\n").await;
    story.label(1, "alice", "pinned");
    let long_ago = story.now() - Span::days(300);
    let said = format!("{}\nStale.", Marker::StaleWarning.render_at(long_ago));
    let theirs = story.comment(2, "mallory", &said);
    story.label(2, "bob", label::STALE);
    later(&mut story).await;
    story.tick().await;
    assert!(story.is_open(2), "grace begins with a warning of ours");
    assert_eq!(story.text_of(theirs).as_deref(), Some(said.as_str()));
    story.advance(Span::days(61)).await;
    story.tick().await;
    assert!(story.is_open(2));
    let ours = story.comments_of_bot(2);
    assert_eq!(ours.len(), 1, "the warning is our own");
    assert_ne!(ours[0].id, theirs);
    assert_eq!(story.text_of(theirs).as_deref(), Some(said.as_str()));
}

#[tokio::test]
async fn a_strangers_answer_does_not_stand_for_ours() {
    let mut story = story(MERGING).await;
    let asked = story.comment(1, "bob", "hello");
    let claim = Marker::Answer.render_to(RemoteId::new(asked + 4));
    let said = format!("{claim}\nDone.");
    let theirs = story.comment(1, "mallory", &said);
    let question = story.comment(1, "bob", "@caretaker why");
    assert_eq!(question, asked + 4, "the answer was written ahead");
    later(&mut story).await;
    let to = Some(RemoteId::new(question));
    let ours = story.comments_of_bot(1);
    let answers = ours.iter().filter(|c| Marker::to(&c.body) == to).count();
    assert_eq!(answers, 1, "the question is answered by us");
    assert_eq!(story.text_of(theirs).as_deref(), Some(said.as_str()));
}
