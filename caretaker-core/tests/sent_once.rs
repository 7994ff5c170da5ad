//! What leaves no trace on the forge is sent once, whoever asks and whatever becomes of the reply.

use std::collections::BTreeMap;

use caretaker_core::agents::{
    self, AgentDef, Input, Manifest, Only, Own, ParamsFrom, Reacts, SubjectKind, Trigger, View,
};
use caretaker_core::model::{
    Action, CiAction, Decision, EffectResult, EventKind, ForgeAction, Halt, Item, Loudness, Number,
    Reason, RepositoryDispatch, Subject, Timestamp,
};
use caretaker_testkit::story::Story;
use caretaker_testkit::world::Fault;
use serde::Deserialize;

/// Raises one event for each issue.
struct Raiser;

const KEYS: &str = "raiser_agent.enabled\tbool\ttrue\t-\tactive\tRaise an event for each issue\n";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    #[serde(rename = "enabled")]
    _enabled: bool,
}

impl AgentDef for Raiser {
    type Params = Params;

    const MANIFEST: Manifest = Manifest {
        name: "raiser",
        summary: "Raises an event for each issue.",
        revision: 1,
        params: ParamsFrom::Section("raiser_agent"),
        hears: &[Trigger {
            kinds: &[EventKind::Requested],
            reacts: Reacts::Level,
            only: Only::All,
            expires: None,
        }],
        subjects: &[SubjectKind::Issue],
        every: None,
        view: View::Item,
        loudest: Loudness::Act,
        permissions: &["contents: write"],
        verdicts: &["raise"],
    };

    fn wants(&self, _row: &Item, _params: &Params, _now: Timestamp) -> bool {
        false
    }

    fn decide(&self, input: &Input<'_>, _params: &Params) -> Result<Decision, Halt> {
        let raise = CiAction::DispatchRepository(RepositoryDispatch {
            event_type: "tidy".to_owned(),
            payload: BTreeMap::new(),
            correlation: input.event.subject.to_string(),
        });
        let because = Reason::leaf("somebody_asked", true);
        let act = Action::Forge(ForgeAction::Ci(raise));
        Ok(Decision::because("raise", because).then(act, "so that it is tidied"))
    }
}

fn story() -> Story {
    static REGISTERED: std::sync::Once = std::sync::Once::new();
    REGISTERED.call_once(|| {
        let own = Own {
            agent: &Raiser,
            keys: KEYS,
        };
        agents::register(&[own]).expect("nothing was decided before");
    });
    Story::new()
}

async fn ask(story: &mut Story) -> Vec<EffectResult> {
    let issue = Subject::Issue(Number::new(2));
    story.request(&story.repo(), issue, &["raiser"]);
    story.settle().await;
    let effects = story.last("raiser").effects.into_iter();
    effects.map(|effect| effect.result).collect()
}

#[tokio::test]
async fn another_run_that_wants_the_same_sends_nothing() {
    let mut story = story();
    for _ in 0..3 {
        ask(&mut story).await;
    }
    assert_eq!(story.runs_of("raiser").len(), 3);
    assert_eq!(story.raised().len(), 1, "{}", story.log());
}

#[tokio::test]
async fn a_lost_reply_ends_as_unknown_and_is_not_repeated() {
    let mut story = story();
    story.fault(Fault::on("dispatch_repository").fail_after(500));
    assert_eq!(ask(&mut story).await, [EffectResult::Unknown]);
    assert_eq!(
        story.ends("raiser"),
        ["raise decided"],
        "it is not tried again"
    );
    assert_eq!(ask(&mut story).await, [EffectResult::Unknown]);
    assert_eq!(story.raised().len(), 1, "{}", story.log());
}

#[tokio::test]
async fn what_may_not_have_arrived_is_not_sent_again_either() {
    let mut story = story();
    story.fault(Fault::on("dispatch_repository").fail_before(502));
    assert_eq!(ask(&mut story).await, [EffectResult::Unknown]);
    ask(&mut story).await;
    assert_eq!(story.raised().len(), 0, "{}", story.log());
}

#[tokio::test]
async fn what_was_refused_or_put_off_by_a_limit_is_sent_later() {
    let mut story = story();
    story.fault(Fault::on("dispatch_repository").fail_before(422));
    assert_eq!(ask(&mut story).await, [EffectResult::Refused(422)]);
    story.clear_faults();
    let limit = Fault::on("write dispatch_repository").rate_limit(None);
    story.fault(limit);
    ask(&mut story).await;
    assert_eq!(story.raised().len(), 1, "{}", story.log());
    ask(&mut story).await;
    assert_eq!(story.raised().len(), 1, "{}", story.log());
}
