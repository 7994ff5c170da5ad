//! Recorded runs under another configuration: the same file changes nothing, another one crosses
//! the line between allowed and not exactly where it says so.

#![expect(
    clippy::disallowed_methods,
    reason = "core itself touches no file; this test reads the recorded runs"
)]
#![expect(
    clippy::unwrap_used,
    reason = "what a test stands on is its own; a panic shows where it gave way"
)]

mod scenes;

use caretaker_core::config::Config;
use caretaker_core::drive::replay;
use caretaker_core::drive::what_if::{Effect, Forecast, Silent, what_if};
use caretaker_core::model::{ForgeQuery, Mode, Query, Run, Span};
use caretaker_testkit::faulty::Faulty;
use caretaker_testkit::story::{ACT, Story};
use caretaker_testkit::world::World;
use scenes::Scene;

fn config(text: &str) -> Config {
    let parsed = Config::parse(text);
    parsed
        .config
        .unwrap_or_else(|| panic!("{:?}", parsed.problems))
}

/// Every run in `caretaker-core/journal`.
fn recorded() -> Vec<Run> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/journal");
    let mut runs = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        runs.extend(text.lines().map(|line| replay::read(line).unwrap()));
    }
    assert!(runs.len() > 8, "{}", runs.len());
    runs
}

/// The runs of a story told under one configuration.
async fn told(text: &str) -> Vec<Run> {
    let mut story = Story::over(World::new, Faulty::default());
    story.config(text);
    story.settle().await;
    story.check(1, "ci").pass();
    story.label(1, "alice", "pinned");
    story.settle().await;
    story.advance(Span::days(61)).await;
    story.tick().await;
    story.merge(1, "alice");
    story.settle().await;
    story.advance(Span::days(15)).await;
    scenes::comments(&story);
    story.runs()
}

fn only(run: &Run, config: &Config) -> Forecast {
    let forecasts = what_if(run, config).unwrap();
    let [forecast] = &forecasts[..] else {
        panic!("{forecasts:?}")
    };
    forecast.clone()
}

/// The effect on each run that can be compared.
fn effects(runs: &[Run], config: &Config) -> Vec<(String, Effect)> {
    let forecasts = runs.iter().filter_map(|run| what_if(run, config).ok());
    forecasts
        .flatten()
        .map(|forecast| (forecast.agent.to_string(), forecast.effect))
        .collect()
}

/// Runs that differ in anything at all; empty for the configuration they were recorded under.
fn unlike_same(runs: &[Run], config: &Config) -> Vec<Forecast> {
    let forecasts = runs.iter().filter_map(|run| what_if(run, config).ok());
    forecasts
        .flatten()
        .filter(|forecast| {
            let words = forecast.change.words && !forecast.other_revision;
            forecast.effect != Effect::Same || words
        })
        .collect()
}

/// The same, of runs that this build has just recorded: parameters too.
fn unlike_recorded_now(runs: &[Run], config: &Config) -> Vec<Forecast> {
    let forecasts = runs.iter().filter_map(|run| what_if(run, config).ok());
    let mut unlike = unlike_same(runs, config);
    unlike.extend(
        forecasts
            .flatten()
            .filter(|forecast| !forecast.same_settings),
    );
    unlike
}

#[test]
fn the_recorded_configuration_changes_nothing_in_any_recorded_journal() {
    let runs = recorded();
    assert_eq!(unlike_same(&runs, &config(ACT)), []);
    assert_eq!(effects(&runs, &config(ACT)).len(), runs.len());
}

#[tokio::test]
async fn the_same_configuration_changes_nothing_over_a_whole_story() {
    for text in [
        ACT,
        "version: v1\n",
        "safety: {mode: propose, writes_per_hour: 2}\nstale_agent: {stale_days: 30}\n",
        "safety: {mode: act, agents: {stale: observe}}\npr_agent: {enabled: false}\n",
        "safety: {mode: act}\norchestrator: {dry_run: true}\n",
    ] {
        let runs = told(text).await;
        assert_eq!(unlike_recorded_now(&runs, &config(text)), [], "{text}");
        let compared = effects(&runs, &config(text)).len();
        assert!(compared > 3, "{compared} of {} in {text}", runs.len());
    }
}

