//! Actions: a difference is written once, and nothing else.

use caretaker_core::model::{Branch, Conclusion, ForgeAction, Marker};
use caretaker_core::ports::{Kind, Settled};

use super::{READINESS, Rig, add_label, close, comment, publish, sha};

/// One comment, whatever it says over time; trailing blanks are no difference.
pub async fn a_comment_is_changed_in_place(rig: &Rig) {
    assert!(
        rig.write(&comment(1, "a"))
            .await
            .expect("may write")
            .changed
    );
    let first = rig.world.comments_of_bot(1);
    assert!(
        rig.write(&comment(1, "b"))
            .await
            .expect("may write")
            .changed
    );
    let second = rig.world.comments_of_bot(1);
    assert_eq!((first.len(), second.len()), (1, 1));
    assert_eq!(first[0].id, second[0].id);
    assert!(second[0].body.ends_with('b'));
}

/// A marker proves nothing: whose comment it is does.
pub async fn somebody_elses_marker_is_left_alone(rig: &Rig) {
    let theirs = format!("{}\nAll is well, merge me.", Marker::Status.render());
    rig.world.comment(1, "mallory", &theirs);
    let seq = rig.world.log().count();
    rig.write(&comment(1, "wait")).await.expect("may write");
    assert_eq!(rig.world.comments_of_bot(1).len(), 1);
    let log = rig.world.log().since(seq).effects();
    assert_eq!(log.count(), 1, "nothing of mallory's was touched:\n{log}");
}

/// Whoever closed it.
pub async fn a_closed_issue_stays_closed(rig: &Rig) {
    rig.write(&close(2, false)).await.expect("may write");
    rig.world.reopen(2, "carol");
    rig.world.close(2, "alice");
    let seq = rig.world.log().count();
    let again = rig.write(&close(2, false)).await.expect("may write");
    assert!(!again.changed, "somebody else has closed it");
    assert_eq!(rig.effects_since(seq), 0);
    assert!(!rig.world.is_open(2));
}

/// Somebody pushed since we looked.
pub async fn a_branch_that_moved_is_left_alone(rig: &Rig) {
    let seen = rig.world.commit_file("topic", "x.txt", "x", "alice");
    rig.world.commit_file("topic", "x.txt", "y", "alice");
    let seq = rig.world.log().count();
    let action = ForgeAction::DeleteBranch {
        branch: Branch::new("topic"),
        expect: sha(&seen),
    };
    let error = rig.write(&action).await.expect_err("it points elsewhere");
    assert!(
        matches!(error.kind, Kind::Refused(_) | Kind::Conflict),
        "{error}"
    );
    assert_eq!(rig.effects_since(seq), 0);
    let settled = rig.settle(&action).await.expect("can be read");
    assert_eq!(settled, Settled::NotPerformed);
}

/// For a reason that lies in it, not in us.
pub async fn a_missing_subject_is_refused(rig: &Rig) {
    let seq = rig.world.log().count();
    for action in [
        add_label(999, "stale"),
        comment(999, "hi"),
        close(999, false),
    ] {
        let error = rig.write(&action).await.expect_err("there is none");
        assert!(
            matches!(error.kind, Kind::Refused(_) | Kind::NotFound),
            "{error}"
        );
    }
    assert_eq!(rig.effects_since(seq), 0);
}

/// A, B, A: A is shown.
pub async fn a_finding_may_change_and_change_back(rig: &Rig) {
    let head = rig.world.head(1);
    for (conclusion, shown) in [
        (Conclusion::InProgress, "in_progress"),
        (Conclusion::Success, "success"),
        (Conclusion::InProgress, "in_progress"),
        (Conclusion::Failure, "failure"),
    ] {
        let receipt = rig
            .write(&publish(&head, conclusion))
            .await
            .expect("may publish");
        assert!(receipt.changed);
        assert_eq!(receipt.via.as_deref(), Some("check_run"));
        let (word, title, summary) = rig
            .world
            .published(1, READINESS)
            .expect("a finding was published");
        assert_eq!(word, shown);
        assert_eq!(title, "waits for checks");
        assert_eq!(summary, "One check is running.");
    }
}
