//! The driver when something goes wrong: outages, refusals, changes under its hands, deaths.

use caretaker_core::drive::known_config;
use caretaker_core::model::{HaltKind, LookVerdict, Number, Outcome, RepoRef, Span, Subject};
use caretaker_testkit::faulty::Cut;
use caretaker_testkit::story::{STALE_ONLY, Story};
use caretaker_testkit::world::Fault;
use futures_util::FutureExt;

mod answers;
mod defects;
mod pause;
mod stopped;

/// A story in which issue #2 has been quiet for long enough, and only `stale` speaks.
async fn quiet() -> Story {
    Story::quiet(STALE_ONLY).await
}

fn issue(number: u64) -> Subject {
    Subject::Issue(Number::new(number))
}

fn ask(story: &mut Story) {
    let repo = story.repo();
    story.request(&repo, issue(2), &["stale"]);
}

/// Verdict and outcome of every run of `stale`.
fn ends(story: &Story) -> Vec<String> {
    story.ends("stale")
}

/// The issue is warned, by one comment and one label, each written once.
fn is_warned_once(story: &Story) {
    assert_eq!(story.labels(2), ["stale"], "{}", story.journal());
    assert_eq!(story.comments_of_bot(2).len(), 1);
    let effects = story.log().effects().on("octo/widgets#2");
    assert_eq!(effects.count(), 2, "{effects}");
}

fn is_untouched(story: &Story) {
    let writes = story.log().writes().on("octo/widgets#2");
    assert!(writes.is_empty(), "{writes}");
}

#[tokio::test]
async fn an_outage_blocks_a_run_and_its_end_lets_it_go_on() {
    let mut story = quiet().await;
    story.fault(Fault::on("read item").times(3).fail_before(503));
    let began = story.now();
    ask(&mut story);
    story.settle().await;
    assert_eq!(
        ends(&story),
        ["warn decided"],
        "blocked attempts close nothing"
    );
    let run = story.last("stale");
    assert_eq!((run.attempt, run.blocked, run.opened_at), (1, 3, began));
    assert!(run.last_failure.unwrap().contains("503"));
    assert!(
        story.now().since(began) >= Span::seconds(35),
        "5, 10 and 20 seconds"
    );
    is_warned_once(&story);
}

#[tokio::test]
async fn an_outage_of_three_days_buries_and_a_redelivery_brings_it_back() {
    let mut story = quiet().await;
    story.expect_burials();
    story.fault(Fault::on("read item").times(u32::MAX).fail_before(503));
    story.comment(2, "carol", "hello");
    story.settle().await;
    assert_eq!(ends(&story), ["- buried"]);
    let hook = story.deliveries().pop().unwrap();
    story.clear_faults();
    story.redeliver(&hook.guid);
    story.settle().await;
    assert_eq!(ends(&story), ["- buried", "fresh decided"]);
    assert_eq!(story.last("stale").generation, 1);
}

#[tokio::test]
async fn access_denied_is_tried_three_more_times_and_then_final() {
    let mut story = quiet().await;
    let began = story.now();
    story.hide(true);
    ask(&mut story);
    story.settle().await;
    assert_eq!(ends(&story), ["- halted"]);
    let run = story.last("stale");
    assert!(matches!(
        run.outcome,
        Some(Outcome::Halted(HaltKind::NoAccess(_)))
    ));
    assert_eq!(
        (run.blocked, story.now().since(began)),
        (3, Span::minutes(2))
    );
}

#[tokio::test]
async fn a_fresh_installation_has_a_moment_to_come_into_force() {
    let mut story = quiet().await;
    story.fault(Fault::on("read").times(2).fail_before(403));
    ask(&mut story);
    story.settle().await;
    assert_eq!(ends(&story), ["warn decided"]);
    is_warned_once(&story);
}

#[tokio::test]
async fn without_credentials_nothing_is_asked_and_the_run_says_so() {
    let mut story = quiet().await;
    let before = story.log().count();
    story.lose_credentials();
    ask(&mut story);
    story.settle().await;
    let no_access = HaltKind::NoAccess("no credentials are configured".to_owned());
    assert_eq!(
        story.last("stale").outcome,
        Some(Outcome::Halted(no_access))
    );
    assert_eq!(story.log().count(), before);
}

#[tokio::test]
async fn a_rate_limit_cools_one_installation_down_and_others_go_on() {
    let mut story = quiet().await;
    let other = story.in_repo("octo/gadgets");
    let number = other.open_issue("carol", "Gadgets squeak");
    let elsewhere = RepoRef {
        installation: None,
        ..other.repo()
    };
    story.learn(&elsewhere);
    let neighbour = story.in_repo("octo/cogs");
    let cog = neighbour.open_issue("carol", "Cogs squeak");
    story.learn(&neighbour.repo());
    story.take_deliveries();
    let wait = Span::minutes(15);
    story.fault(Fault::on("read item octo/widgets").rate_limit(Some(wait)));
    let began = story.now();
    ask(&mut story);
    story.request(&elsewhere, issue(number), &["stale"]);
    story.settle_once().await;
    story.request(&neighbour.repo(), issue(cog), &["stale"]);
    story.settle().await;
    let runs = story.runs_of("stale");
    assert_eq!(runs[0].repo.as_ref().unwrap().name, "gadgets");
    assert_eq!(runs[0].closed_at, Some(began), "it did not wait");
    for of_the_installation in &runs[1..] {
        let closed = of_the_installation.closed_at;
        assert_eq!(closed, Some(began + wait), "{}", story.journal());
    }
    assert_eq!(runs.len(), 3);
    is_warned_once(&story);
}

