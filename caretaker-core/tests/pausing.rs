//! What is said to us while an operator has paused, and what becomes of it when the pause ends.

use std::sync::Arc;

use caretaker_core::drive::pausing::{self, Resumed};
use caretaker_core::model::{EventId, Outcome, Refusal, Run, RunId, Span, label};
use caretaker_core::ports::{Kind, Write};
use caretaker_testkit::faulty::{Cut, Faulty};
use caretaker_testkit::story::Story;
use futures_util::FutureExt as _;

/// A paused server, and a bot's pull request that it would merge, approved since.
async fn paused() -> (Story, u64) {
    let (mut story, number) = Story::without_approval().await;
    story.comments_of_bot(number);
    story.comments_of_bot(1);
    pause(&story).await;
    story.approve(number).await;
    (story, number)
}

async fn pause(story: &Story) {
    let by = "operator".to_owned();
    let paused = pausing::pause(story.plain_ports(), None, by, None).await;
    paused.expect("memory keeps it");
}

async fn resume(story: &Story) -> Resumed {
    let resumed = pausing::resume(story.plain_ports(), None).await;
    resumed.expect("memory answers")
}

/// Somebody says it while it is paused: nothing happens, and no sign is given.
async fn says(story: &mut Story, number: u64, text: &str) -> u64 {
    let before = story.log().writes().count();
    let comment = story.comment(number, "bob", text);
    story.settle().await;
    assert_eq!(story.log().writes().count(), before, "{}", story.log());
    let held = story.last("commands").reviewed.expect("it was decided");
    let paused = held.held.iter().all(|held| held.refusal == Refusal::Paused);
    assert!(paused && !held.held.is_empty(), "{}", story.journal());
    comment
}

fn merges(story: &Story, number: u64) -> usize {
    story.comments_of_bot(number);
    story.log().effects().on("merge").count()
}

fn is_held(story: &Story, number: u64) -> bool {
    story.labels(number).contains(&label::HOLD.to_owned())
}

fn reactions(story: &Story, comment: u64) -> Vec<String> {
    let reactions = story.reactions(comment).into_iter();
    reactions.map(|(_, word)| word).collect()
}

#[tokio::test]
async fn what_nobody_has_stopped_is_merged_when_the_pause_ends() {
    let (mut story, number) = paused().await;
    assert_eq!(merges(&story, number), 0, "{}", story.journal());
    let resumed = resume(&story).await;
    assert_eq!((resumed.commands, resumed.expired), (0, 0));
    story.settle().await;
    assert_eq!(merges(&story, number), 1, "{}", story.journal());
}

#[tokio::test]
async fn a_hold_given_during_a_pause_is_carried_out_before_anybody_merges() {
    let (mut story, number) = paused().await;
    let comment = says(&mut story, number, "@caretaker hold").await;
    let resumed = resume(&story).await;
    let told = (resumed.commands, resumed.expired, resumed.lost);
    assert_eq!(told, (1, 0, 0), "{resumed:?}");
    assert!(resumed.looks > 0, "{resumed:?}");
    story.settle().await;
    assert!(is_held(&story, number), "{}", story.journal());
    assert_eq!(reactions(&story, comment), ["+1"]);
    assert_eq!(merges(&story, number), 0, "{}", story.journal());
}

#[tokio::test]
async fn commands_given_during_a_pause_are_carried_out_in_their_order() {
    let (mut story, number) = paused().await;
    for text in ["@caretaker resume", "@caretaker hold"] {
        story.advance(Span::seconds(1)).await;
        says(&mut story, number, text).await;
    }
    assert_eq!(resume(&story).await.commands, 2);
    story.settle().await;
    assert!(is_held(&story, number), "{}", story.journal());
    merges(&story, number);
}

#[tokio::test]
async fn a_command_that_has_expired_meanwhile_is_told_so_and_not_carried_out() {
    let (mut story, number) = paused().await;
    let comment = says(&mut story, number, "@caretaker hold").await;
    story.advance(Span::minutes(11)).await;
    let resumed = resume(&story).await;
    assert_eq!((resumed.commands, resumed.expired), (0, 1), "{resumed:?}");
    story.settle().await;
    assert_eq!(story.outcomes("commands"), ["decided", "expired"]);
    assert_eq!(reactions(&story, comment), ["confused"]);
    assert!(!is_held(&story, number), "{}", story.journal());
    merges(&story, number);
}

