//! Giving and withdrawing reviews, and asking for them.

use caretaker_core::model::review::action::{InlineRemark, SubmitReview, Verdict};
use caretaker_core::model::review::answer::{RequestedReviewers, Side};
use caretaker_core::model::{
    ForgeAction, Login, Marker, Number, RemoteId, ReviewAction, ReviewState,
};
use caretaker_core::ports::{Kind, Settled};

use super::reviews::{comments, given, requested};
use super::{Rig, sha};
use crate::world::Edits;

const ONE: Number = Number::new(1);
const FILE: &str = "src/widget.rs";

fn remark(path: &str, start: Option<u32>, line: u32, body: &str) -> InlineRemark {
    InlineRemark {
        path: path.to_owned(),
        line,
        start,
        side: Side::Right,
        body: body.to_owned(),
    }
}

fn review(head: &str, verdict: Verdict, remarks: Vec<InlineRemark>) -> ForgeAction {
    let head = sha(head);
    let body = format!("{}\nAll in all.", Marker::Review.render_head(&head));
    ForgeAction::Review(ReviewAction::Submit(SubmitReview {
        number: ONE,
        head,
        verdict,
        body,
        remarks,
    }))
}

async fn refused(rig: &Rig, action: &ForgeAction) -> Option<u16> {
    let seq = rig.world.log().count();
    let error = rig.write(action).await.expect_err("it is refused");
    assert_eq!(rig.effects_since(seq), 0, "{action:?}");
    match error.kind {
        Kind::Refused(status) => Some(status),
        _ => None,
    }
}

/// On one line, on several, and without a line in the text: nothing is lost.
pub async fn each_remark_stands_where_the_difference_has_a_place(rig: &Rig) {
    let text = "pub struct Widget;\npub struct Gadget;\npub struct Gizmo;\n";
    rig.world
        .commit("feature", "alice", Edits::write(FILE, text));
    let head = rig.world.head(1);
    let remarks = vec![
        remark(FILE, None, 2, "here"),
        remark(FILE, Some(1), 3, "all of it"),
        remark(FILE, None, 40, "beyond the end"),
        remark("README.md", None, 1, "elsewhere"),
    ];
    let action = review(&head, Verdict::RequestChanges, remarks);
    assert!(rig.write(&action).await.expect("may review").changed);
    let given = given(rig).await.remove(0);
    assert_eq!(given.state, ReviewState::ChangesRequested);
    assert_eq!(given.commit, Some(sha(&head)));
    for part in ["All in all.", "beyond the end", "elsewhere"] {
        assert!(given.body.contains(part), "{part:?} in {}", given.body);
    }
    assert!(!given.body.contains("here\n") && !given.body.contains("all of it"));
    let lines: Vec<_> = comments(rig)
        .await
        .into_iter()
        .map(|comment| (comment.start, comment.line, comment.body, comment.review))
        .collect();
    let wanted = [
        (None, Some(2), "here".to_owned(), Some(given.id)),
        (Some(1), Some(3), "all of it".to_owned(), Some(given.id)),
    ];
    assert_eq!(lines, wanted);
}

/// Where the difference is too much to be shown, GitHub's own refusal tells.
pub async fn a_place_that_is_refused_moves_into_the_text(rig: &Rig) {
    let mut edits = Edits::default();
    for n in 0..301 {
        edits
            .files
            .insert(format!("many/{n}"), Some("x\n".to_owned()));
    }
    rig.world.commit("feature", "alice", edits);
    let remarks = vec![remark("many/1", None, 7, "not there")];
    let action = review(&rig.world.head(1), Verdict::Comment, remarks);
    let seq = rig.world.log().count();
    assert!(rig.write(&action).await.expect("may review").changed);
    assert_eq!(rig.effects_since(seq), 1);
    assert!(given(rig).await[0].body.contains("not there"));
    assert_eq!(comments(rig).await, []);
}

