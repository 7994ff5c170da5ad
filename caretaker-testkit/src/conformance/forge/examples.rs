//! Each example of a question is answered, and each of an action has one effect, whatever becomes
//! of the reply.

use caretaker_core::model::{
    ForgeAction, ForgeQuery, GitAction, IssueAction, ReviewAction, ReviewQuery, Safety, Stage,
};
use caretaker_core::ports::{Kind, Settled};

use super::Rig;
use crate::world::Fault;

/// With what is there, neither a failure nor nothing.
pub async fn every_question_is_answered(rig: &Rig) {
    let stage = rig.stage();
    for query in ForgeQuery::examples(&stage) {
        let answer = rig.ask(query.clone()).await;
        if !rig.graphql && matches!(query, ForgeQuery::Review(ReviewQuery::Threads(_))) {
            let error = answer.expect_err("only GraphQL tells");
            assert_eq!(error.kind, Kind::Invalid, "{query:?}: {error}");
            continue;
        }
        assert!(answer.is_ok(), "{query:?}: {answer:?}");
    }
}

/// Done, done again, and read back as done. What nothing can be read back of is sent once by
/// whoever calls, and says of itself that it cannot be told.
pub async fn every_action_twice_is_one_effect(rig: &Rig) {
    let stage = rig.stage();
    for action in possible(rig, &stage).await {
        let seq = rig.world.log().count();
        let before = rig.settle(&action).await.expect("can be read");
        assert_eq!(before, untold(&action, Settled::NotPerformed), "{action:?}");
        assert_eq!(rig.effects_since(seq), 0, "settling reads only: {action:?}");
        let first = rig.write(&action).await;
        let first = first.unwrap_or_else(|why| panic!("{action:?}: {why}"));
        assert!(first.changed, "{action:?}");
        if action.safety() != Safety::AtMostOnce {
            let second = rig.write(&action).await.expect("may write");
            assert!(!second.changed, "{action:?}");
            assert_eq!(first.via, second.via);
        }
        assert_eq!(rig.effects_since(seq), 1, "{action:?}");
        let after = rig.settle(&action).await.expect("can be read");
        assert_eq!(after, untold(&action, Settled::Performed), "{action:?}");
    }
    rig.look();
}

/// The reply is lost, the effect is not: it is found, and not repeated.
pub async fn performed_and_badly_answered_is_found_again(rig: &Rig) {
    let stage = rig.stage();
    rig.warm().await;
    for action in possible(rig, &stage).await {
        let seq = rig.world.log().count();
        rig.world.fault(Fault::on_write().fail_after(500));
        let error = rig.write(&action).await.expect_err("scripted");
        assert_eq!(error.kind, Kind::Unavailable, "{action:?}: {error}");
        rig.world.clear_faults();
        let settled = rig.settle(&action).await.expect("can be read");
        assert_eq!(settled, untold(&action, Settled::Performed), "{action:?}");
        if action.safety() != Safety::AtMostOnce {
            let again = rig.write(&action).await.expect("may write");
            assert!(!again.changed, "{action:?}");
        }
        assert_eq!(rig.effects_since(seq), 1, "{action:?}");
    }
    rig.look();
}

/// The reply says as little, and nothing was done. What cannot be told apart is not sent again.
pub async fn not_performed_and_badly_answered_is_done_by_the_next(rig: &Rig) {
    let stage = rig.stage();
    rig.warm().await;
    for action in possible(rig, &stage).await {
        let seq = rig.world.log().count();
        rig.world.fault(Fault::on_write().fail_before(502));
        let error = rig.write(&action).await.expect_err("scripted");
        assert_eq!(error.kind, Kind::Unavailable, "{action:?}: {error}");
        rig.world.clear_faults();
        let settled = rig.settle(&action).await.expect("can be read");
        let wanted = untold(&action, Settled::NotPerformed);
        assert_eq!(settled, wanted, "{action:?}");
        if action.safety() != Safety::AtMostOnce {
            assert!(rig.write(&action).await.expect("may write").changed);
            assert_eq!(rig.effects_since(seq), 1, "{action:?}");
        }
    }
    rig.look();
}

/// The examples that this face can do, each with something to do. What only GraphQL can is refused
/// where that is switched off, and leaves nothing.
async fn possible(rig: &Rig, stage: &Stage) -> Vec<ForgeAction> {
    let (mut can, mut cannot) = (Vec::new(), Vec::new());
    for action in ForgeAction::examples(stage) {
        let beyond = !rig.graphql && only_graphql(&action);
        if beyond { &mut cannot } else { &mut can }.push(action);
    }
    for action in cannot {
        let seq = rig.world.log().count();
        let error = rig.write(&action).await.expect_err("only GraphQL can");
        assert_eq!(error.kind, Kind::Invalid, "{action:?}: {error}");
        assert_eq!(rig.effects_since(seq), 0, "{action:?}");
    }
    can
}

fn only_graphql(action: &ForgeAction) -> bool {
    matches!(
        action,
        ForgeAction::Git(GitAction::Draft { .. } | GitAction::DisableAutoMerge { .. })
            | ForgeAction::Review(ReviewAction::Resolve { .. })
            | ForgeAction::Issue(IssueAction::Minimize { .. })
    )
}

/// What reading back shows, of an action of which something can be read back.
fn untold(action: &ForgeAction, settled: Settled) -> Settled {
    match action.safety() {
        Safety::AtMostOnce => Settled::Unknown,
        Safety::Declarative | Safety::ReadBack(_) => settled,
    }
}
