//! Sources that are down, and limits.

use caretaker_core::model::{ForgeQuery, Number, Span};
use caretaker_core::ports::Kind;

use super::{Rig, add_label, comment};
use crate::world::Fault;

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
    rig.warm().await;
}

/// The hour's budget is used up.
pub async fn an_exhausted_limit_says_when_to_come_back(rig: &Rig) {
    rig.warm().await;
    rig.world.requests_left(0);
    let error = rig.ask(ForgeQuery::Activity(Number::new(2))).await;
    let error = error.expect_err("nothing is left");
    assert!(matches!(error.kind, Kind::RateLimited(Some(_))), "{error}");
}

/// Being told to wait is a no.
pub async fn a_limit_on_a_write_leaves_nothing(rig: &Rig) {
    rig.warm().await;
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
