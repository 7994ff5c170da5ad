//! The driver, seen from outside: what it does with one event whatever goes wrong.

use caretaker_core::model::{HaltKind, Mode, Outcome, Refusal, Run, Span};
use caretaker_testkit::faulty::Cut;
use caretaker_testkit::story::{ACT, Story};
use caretaker_testkit::world::Fault;

const LONG: Span = Span::days(61);

/// A story in which issue #2 has been quiet for long enough.
async fn quiet() -> Story {
    let mut story = Story::new();
    story.settle().await;
    story.label(1, "alice", "pinned");
    story.advance(LONG).await;
    seen(&story);
    story
}

/// Looks at what was said so far.
fn seen(story: &Story) {
    for number in [1, 2] {
        story.comments_of_bot(number);
    }
}

#[tokio::test]
async fn first() {
    let mut story = quiet().await;
    story.tick().await;
    println!("{}", story.journal());
    println!("{}", story.log());
    println!("{:?}", story.comments_of_bot(2));
    println!("{:?}", story.timeline(2));
    seen(&story);
}
