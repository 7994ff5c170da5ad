//! `decide` of the agent `pr`, on complete evidence: 12 checks, 5 reviews, 50 comments.

use std::hint::black_box;

use caretaker_bench::figure::Better;
use caretaker_bench::report::{Report, number};
use caretaker_bench::turns::{Yardstick, best};
use caretaker_core::agents::pr::{Pr, Sections, releases};
use caretaker_core::agents::{Agent, AgentDef, Input};
use caretaker_core::model::{ActKind, CheckState, Evidence, ReviewState, Task};
use caretaker_core::scenario::{Scenario, bot, person, pull};

/// Microseconds that one decision may take.
const TARGET: f64 = 10.0;

pub(super) fn measure() -> anyhow::Result<Report> {
    let mergeable = prepared(&mergeable(), "merge");
    let blocked = prepared(&blocked(), "blocked");
    let params: Sections = mergeable.0.params.decode().map_err(anyhow::Error::msg)?;
    let stick = Yardstick::new();
    let [unit, whole, known, block, release] = best([
        &mut || stick.lay(),
        &mut || decide(&mergeable),
        &mut || decide_knowing(&mergeable, &params),
        &mut || decide(&blocked),
        &mut || release(&blocked),
    ]);
    let mut report = Report::default();
    let mut rows = Vec::new();
    for (name, what, nanos) in [
        ("mergeable", "mergeable", whole),
        (
            "known",
            "mergeable, its parameters decoded beforehand",
            known,
        ),
        ("blocked", "blocked, with what would release it", block),
        ("release", "the search for that alone", release),
    ] {
        let name = format!("decide/{name}");
        let micros = nanos / 1e3;
        let stands = if name == "decide/mergeable" {
            let stands = report.target(&name, micros, Better::Less, TARGET);
            format!("≤ {TARGET} µs: {stands}")
        } else {
            String::new()
        };
        let ratio = report.keep(&name, nanos / unit, Better::Less);
        rows.push(vec![
            what.to_owned(),
            number(micros),
            number(1e6 / micros),
            ratio,
            stands,
        ]);
    }
    report.table(
        &[
            "Pull request",
            "µs",
            "per second and core",
            "ratio to the yardstick",
            "target",
        ],
        &rows,
    );
    Ok(report)
}

/// Everything is fine and it is ours to merge.
fn mergeable() -> Scenario {
    let checks = (0..12).fold(common(), |scenario, n| {
        scenario.check(&format!("build {n}"), CheckState::Success)
    });
    (0..5).fold(checks, |scenario, n| {
        scenario.review(person(&format!("reviewer-{n}")), ReviewState::Approved)
    })
}

/// Two checks have failed, one runs, and somebody wants changes.
fn blocked() -> Scenario {
    let checks = (0..12).fold(common(), |scenario, n| {
        let state = match n {
            3 | 7 => CheckState::Failure,
            9 => CheckState::Running,
            _ => CheckState::Success,
        };
        scenario.check(&format!("build {n}"), state)
    });
    (0..5).fold(checks, |scenario, n| {
        let state = match n {
            1 => ReviewState::ChangesRequested,
            2 | 3 => ReviewState::Commented,
            _ => ReviewState::Approved,
        };
        scenario.review(person(&format!("reviewer-{n}")), state)
    })
}

/// By a bot, taken into care by this very decision, so that its whole history is read too.
fn common() -> Scenario {
    let commented = ActKind::Commented {
        marker: None,
        marked_at: None,
    };
    let required = (0..12).fold(pull(7), |scenario, n| {
        scenario.requires(&format!("build {n}"), None)
    });
    (0..50)
        .fold(required, |scenario, n| {
            scenario.act(1, person(&format!("somebody-{n}")), commented.clone())
        })
        .author(bot("dependabot[bot]"))
        .param("merge_authority.mode", "gate_and_merge")
}

fn prepared(scenario: &Scenario, verdict: &str) -> (Task, Evidence) {
    let decision = scenario.decide(&Pr).expect("everything is answered");
    assert_eq!(decision.verdict, verdict, "{:?}", decision.because);
    scenario.task(&Pr)
}

fn decide((task, evidence): &(Task, Evidence)) {
    let agent: &dyn Agent = &Pr;
    let decided = agent.decide(&input(task, evidence));
    black_box(decided).expect("everything is answered");
}

fn decide_knowing((task, evidence): &(Task, Evidence), params: &Sections) {
    let decided = AgentDef::decide(&Pr, &input(task, evidence), params);
    black_box(decided).expect("everything is answered");
}

fn release((task, evidence): &(Task, Evidence)) {
    black_box(releases(task, evidence)).expect("everything is answered");
}

fn input<'a>(task: &'a Task, evidence: &'a Evidence) -> Input<'a> {
    Input {
        event: &task.event,
        evidence,
        params: &task.params,
        settings: &task.settings,
        now: task.now,
    }
}
