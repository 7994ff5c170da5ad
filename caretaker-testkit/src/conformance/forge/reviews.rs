//! Reviews, what was said about lines, and who was asked.

use caretaker_core::model::review::answer::{GivenReview, RequestedReviewers, ReviewComment, Side};
use caretaker_core::model::{
    Association, Author, ForgeQuery, Login, Number, RemoteId, ReviewAnswer, ReviewQuery,
    ReviewState,
};
use caretaker_core::ports::Kind;

use super::{Answer, Rig};
use crate::world::Edits;

const ONE: Number = Number::new(1);
const FILE: &str = "src/widget.rs";

async fn asked(rig: &Rig, query: ReviewQuery) -> ReviewAnswer {
    match rig.ask(ForgeQuery::Review(query)).await {
        Ok(Answer::Review(answer)) => *answer,
        other => panic!("no answer about reviews: {other:?}"),
    }
}

pub(super) async fn given(rig: &Rig) -> Vec<GivenReview> {
    match asked(rig, ReviewQuery::Reviews(ONE)).await {
        ReviewAnswer::Reviews(listing) if listing.complete => listing.rows,
        other => panic!("not all reviews: {other:?}"),
    }
}

pub(super) async fn comments(rig: &Rig) -> Vec<ReviewComment> {
    match asked(rig, ReviewQuery::Comments(ONE)).await {
        ReviewAnswer::Comments(listing) if listing.complete => listing.rows,
        other => panic!("not all comments: {other:?}"),
    }
}

pub(super) async fn requested(rig: &Rig) -> RequestedReviewers {
    match asked(rig, ReviewQuery::Requested(ONE)).await {
        ReviewAnswer::Requested(asked) => asked,
        other => panic!("not who was asked: {other:?}"),
    }
}

/// Who, what, on which head, and the words as they stand.
pub async fn a_review_shows_everything_it_says(rig: &Rig) {
    let first = rig.world.head(1);
    rig.world.review(1, "bob").saying("fine\r\nby me").approve();
    let second = rig.world.push(1);
    rig.world.review(1, "carol").saying("no").request_changes();
    let seen = given(rig).await;
    assert_eq!(seen.len(), 2);
    let (bob, carol) = (&seen[0], &seen[1]);
    assert_eq!(bob.by.login(), Login::new("bob"));
    assert_eq!(bob.association, Association::Collaborator);
    assert_eq!(bob.state, ReviewState::Approved);
    assert_eq!(bob.body, "fine\r\nby me");
    assert_eq!(bob.commit, Some(super::sha(&first)));
    assert_eq!(carol.association, Association::None);
    assert_eq!(carol.state, ReviewState::ChangesRequested);
    assert_eq!(carol.commit, Some(super::sha(&second)));
}

/// Where it stands, to what it belongs, and what it answers.
pub async fn a_comment_on_a_line_shows_its_place(rig: &Rig) {
    let first = rig.world.remark(1, "bob", FILE, 1, "why?");
    let answer = rig.world.answer_remark(1, "alice", first, "because");
    let seen = comments(rig).await;
    assert_eq!(seen.len(), 2);
    let (why, because) = (&seen[0], &seen[1]);
    assert_eq!(why.id, RemoteId::new(first));
    assert_eq!((why.path.as_str(), why.body.as_str()), (FILE, "why?"));
    assert_eq!(
        (why.line, why.start, why.side),
        (Some(1), None, Side::Right)
    );
    assert!(!why.outdated && !why.whole_file);
    assert_eq!((why.in_reply_to, why.review.is_some()), (None, true));
    assert!(matches!(&why.by, Author::Human(actor) if actor.login.as_str() == "bob"));
    assert_eq!(why.written_on, Some(super::sha(&rig.world.head(1))));
    assert_eq!(because.id, RemoteId::new(answer));
    assert_eq!(because.in_reply_to, Some(why.id));
}

/// A line that moved is followed; a line that changed is gone.
pub async fn a_comment_follows_its_line_until_that_changes(rig: &Rig) {
    rig.world.remark(1, "bob", FILE, 1, "why?");
    let push = |text: &str| {
        rig.world
            .commit("feature", "alice", Edits::write(FILE, text))
    };
    push("//! Widgets.\npub struct Widget;\n");
    let moved = comments(rig).await.remove(0);
    assert_eq!((moved.line, moved.outdated), (Some(2), false));
    push("//! Widgets.\npub struct Gadget;\n");
    let gone = comments(rig).await.remove(0);
    assert_eq!((gone.line, gone.outdated), (None, true));
    assert_eq!(gone.body, "why?", "what was said stays said");
}

