//! What we say to one comment: reactions and answers.

use caretaker_core::model::{ForgeAction, Marker, Number, Reaction, RemoteId};
use caretaker_core::ports::{Kind, Settled};

use super::{Rig, comment};

fn react(to: u64, reaction: Reaction) -> ForgeAction {
    ForgeAction::React {
        number: Number::new(2),
        comment: RemoteId::new(to),
        reaction,
    }
}

pub(super) fn reply(number: u64, to: u64, text: &str) -> ForgeAction {
    let to = RemoteId::new(to);
    ForgeAction::Reply {
        number: Number::new(number),
        to,
        body: format!("{}\n{text}", Marker::Answer.render_to(to)),
    }
}

/// Each kind once, beside those of others.
pub async fn each_reaction_is_ours_once(rig: &Rig) {
    let to = rig.world.comment(2, "alice", "@caretaker why");
    rig.world.react(to, "alice", "eyes");
    let bot = rig.world.us().bot_login.expect("we are an App").to_string();
    let seq = rig.world.log().count();
    for (reaction, word) in [
        (Reaction::Eyes, "eyes"),
        (Reaction::ThumbsUp, "+1"),
        (Reaction::Confused, "confused"),
    ] {
        let action = react(to, reaction);
        let settled = rig.settle(&action).await.expect("can be read");
        assert_eq!(settled, Settled::NotPerformed, "alice's is not ours");
        assert!(rig.write(&action).await.expect("may react").changed);
        assert!(!rig.write(&action).await.expect("may react").changed);
        let settled = rig.settle(&action).await.expect("can be read");
        assert_eq!(settled, Settled::Performed);
        assert!(
            rig.world
                .reactions(to)
                .contains(&(bot.clone(), word.to_owned()))
        );
    }
    assert_eq!(rig.effects_since(seq), 3);
    assert_eq!(rig.world.reactions(to).len(), 4);
}

/// One for each comment, changed in place; the status comment is another.
pub async fn each_comment_has_one_answer(rig: &Rig) {
    let first = rig.world.comment(2, "alice", "@caretaker why");
    let second = rig.world.comment(2, "alice", "@caretaker why");
    rig.write(&comment(2, "status")).await.expect("may write");
    for (to, text) in [(first, "a"), (second, "b"), (first, "c")] {
        let done = rig.write(&reply(2, to, text)).await.expect("may write");
        assert!(done.changed);
    }
    rig.write(&comment(2, "status now"))
        .await
        .expect("may write");
    let again = rig.write(&reply(2, second, "b")).await.expect("may write");
    assert!(!again.changed, "it stands there already");
    let ours = rig.world.comments_of_bot(2);
    let texts: Vec<_> = ours
        .iter()
        .map(|one| {
            (
                Marker::find(&one.body),
                Marker::to(&one.body),
                one.body.lines().last(),
            )
        })
        .collect();
    let to = |id| Some(RemoteId::new(id));
    let wanted = [
        (Some(Marker::Status), None, Some("status now")),
        (Some(Marker::Answer), to(first), Some("c")),
        (Some(Marker::Answer), to(second), Some("b")),
    ];
    assert_eq!(texts, wanted);
}

/// Whose it is counts, not what it says.
pub async fn somebody_elses_answer_is_not_ours(rig: &Rig) {
    let to = rig.world.comment(2, "alice", "@caretaker merge");
    let action = reply(2, to, "It was merged.");
    let ForgeAction::Reply { body, .. } = &action else {
        unreachable!("it is a reply")
    };
    rig.world.comment(2, "mallory", body);
    let settled = rig.settle(&action).await.expect("can be read");
    assert_eq!(settled, Settled::NotPerformed);
    assert!(rig.write(&action).await.expect("may write").changed);
    assert_eq!(rig.world.comments_of_bot(2).len(), 1);
}

/// It was deleted before we came to it.
pub async fn a_comment_that_is_gone_takes_no_reaction(rig: &Rig) {
    let to = rig.world.comment(2, "alice", "@caretaker why");
    rig.world.delete_comment(to, "alice");
    let action = react(to, Reaction::Eyes);
    let error = rig.write(&action).await.expect_err("it is gone");
    assert!(
        matches!(error.kind, Kind::Refused(404) | Kind::NotFound),
        "{error}"
    );
    let settled = rig.settle(&action).await.expect("can be read");
    assert_eq!(settled, Settled::Unknown);
}