#[tokio::test]
async fn every_scene_is_the_same_under_its_own_configuration() {
    for scene in Scene::ALL {
        let mut story = scene.given().await;
        scene.happens(&mut story).await;
        scenes::comments(&story);
        assert_eq!(
            unlike_recorded_now(&story.runs(), &config(ACT)),
            [],
            "{scene:?}"
        );
    }
}

#[tokio::test]
async fn a_repository_without_a_file_is_the_same_under_an_empty_one() {
    let mut story = Story::unconfigured();
    story.check(1, "ci").pass();
    story.settle().await;
    let runs = story.runs();
    // The reasons tell that there was no file; what follows from them is the same.
    let effects = effects(&runs, &config(""));
    assert!(!effects.is_empty());
    assert!(effects.iter().all(|(_, effect)| *effect == Effect::Same));
}

#[test]
fn a_higher_mode_newly_allows_and_a_lower_one_newly_blocks() {
    let observed = "version: v1\n";
    for run in recorded() {
        let acted = only(&run, &config(observed));
        let does = run.reviewed.as_ref().unwrap().allowed.iter();
        let outside = does
            .filter(|planned| planned.action.loudness() > caretaker_core::model::Loudness::Internal)
            .count();
        let expected = if outside > 0 {
            Effect::NewlyBlocked
        } else {
            Effect::Same
        };
        assert_eq!(acted.effect, expected, "{}", run.id);
        // Whoever is held back may say so, which is held back too, and hands nothing on.
        let words = usize::from(run.agent.as_str() == "commands" && outside > 0);
        let change = &acted.change;
        for count in [change.allowed.lost.len(), change.held.gained.len()] {
            assert!((outside..=outside + words).contains(&count), "{}", run.id);
        }
    }
}

#[tokio::test]
async fn what_observing_held_back_is_newly_allowed_without_asking_for_the_count_of_acts() {
    let runs = told("version: v1\n").await;
    let effects = effects(&runs, &config(ACT));
    for agent in ["pr", "stale"] {
        let newly = (agent.to_owned(), Effect::NewlyAllowed);
        assert!(effects.contains(&newly), "{agent}: {effects:?}");
    }
    let asks = |(_, effect): &(String, Effect)| *effect == Effect::NeedsEvidence;
    assert!(!effects.iter().any(asks), "{effects:?}");
    // The server's ceiling is the recorded one.
    let mut limited = runs;
    for run in &mut limited {
        run.task.settings.ceiling = Mode::Observe;
    }
    let limited = self::effects(&limited, &config(ACT));
    let allowed = |(_, effect): &(String, Effect)| *effect == Effect::NewlyAllowed;
    assert!(!limited.iter().any(allowed), "{limited:?}");
}

#[test]
fn a_question_that_was_not_recorded_is_named() {
    let runs = recorded();
    let warned = runs
        .iter()
        .find(|run| {
            let verdict = run
                .decision
                .as_ref()
                .map(|decision| decision.verdict.as_str());
            run.agent.as_str() == "stale" && verdict == Some("prune")
        })
        .expect("stale prunes a branch in its journal");
    // Recorded while branches were kept, the run never asked about one.
    let mut kept = warned.clone();
    kept.task = {
        let text = "safety: {mode: act}\nstale_agent: {delete_merged_branches: false}\n";
        let mut task = kept.task.clone();
        task.params = config(text).section("stale_agent");
        task
    };
    let asked: Vec<_> = kept
        .evidence
        .iter()
        .map(|(q, a)| (q.clone(), a.clone()))
        .collect();
    kept.evidence = asked
        .into_iter()
        .filter(|(query, _)| matches!(query, Query::Forge(ForgeQuery::Item(_))))
        .collect::<Vec<_>>()
        .into();
    let agent = caretaker_core::agents::by_name("stale").unwrap();
    let (decision, reviewed) = kept.task.take(agent, &kept.evidence).unwrap();
    assert_eq!(decision.verdict, "skip");
    (kept.decision, kept.reviewed, kept.looked) = (Some(decision), Some(reviewed), None);

    let forecast = only(&kept, &config(ACT));
    assert_eq!(forecast.effect, Effect::NeedsEvidence);
    let number = kept.task.event.subject.number().unwrap();
    assert_eq!(forecast.questions, [Query::Forge(ForgeQuery::Pull(number))]);
}

