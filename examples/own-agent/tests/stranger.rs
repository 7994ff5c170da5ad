//! A program that does not know the agent: its records are not guessed at.

use caretaker_core::config::Config;
use caretaker_core::drive::journal;
use caretaker_core::drive::replay::{Replayed, replay};
use caretaker_core::model::AgentName;
use caretaker_testkit::story::Story;

#[tokio::test]
async fn a_record_of_an_agent_that_is_not_registered_is_not_retaken() {
    let mut story = Story::new();
    story.check(1, "ci").pass();
    story.settle().await;
    story.comments_of_bot(1);
    let mut run = story.last("pr");
    assert_eq!(replay(&journal::line(&run)), Replayed::Same);
    run.agent = AgentName::new("inbox");
    let unknown = Replayed::UnknownAgent("inbox".to_owned());
    assert_eq!(replay(&journal::line(&run)), unknown);
}

#[test]
fn its_section_is_not_known_and_it_comes_too_late_from_then_on() {
    let parsed = Config::parse("version: v1\ninbox_agent:\n  label: new\n");
    assert!(parsed.config.is_none());
    assert!(own_agent::register().is_err());
}