#[tokio::test]
async fn a_sweep_that_has_to_wait_holds_nobody_else_up() {
    let mut story = quiet().await;
    let wait = Span::minutes(15);
    story.fault(Fault::on("read item octo/widgets#2").rate_limit(Some(wait)));
    let began = story.now();
    story.tick_once().await;
    assert!(
        story
            .runs_of("stale")
            .iter()
            .all(|run| run.outcome.is_none())
    );
    let other = story.open_issue("carol", "Widgets are blue");
    let repo = story.repo();
    story.request(&repo, issue(other), &["stale"]);
    story.settle_once().await;
    let runs = story.runs_of("stale");
    let asked = runs.iter().find(|run| run.closed_at.is_some()).unwrap();
    assert_eq!(asked.closed_at, Some(began), "the same installation");
    story.settle().await;
    assert_eq!(story.last("stale").closed_at, Some(began + wait));
    is_warned_once(&story);
}

#[tokio::test]
async fn a_quarantine_between_decision_and_effect_prevents_every_write() {
    let mut story = quiet().await;
    let world = story.world();
    let hook = move || world.label(2, "alice", "agent:quarantine");
    story.faulty().before("forge.read Fresh", hook);
    ask(&mut story);
    story.settle().await;
    is_untouched(&story);
    let ends = ends(&story);
    assert_eq!(ends[0], "warn overtaken", "{}", story.journal());
    let overtaken = &story.runs_of("stale")[0];
    let seen = overtaken.looked.as_ref().map(|looked| &looked.verdict);
    let LookVerdict::Changed(what) = seen.unwrap() else {
        panic!("the last look saw it: {seen:?}")
    };
    assert!(what.contains(&"quarantine".to_owned()), "{what:?}");
    assert!(!overtaken.outcome.as_ref().unwrap().is_final());
}

#[tokio::test]
async fn a_branch_that_somebody_begins_to_use_is_not_deleted() {
    let mut story = quiet().await;
    let world = story.world();
    let hook = move || {
        world.open_pull("carol", "feature", "Backport");
    };
    story.faulty().before("forge.read Fresh", hook);
    story.merge(1, "alice");
    story.settle().await;
    let deleted = story.log().effects().on("delete_branch");
    assert!(deleted.is_empty(), "{deleted}");
    assert_eq!(ends(&story)[0], "prune overtaken", "{}", story.journal());
    assert!(ends(&story).contains(&"keep decided".to_owned()));
}

#[tokio::test]
async fn a_human_word_between_decision_and_effect_prevents_the_warning() {
    let mut story = quiet().await;
    let world = story.world();
    let hook = move || {
        world.comment(2, "carol", "still here");
    };
    story.faulty().before("forge.read Fresh", hook);
    ask(&mut story);
    story.settle().await;
    is_untouched(&story);
    assert_eq!(
        ends(&story),
        ["warn overtaken", "fresh decided"],
        "{}",
        story.journal()
    );
}

#[tokio::test]
async fn a_mode_lowered_between_decision_and_effect_prevents_the_warning() {
    let mut story = quiet().await;
    let (ports, worker, repo) = (
        story.plain_ports().clone(),
        story.worker().clone(),
        story.repo(),
    );
    let world = story.world();
    let lowered = move || {
        world.config("version: v1\nsafety:\n  mode: observe\n");
        let now = ports.clock.now();
        let loading = known_config::load(&ports, &worker, &repo, true, now);
        loading.now_or_never().unwrap().unwrap();
    };
    story
        .faulty()
        .before("forge.read Shared [Activity", lowered);
    ask(&mut story);
    story.settle().await;
    is_untouched(&story);
    let ends = ends(&story);
    assert_eq!(ends[0], "warn overtaken", "{}", story.journal());
    assert_eq!(ends[1], "warn decided", "held by the mode");
}

#[tokio::test]
async fn a_lost_reply_is_not_taken_for_a_failure() {
    let mut story = quiet().await;
    story.fault(Fault::on("write add_label").fail_after(502));
    ask(&mut story);
    story.settle().await;
    assert_eq!(ends(&story), ["warn decided"]);
    is_warned_once(&story);
}

#[tokio::test]
async fn an_effect_that_failed_ends_the_run_and_the_event_is_decided_afresh() {
    let mut story = quiet().await;
    story.fault(Fault::on("write add_label").fail_before(502));
    ask(&mut story);
    story.settle().await;
    assert_eq!(ends(&story)[0], "warn interrupted");
    assert_eq!(ends(&story).last().unwrap(), "warn decided");
    is_warned_once(&story);
}

