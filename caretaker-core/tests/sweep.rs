//! One accident at every port call of every scene: the call fails before or after it is performed,
//! or the process dies there. Whatever happens, after redelivery and retries the world is as if
//! nothing had: each effect once. [`Story`]'s own checks see to one final record for each event
//! and agent, lines that replay, and nothing left in hands.

mod scenes;

use std::panic::AssertUnwindSafe;

use caretaker_testkit::faulty::Cut;
use caretaker_testkit::story::Story;
use futures_util::FutureExt;
use scenes::{Scene, comments};

/// What the world shows in the end, and the effects that brought it there.
#[derive(Debug, PartialEq, Eq)]
struct Visible {
    comments: [usize; 2],
    timelines: Vec<Vec<String>>,
    open: [bool; 2],
    effects: Vec<String>,
}

impl Visible {
    fn of(story: &Story, since: usize) -> Self {
        let log = story.log().since(since).effects();
        let mut effects: Vec<_> = log
            .entries()
            .iter()
            .map(|entry| format!("{} {}", entry.op, entry.about))
            .collect();
        effects.sort();
        Self {
            comments: comments(story),
            timelines: [1, 2].map(|number| story.timeline(number)).to_vec(),
            open: [1, 2].map(|number| story.is_open(number)),
            effects,
        }
    }
}

/// Where a cut can make a difference: a death at a read is a death before the next call.
fn cuts(call: &str) -> &'static [Cut] {
    let changes = ["store.commit", "forge.write", "forge.settle", "bus.take"];
    if changes.iter().any(|op| call.starts_with(op)) {
        &Cut::ALL
    } else {
        &[Cut::FailBefore]
    }
}

/// Plays a scene with one accident.
async fn play(scene: Scene, accident: Option<(usize, Cut)>) -> (Visible, Vec<String>) {
    let mut story = scene.given().await;
    let (since, calls) = (story.log().count(), story.faulty().calls().len());
    if let Some((nth, cut)) = accident {
        story.faulty().cut_at(calls + nth, cut);
    }
    scene.happens(&mut story).await;
    let visible = Visible::of(&story, since);
    let made = story.faulty().calls().split_off(calls);
    (visible, made)
}

async fn sweep(scene: Scene) {
    let (expected, calls) = play(scene, None).await;
    assert!(
        !expected.effects.is_empty(),
        "a scene without an effect shows nothing"
    );
    let mut wrong = Vec::new();
    let mut played = 0;
    for (nth, call) in calls.iter().enumerate() {
        for cut in cuts(call) {
            played += 1;
            let play = AssertUnwindSafe(play(scene, Some((nth, *cut)))).catch_unwind();
            match play.await {
                Ok((seen, _)) if seen == expected => {}
                Ok((seen, _)) => wrong.push(format!("{cut:?} at {nth} ({call}): {seen:#?}")),
                Err(_) => wrong.push(format!("{cut:?} at {nth} ({call}): see the panic above")),
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {played} accidents in {scene:?} show; without one:\n{expected:#?}\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

macro_rules! swept {
    ($($name:ident: $scene:ident;)*) => {
        $(#[tokio::test]
        async fn $name() {
            sweep(Scene::$scene).await;
        })*

        #[test]
        fn every_scene_is_swept() {
            assert_eq!(Scene::ALL.to_vec(), [$(Scene::$scene),*]);
        }
    };
}

swept! {
    no_accident_shows_when_a_configuration_breaks: ConfigBreaks;
    no_accident_shows_when_a_pull_request_is_followed: PullIsFollowed;
    no_accident_shows_when_a_check_fails: CheckFails;
    no_accident_shows_when_a_quiet_issue_is_warned: QuietIssueIsWarned;
    no_accident_shows_when_a_warned_issue_is_closed: WarnedIssueIsClosed;
    no_accident_shows_when_a_warned_issue_is_reset: WarnedIssueIsReset;
    no_accident_shows_when_a_merged_branch_is_pruned: MergedBranchIsPruned;
    no_accident_shows_when_a_command_is_carried_out: CommandIsCarriedOut;
    no_accident_shows_when_a_command_is_answered: CommandIsAnswered;
}