#[tokio::test]
async fn a_command_under_two_pauses_is_carried_out_once_when_the_last_one_ends() {
    let (mut story, number) = paused().await;
    let (ports, here) = (story.plain_ports().clone(), story.repo().key);
    let by = "operator".to_owned();
    let both = pausing::pause(&ports, Some(&here), by, None).await;
    both.expect("memory keeps it");
    says(&mut story, number, "@caretaker hold").await;
    assert_eq!(resume(&story).await.commands, 1);
    story.settle().await;
    assert!(!is_held(&story, number), "{}", story.journal());
    let last = pausing::resume(&ports, Some(&here)).await;
    assert_eq!(last.expect("memory answers").commands, 1);
    story.settle().await;
    assert!(is_held(&story, number), "{}", story.journal());
    let done = story.runs_of("commands").into_iter();
    let done = done.filter(|run| !run.effects.is_empty());
    assert_eq!(done.count(), 1, "{}", story.journal());
    assert_eq!(merges(&story, number), 0);
}

#[tokio::test]
async fn nothing_is_forgotten_wherever_resuming_is_cut_short() {
    for cut in [Cut::FailBefore, Cut::FailAfter] {
        let mut survived = 0;
        loop {
            let (mut story, number) = paused().await;
            says(&mut story, number, "@caretaker hold").await;
            let faulty = Faulty::default();
            faulty.cut_at(survived, cut);
            let ports = faulty.around(story.plain_ports());
            let cut_short = pausing::resume(&ports, None).await.is_err();
            resume(&story).await;
            story.settle().await;
            assert!(is_held(&story, number), "{:?}", faulty.calls());
            assert_eq!(merges(&story, number), 0, "{:?}", faulty.calls());
            if !cut_short {
                break;
            }
            survived += 1;
        }
        assert!(survived >= 4, "{survived}");
    }
}

#[tokio::test]
async fn what_closes_while_the_journal_is_read_is_not_forgotten() {
    let (mut story, number) = paused().await;
    let comment = says(&mut story, number, "@caretaker hold").await;
    // The same about another comment, by a process that is slower.
    let line = serde_json::to_string(&story.last("commands")).expect("it is data");
    let line = line.replace(&format!("\"comment\":{comment}"), "\"comment\":1000000");
    let mut late: Run = serde_json::from_str(&line).expect("it is a run");
    late.task.event.id = EventId::new("late/0");
    late.task.event.edge_identity = Some("late".to_owned());
    late.id = RunId::new("late");
    let (storage, fence) = (
        Arc::clone(&story.plain_ports().storage),
        story.worker().lease.fence(),
    );
    let faulty = Faulty::default();
    faulty.before("pause", move || {
        let close = vec![Write::Close(Box::new(late))];
        let closed = storage.commit(Some(fence), close).now_or_never();
        closed.expect("memory answers at once").expect("it is new");
    });
    let ports = faulty.around(story.plain_ports());
    let resumed = pausing::resume(&ports, None).await.expect("memory answers");
    assert_eq!(faulty.not_struck(), Vec::<String>::new());
    assert_eq!(resumed.commands, 2, "{resumed:?}");
    merges(&story, number);
}

#[tokio::test]
async fn a_command_that_was_being_decided_when_the_pause_ended_is_decided_afresh() {
    let (mut story, number) = paused().await;
    let end = story.switch(false);
    story.faulty().before("Permission(", end);
    let comment = story.comment(number, "bob", "@caretaker hold");
    story.settle().await;
    let runs = story.runs_of("commands");
    assert_eq!(runs[0].outcome, Some(Outcome::Overtaken));
    assert_eq!(reactions(&story, comment), ["+1"]);
    assert!(is_held(&story, number), "{}", story.journal());
    assert_eq!(merges(&story, number), 0, "{}", story.journal());
}

#[tokio::test]
async fn a_failing_memory_leaves_the_pause_in_force() {
    let (story, number) = paused().await;
    let faulty = Faulty::default();
    faulty.fail_on("pause", Kind::Unavailable);
    let ports = faulty.around(story.plain_ports());
    assert!(pausing::resume(&ports, None).await.is_err());
    let pauses = story.plain_ports().storage.pauses().await;
    assert_eq!(pauses.expect("memory answers").len(), 1);
    merges(&story, number);
}
