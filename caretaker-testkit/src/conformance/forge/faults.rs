//! Replies that are lost or say nothing, and limits.

use caretaker_core::model::{ForgeQuery, Number, Span};
use caretaker_core::ports::{Kind, Settled};

use super::{Rig, add_label, comment};
use crate::world::Fault;

/// Whatever a face does first in its life (who am I, a token) is done then.
async fn warm(rig: &Rig) {
    rig.ask(ForgeQuery::Item(Number::new(1)))
        .await
        .expect("may read");
}

/// The reply is lost, the effect is not: it is found, and not repeated.
pub async fn performed_and_badly_answered_is_found_again(rig: &Rig) {
    warm(rig).await;
    for action in rig.every_action() {
        let seq = rig.world.log().count();
        rig.world.fault(Fault::on_write().fail_after(500));
        let error = rig.write(&action).await.expect_err("scripted");
        assert_eq!(error.kind, Kind::Unavailable, "{action:?}: {error}");
        rig.world.clear_faults();
        let settled = rig.settle(&action).await.expect("can be read");
        assert_eq!(settled, Settled::Performed, "{action:?}");
        let again = rig.write(&action).await.expect("may write");
        assert!(!again.changed, "{action:?}");
        assert_eq!(rig.effects_since(seq), 1, "{action:?}");
    }
    rig.look();
}

/// The reply says as little, and nothing was done.
pub async fn not_performed_and_badly_answered_is_done_by_the_next(rig: &Rig) {
    warm(rig).await;
    for action in rig.every_action() {
        let seq = rig.world.log().count();
        rig.world.fault(Fault::on_write().fail_before(502));
        let error = rig.write(&action).await.expect_err("scripted");
        assert_eq!(error.kind, Kind::Unavailable, "{action:?}: {error}");
        rig.world.clear_faults();
        let settled = rig.settle(&action).await.expect("can be read");
        assert_eq!(settled, Settled::NotPerformed, "{action:?}");
        assert!(rig.write(&action).await.expect("may write").changed);
        assert_eq!(rig.effects_since(seq), 1, "{action:?}");
    }
    rig.look();
}

/// Which is not "there is no such thing".
pub async fn a_source_that_is_down_is_unavailable(rig: &Rig) {
    rig.world.fault(Fault::on("").times(100).fail_before(503));
    for query in [
        ForgeQuery::Item(Number::new(1)),
        ForgeQuery::Snapshot(Number::new(1)),
        ForgeQuery::ConfigFile,
    ] {
        let error = rig.ask(query).await.expect_err("scripted");
        assert_eq!(error.kind, Kind::Unavailable, "{error}");
    }
    rig.world.clear_faults();
    warm(rig).await;
}

/// The hour's budget is used up.
pub async fn an_exhausted_limit_says_when_to_come_back(rig: &Rig) {
    warm(rig).await;
    rig.world.requests_left(0);
    let error = rig.ask(ForgeQuery::Activity(Number::new(2))).await;
    let error = error.expect_err("nothing is left");
    assert!(matches!(error.kind, Kind::RateLimited(Some(_))), "{error}");
}

/// Being told to wait is a no.
pub async fn a_limit_on_a_write_leaves_nothing(rig: &Rig) {
    warm(rig).await;
    for action in [add_label(2, "stale"), comment(2, "hi")] {
        let seq = rig.world.log().count();
        let wait = Span::seconds(30);
        rig.world.fault(Fault::on_write().rate_limit(Some(wait)));
        let error = rig.write(&action).await.expect_err("scripted");
        assert_eq!(error.kind, Kind::RateLimited(Some(wait)));
        assert_eq!(rig.effects_since(seq), 0);
        rig.world.clear_faults();
    }
}