/// A push asks for another one; what was said of the head before stays.
pub async fn each_head_has_one_review(rig: &Rig) {
    let first = review(&rig.world.head(1), Verdict::Approve, Vec::new());
    assert!(rig.write(&first).await.expect("may review").changed);
    let next = rig.world.push(1);
    let again = rig.write(&first).await.expect("is found again");
    assert!(!again.changed, "it was given, whatever the head is now");
    let second = review(&next, Verdict::Comment, Vec::new());
    assert!(rig.write(&second).await.expect("may review").changed);
    assert!(!rig.write(&second).await.expect("is found again").changed);
    assert_eq!(given(rig).await.len(), 2);
}

/// A head that nobody looked at is not reviewed.
pub async fn a_head_that_moved_takes_no_review(rig: &Rig) {
    let action = review(&rig.world.head(1), Verdict::Approve, Vec::new());
    rig.world.push(1);
    assert_eq!(refused(rig, &action).await, Some(409));
    let settled = rig.settle(&action).await.expect("can be read");
    assert_eq!(settled, Settled::NotPerformed);
}

/// A marker proves nothing: whose review it is does.
pub async fn somebody_elses_review_is_not_ours(rig: &Rig) {
    let head = rig.world.head(1);
    let theirs = Marker::Review.render_head(&sha(&head)) + "\nLooks fine to me.";
    rig.world.review(1, "mallory").saying(&theirs).approve();
    let action = review(&head, Verdict::Comment, Vec::new());
    let settled = rig.settle(&action).await.expect("can be read");
    assert_eq!(settled, Settled::NotPerformed);
    assert!(rig.write(&action).await.expect("may review").changed);
    assert_eq!(given(rig).await.len(), 2);
}

/// Only a verdict can be withdrawn.
pub async fn a_remark_cannot_be_dismissed(rig: &Rig) {
    let id = rig.world.review(1, "bob").saying("hm").comment();
    let dismiss = |id: u64| {
        ForgeAction::Review(ReviewAction::Dismiss {
            number: ONE,
            review: RemoteId::new(id),
            why: "it is about another head".to_owned(),
        })
    };
    assert_eq!(refused(rig, &dismiss(id)).await, Some(422));
    let id = rig.world.review(1, "bob").saying("no").request_changes();
    assert!(rig.write(&dismiss(id)).await.expect("may dismiss").changed);
    let states: Vec<_> = given(rig).await.iter().map(|one| one.state).collect();
    assert_eq!(states, [ReviewState::Commented, ReviewState::Dismissed]);
}

/// Whom nobody has asked yet, teams too; and taken back again.
pub async fn reviewers_are_asked_once_and_taken_back(rig: &Rig) {
    rig.world.team("octo/owners", &["bob"]);
    rig.world.request_review(1, "alice", "bob");
    rig.world.role("carol", "write");
    let people = ["Bob", "carol"].map(Login::new).to_vec();
    let teams = vec!["owners".to_owned()];
    let ask = ForgeAction::Review(ReviewAction::Request {
        number: ONE,
        people: people.clone(),
        teams: teams.clone(),
    });
    assert!(rig.write(&ask).await.expect("may ask").changed);
    assert!(!rig.write(&ask).await.expect("may ask").changed);
    let asked = requested(rig).await;
    assert_eq!(asked.people, ["bob", "carol"].map(Login::new));
    assert_eq!(asked.teams, teams);
    let back = ForgeAction::Review(ReviewAction::Unrequest {
        number: ONE,
        people,
        teams,
    });
    assert!(rig.write(&back).await.expect("may take back").changed);
    assert_eq!(requested(rig).await, RequestedReviewers::default());
    assert!(!rig.write(&back).await.expect("may take back").changed);
}

/// Neither the author nor a stranger.
pub async fn not_everybody_can_be_asked(rig: &Rig) {
    for login in ["alice", "stranger"] {
        let ask = ForgeAction::Review(ReviewAction::Request {
            number: ONE,
            people: vec![Login::new(login)],
            teams: Vec::new(),
        });
        assert_eq!(refused(rig, &ask).await, Some(422), "{login}");
    }
}