/// Which REST does not tell: whether somebody has resolved it.
pub async fn a_thread_shows_whether_it_is_resolved(rig: &Rig) {
    if !rig.graphql {
        return;
    }
    let first = rig.world.remark(1, "bob", FILE, 1, "why?");
    let answer = rig.world.answer_remark(1, "alice", first, "because");
    let second = rig.world.remark(1, "carol", FILE, 1, "really?");
    rig.world.resolve_thread(second, "alice", true);
    let ReviewAnswer::Threads(seen) = asked(rig, ReviewQuery::Threads(ONE)).await else {
        panic!("no threads");
    };
    assert_eq!((seen.rows.len(), seen.complete), (2, true));
    let (open, closed) = (&seen.rows[0], &seen.rows[1]);
    let ids: Vec<_> = open.comments.rows.iter().map(|id| id.value()).collect();
    assert_eq!(ids, [first, answer]);
    assert_eq!((open.path.as_str(), open.line), (FILE, Some(1)));
    assert_eq!((open.resolved, &open.resolved_by), (false, &None));
    assert_eq!(closed.resolved_by, Some(Login::new("alice")));
    assert!(closed.resolved && !closed.outdated);
    let text = "pub struct Gadget;\n";
    rig.world
        .commit("feature", "alice", Edits::write(FILE, text));
    let ReviewAnswer::Threads(seen) = asked(rig, ReviewQuery::Threads(ONE)).await else {
        panic!("no threads");
    };
    assert!(
        seen.rows
            .iter()
            .all(|thread| thread.outdated && thread.line.is_none())
    );
}

/// More of them than a page.
pub async fn every_thread_is_listed(rig: &Rig) {
    if !rig.graphql {
        return;
    }
    for n in 0..105 {
        rig.world.remark(1, "bob", FILE, 1, &n.to_string());
    }
    let ReviewAnswer::Threads(seen) = asked(rig, ReviewQuery::Threads(ONE)).await else {
        panic!("no threads");
    };
    assert_eq!((seen.rows.len(), seen.complete), (105, true));
}

/// Until they have given it.
pub async fn who_was_asked_is_told_until_the_review_is_there(rig: &Rig) {
    rig.world.request_review(1, "alice", "carol");
    rig.world.request_review(1, "alice", "bob");
    let seen = requested(rig).await.people;
    assert_eq!(seen, ["carol", "bob"].map(Login::new));
    rig.world.review(1, "carol").saying("hm").comment();
    let seen = requested(rig).await.people;
    assert_eq!(seen, [Login::new("bob")]);
}

/// Nor has a number that nobody used.
pub async fn an_issue_has_no_reviews_to_tell(rig: &Rig) {
    for number in [2, 999].map(Number::new) {
        for query in [
            ReviewQuery::Reviews(number),
            ReviewQuery::Comments(number),
            ReviewQuery::Threads(number),
            ReviewQuery::Requested(number),
        ] {
            let error = rig.ask(ForgeQuery::Review(query.clone())).await;
            let error = error.expect_err("there is no pull request");
            let untold = !rig.graphql && matches!(query, ReviewQuery::Threads(_));
            let kind = if untold {
                Kind::Invalid
            } else {
                Kind::NotFound
            };
            assert_eq!(error.kind, kind, "{query:?}");
        }
    }
}

/// Without the right to read pull requests nothing is told, and nothing is made of that.
pub async fn reviews_out_of_reach_are_denied(rig: &Rig) {
    let stage = rig.stage();
    rig.world.permit("pull_requests", "");
    for query in ReviewQuery::examples(&stage) {
        let untold = !rig.graphql && matches!(query, ReviewQuery::Threads(_));
        let kind = if untold { Kind::Invalid } else { Kind::Denied };
        let error = rig.ask(ForgeQuery::Review(query.clone())).await;
        assert_eq!(error.expect_err("we may not").kind, kind, "{query:?}");
    }
}
