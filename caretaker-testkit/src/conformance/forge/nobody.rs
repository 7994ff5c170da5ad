//! Without credentials.

use caretaker_core::model::{ForgeQuery, Number};
use caretaker_core::ports::{Freshness, Kind};

use super::{Rig, add_label};

/// Nothing is asked, not even who we are.
pub async fn everything_is_denied_without_a_request(rig: &Rig) {
    let seq = rig.world.log().count();
    let asked = [ForgeQuery::Item(Number::new(1)), ForgeQuery::ConfigFile];
    let answers = rig
        .forge
        .read(&rig.world.repo(), &asked, Freshness::Fresh)
        .await;
    assert_eq!(answers.len(), 2);
    for answer in answers {
        assert_eq!(answer.expect_err("nobody may").kind, Kind::Denied);
    }
    let action = add_label(2, "stale");
    let error = rig.write(&action).await.expect_err("nobody may");
    assert_eq!(error.kind, Kind::Denied);
    let error = rig.settle(&action).await.expect_err("nobody may");
    assert_eq!(error.kind, Kind::Denied);
    assert_eq!(rig.world.log().since(seq).count(), 0);
}