#[test]
fn another_verdict_without_crossing_the_line_is_changed_otherwise() {
    let runs = recorded();
    let warned = runs.iter().find(|run| {
        let verdict = run
            .decision
            .as_ref()
            .map(|decision| decision.verdict.as_str());
        run.agent.as_str() == "stale" && verdict == Some("warn")
    });
    let mut held = warned.unwrap().clone();
    held.task.settings.mode = Mode::Observe;
    let agent = caretaker_core::agents::by_name("stale").unwrap();
    let (decision, reviewed) = held.task.take(agent, &held.evidence).unwrap();
    (held.decision, held.reviewed) = (Some(decision), Some(reviewed));
    let forecast = only(&held, &config("stale_agent: {stale_days: 3000}\n"));
    assert_eq!(forecast.effect, Effect::ChangedOtherwise);
    assert_eq!(
        (
            forecast.change.before.as_str(),
            forecast.change.after.as_str()
        ),
        ("warn", "fresh")
    );
    let forecast = only(
        warned.unwrap(),
        &config("safety: {mode: act}\nstale_agent: {stale_days: 3000}\n"),
    );
    assert_eq!(forecast.effect, Effect::NewlyBlocked);
}

#[tokio::test]
async fn switching_an_agent_off_blocks_what_it_did_and_on_asks_what_nobody_asked() {
    let runs = told(ACT).await;
    let off = config("safety: {mode: act}\nstale_agent: {enabled: false}\n");
    for run in runs
        .iter()
        .filter(|run| run.agent.as_str() == "stale" && run.decision.is_some())
    {
        let forecast = only(run, &off);
        assert_eq!(forecast.change.after, "switched_off");
        let effect = if forecast.change.allowed.lost.is_empty() {
            Effect::ChangedOtherwise
        } else {
            Effect::NewlyBlocked
        };
        assert_eq!(forecast.effect, effect);
    }
    let silent = told("pr_agent: {enabled: false}\nstale_agent: {enabled: false}\n").await;
    let unheard = silent.iter().filter(|run| run.agent.as_str() == "intake");
    let awake: Vec<Forecast> = unheard
        .filter_map(|run| what_if(run, &config(ACT)).ok())
        .flatten()
        .collect();
    assert!(
        awake
            .iter()
            .any(|forecast| forecast.effect == Effect::NeedsEvidence
                && forecast.agent.as_str() == "pr"
                && matches!(
                    forecast.questions[..],
                    [Query::Forge(ForgeQuery::Snapshot(_))]
                )),
        "{awake:?}"
    );
}

#[test]
fn records_of_other_revisions_are_compared_with_what_they_come_to_today() {
    let runs = recorded();
    let mut old = runs
        .iter()
        .find(|run| run.agent.as_str() == "stale")
        .unwrap()
        .clone();
    old.agent_revision += 1;
    if let Some(decision) = &mut old.decision {
        decision.verdict = "something else".to_owned();
    }
    let forecast = only(&old, &config(ACT));
    assert_eq!(
        (forecast.effect, forecast.other_revision),
        (Effect::Same, true)
    );
    old.agent_revision -= 1;
    let forecast = only(&old, &config(ACT));
    assert_eq!(forecast.effect, Effect::ChangedOtherwise);
}

#[test]
fn records_that_say_nothing_say_why() {
    let run = recorded().remove(0);
    let mut unknown = run.clone();
    unknown.agent = caretaker_core::model::AgentName::new("nobody");
    assert_eq!(
        what_if(&unknown, &config(ACT)),
        Err(Silent::UnknownAgent("nobody".to_owned()))
    );
    let mut undecided = run;
    (undecided.decision, undecided.reviewed) = (None, None);
    assert_eq!(what_if(&undecided, &config(ACT)), Err(Silent::NoDecision));
}