#[tokio::test]
async fn a_refused_effect_stops_the_rest_and_is_recorded() {
    let mut story = quiet().await;
    story.fault(Fault::on_write().fail_before(422));
    ask(&mut story);
    story.settle().await;
    assert_eq!(ends(&story), ["warn decided"]);
    let run = story.last("stale");
    assert_eq!(run.effects.len(), 1, "the rest of the decision built on it");
    assert_eq!(format!("{:?}", run.effects[0].result), "Refused(422)");
}

#[tokio::test]
async fn a_missing_permission_is_named_and_not_tried_again() {
    let mut story = quiet().await;
    story.permit("issues", "read");
    ask(&mut story);
    story.settle().await;
    let run = story.last("stale");
    let Some(Outcome::Halted(HaltKind::NoAccess(what))) = run.outcome else {
        panic!("{:?}", run.outcome)
    };
    assert!(what.contains("issues: write"), "{what}");
    assert_eq!(story.log().writes().on("#2").count(), 1);
}

#[tokio::test]
async fn no_effect_is_sent_under_a_lease_that_may_end_before_the_call() {
    let mut story = quiet().await;
    story.fault(Fault::on("read activity").delay(Span::seconds(6)));
    story.stop_renewing();
    ask(&mut story);
    story.settle_once().await;
    is_untouched(&story);
    let before = ends(&story);
    assert!(
        before.iter().all(|end| end == "warn interrupted"),
        "{before:?}"
    );
    story.crash().await;
    story.settle().await;
    assert_eq!(ends(&story).last().unwrap(), "warn decided");
    is_warned_once(&story);
}

#[tokio::test]
async fn a_call_without_end_is_cut_off_and_its_effect_found_there() {
    let mut story = quiet().await;
    story.fault(Fault::on("write add_label").withhold());
    ask(&mut story);
    story.settle().await;
    assert_eq!(ends(&story)[0], "warn interrupted", "{}", story.journal());
    is_warned_once(&story);
}

#[tokio::test]
async fn killed_before_a_write_the_effect_is_done_by_the_successor() {
    let mut story = quiet().await;
    story.faulty().cut_on("forge.write", Cut::CrashBefore);
    ask(&mut story);
    story.settle().await;
    assert_eq!(ends(&story), ["warn interrupted", "warn decided"]);
    is_warned_once(&story);
}

#[tokio::test]
async fn killed_after_a_write_the_effect_stands_once() {
    let mut story = quiet().await;
    story.faulty().cut_on("forge.write", Cut::CrashAfter);
    ask(&mut story);
    story.settle().await;
    let ends = ends(&story);
    assert_eq!(ends[0], "warn interrupted");
    assert_eq!(ends.last().unwrap(), "warn decided");
    let first = &story.runs_of("stale")[0].effects[0];
    assert!(format!("{:?}", first.result).starts_with("Performed"));
    is_warned_once(&story);
}

#[tokio::test]
async fn what_became_of_an_effect_is_unknown_where_nobody_may_ask() {
    let mut story = quiet().await;
    let world = story.world();
    story.faulty().cut_on("forge.write", Cut::CrashBefore);
    story
        .faulty()
        .before("forge.settle", move || world.hide(true));
    ask(&mut story);
    story.settle().await;
    let runs = story.runs_of("stale");
    assert_eq!(format!("{:?}", runs[0].effects[0].result), "Unknown");
    assert!(matches!(
        story.last("stale").outcome,
        Some(Outcome::Halted(HaltKind::NoAccess(_)))
    ));
    is_untouched_but_tried(&story);
}

fn is_untouched_but_tried(story: &Story) {
    assert!(story.log().effects().on("#2").is_empty());
}

#[tokio::test]
async fn a_run_left_open_by_an_agent_that_is_switched_off_is_closed() {
    let mut story = quiet().await;
    story.fault(Fault::on("read item").times(u32::MAX).fail_before(503));
    ask(&mut story);
    story.settle_once().await;
    assert_eq!(story.open_runs().len(), 1);
    story.config("version: v1\nstale_agent:\n  enabled: false\n");
    story.settle().await;
    assert_eq!(story.open_runs().len(), 0);
    let off = Outcome::Unheard("switched_off".to_owned());
    assert_eq!(story.last("stale").outcome, Some(off));
    story.clear_faults();
}

#[tokio::test]
async fn a_tick_whose_predecessor_has_open_children_is_superseded() {
    let mut story = quiet().await;
    story.fault(Fault::on("read item").times(u32::MAX).fail_before(503));
    story.tick_once().await;
    story.advance_only(Span::days(1));
    story.tick_once().await;
    let run = story.last("intake");
    assert!(
        matches!(run.outcome, Some(Outcome::Superseded(_))),
        "{}",
        story.journal()
    );
    assert_eq!(story.log().on("open_items").count(), 1);
    story.clear_faults();
    story.settle().await;
    is_warned_once(&story);
}
