//! With a personal token, as the person it belongs to.

use caretaker_core::model::{Answer, Author, Conclusion, ForgeQuery, Marker, Number};

pub use super::examples::every_action_twice_is_one_effect;
use super::{READINESS, Rig, TOKEN_OF, comment, publish};

/// People may not write check runs; the receipt says how it was done instead.
pub async fn a_finding_is_a_status(rig: &Rig) {
    let head = rig.world.head(1);
    for (conclusion, word) in [
        (Conclusion::Neutral, "pending"),
        (Conclusion::Success, "success"),
        (Conclusion::Failure, "failure"),
    ] {
        let receipt = rig
            .write(&publish(&head, conclusion))
            .await
            .expect("may publish");
        assert!(receipt.changed);
        assert_eq!(receipt.via.as_deref(), Some("status"));
        let (state, text) = rig
            .world
            .status_of(1, READINESS)
            .expect("a finding was published");
        assert_eq!((state.as_str(), text.as_str()), (word, "waits for checks"));
    }
    let Ok(Answer::Snapshot(seen)) = rig.ask(ForgeQuery::Snapshot(Number::new(1))).await else {
        panic!("no snapshot");
    };
    assert!(
        seen.checks
            .rows
            .iter()
            .all(|check| check.ours && check.app.is_none())
    );
    assert_eq!(seen.checks.rows.len(), 1);
}

/// The same person writes for themselves too, and others may copy our marker.
pub async fn our_own_words_are_ours_only_with_a_marker(rig: &Rig) {
    let marked = format!("{}\nI am you.", Marker::Status.render());
    rig.world.comment(2, TOKEN_OF, "As a person.");
    rig.world.comment(2, "mallory", &marked);
    rig.write(&comment(2, "As ourselves."))
        .await
        .expect("may write");
    let Ok(Answer::Activity(listing)) = rig.ask(ForgeQuery::Activity(Number::new(2))).await else {
        panic!("no activity");
    };
    let ours: Vec<_> = listing
        .rows
        .iter()
        .map(|act| act.by == Author::Us)
        .collect();
    assert_eq!(ours, [false, false, true]);
    rig.look();
}
