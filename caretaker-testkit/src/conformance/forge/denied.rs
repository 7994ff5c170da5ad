//! What we may not.

use caretaker_core::model::{Branch, ForgeQuery, Number};
use caretaker_core::ports::{Freshness, Kind};

use super::{Rig, add_label};

async fn denied_in_all(rig: &Rig) {
    let questions = [
        ForgeQuery::Item(Number::new(1)),
        ForgeQuery::Item(Number::new(999)),
        ForgeQuery::Snapshot(Number::new(1)),
        ForgeQuery::Branch(Branch::new("main")),
        ForgeQuery::ConfigFile,
        ForgeQuery::OpenItems {
            after: None,
            limit: 100,
        },
    ];
    let repo = rig.world.repo();
    let answers = rig.forge.read(&repo, &questions, Freshness::Fresh).await;
    assert_eq!(answers.len(), questions.len());
    for (question, answer) in questions.iter().zip(answers) {
        let error = answer.expect_err("we may not");
        assert_eq!(error.kind, Kind::Denied, "{question:?}: {error}");
    }
    let seq = rig.world.log().count();
    let error = rig
        .write(&add_label(2, "stale"))
        .await
        .expect_err("we may not");
    assert_eq!(error.kind, Kind::Denied, "{error}");
    assert_eq!(rig.effects_since(seq), 0);
}

/// A missing thing in it is not told from the repository itself.
pub async fn a_hidden_repository_is_denied_in_every_answer(rig: &Rig) {
    rig.world.hide(true);
    denied_in_all(rig).await;
}

/// The installation lost it, but we still know its number.
pub async fn a_repository_out_of_reach_is_denied(rig: &Rig) {
    let repo = rig.world.repo();
    rig.world.install("alice", false);
    let asked = [ForgeQuery::Item(Number::new(1)), ForgeQuery::ConfigFile];
    for answer in rig.forge.read(&repo, &asked, Freshness::Fresh).await {
        assert_eq!(answer.expect_err("we may not").kind, Kind::Denied);
    }
}

/// Ours to read, not to write.
pub async fn a_missing_permission_is_denied_and_leaves_nothing(rig: &Rig) {
    rig.world.permit("issues", "read");
    let seq = rig.world.log().count();
    let error = rig
        .write(&add_label(2, "stale"))
        .await
        .expect_err("we may not");
    assert_eq!(error.kind, Kind::Denied, "{error}");
    assert_eq!(rig.effects_since(seq), 0);
    assert!(rig.ask(ForgeQuery::Item(Number::new(2))).await.is_ok());
}

/// The account's owner has put us on hold.
pub async fn a_suspended_installation_is_denied(rig: &Rig) {
    rig.world.suspend("alice", true);
    denied_in_all(rig).await;
}
