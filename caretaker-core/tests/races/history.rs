//! One history: how it begins, what is planned to happen, and what we do meanwhile.

use std::sync::{Arc, Mutex};

use caretaker_core::drive::{self, Lease, Worker};
use caretaker_core::model::{
    AgentName, Detail, Event, EventId, EventKind, Learned, Mode, Number, RepoFacts, Scope, Settle,
    Span, Subject, Timestamp, label,
};
use caretaker_core::ports::{Clock, Ports, Write};
use caretaker_core::route;
use caretaker_memory::MemoryStorage;
use caretaker_testkit::clock::VirtualClock;
use caretaker_testkit::world::{Protection, World};
use futures_util::FutureExt;

use crate::between::{Between, Moment, Told};
use crate::change::{Kind, STRANGERS, Stage};
use crate::config::{CARE_IS_GIVEN, CONFIGS};
use crate::dice::Dice;
use crate::owners;

/// 2026-01-05T09:00:00Z, a Monday.
pub(crate) const BEGIN: Timestamp = Timestamp::from_millis(1_767_603_600_000);
/// Nothing here is about leases; this one outlasts every history.
const TTL: Span = Span::days(1);
/// Times that we come back to what is put off.
const TURNS: usize = 4;
/// Longest wait for it.
const PATIENCE: Span = Span::minutes(10);

/// What can bring us to look at a pull request, requests and our own reminders among it.
const KINDS: [EventKind; 8] = [
    EventKind::Requested,
    EventKind::RecheckDue,
    EventKind::FannedOut,
    EventKind::PullPushed,
    EventKind::PullLabeled,
    EventKind::PullReadied,
    EventKind::ReviewSubmitted,
    EventKind::CheckRunFinished,
];

/// The answer of a call that never waits.
fn now<T>(call: impl Future<Output = T>) -> T {
    call.now_or_never().expect("nothing waits")
}

/// Plays the history of a seed.
pub(crate) fn play(seed: u64) -> Told {
    let mut dice = Dice::of(seed);
    let stage = begin(&mut dice);
    let plan = plan(&mut dice);
    let between = Arc::new(Between {
        stage: stage.clone(),
        told: Mutex::new(Told::planned(plan)),
        dice: Mutex::new(dice),
    });
    let ports = Ports {
        forge: Arc::clone(&between) as _,
        ..stage.plain.clone()
    };
    for turn in 0..2 {
        let kind = between.dice().one(&KINDS);
        ask(&stage, kind, turn);
        work(&stage, &ports, &between);
        if stage.world.merged_head(stage.number).is_some() {
            break;
        }
        stage.clock.advance(Span::minutes(4));
    }
    std::mem::take(&mut *between.told())
}

/// A repository with a pull request that often could go in, or nearly.
fn begin(dice: &mut Dice) -> Stage {
    let clock = VirtualClock::at(BEGIN);
    let world = World::new(Arc::new(clock.clone())).unwatched().unheard();
    world.role("rita", "write");
    world.role("ron", "read");
    world.role("tom", "triage");
    let config = match dice.below(6) {
        0 | 1 => CONFIGS[dice.below(CONFIGS.len())].text,
        2 => CARE_IS_GIVEN,
        _ => CONFIGS[0].text,
    };
    world.config(config);
    if dice.once_in(3) {
        let text = dice.one(&owners::texts());
        world.commit_file("main", "CODEOWNERS", text, "alice");
    }
    let (number, branch) = if dice.once_in(3) {
        let branch = "dependabot/cargo/x-1";
        let number = world.open_pull("dependabot[bot]", branch, "Bump x");
        (number, branch)
    } else {
        (1, "feature")
    };
    match dice.below(12) {
        0 => world.ruleset("main", Protection::checks(&["ci"])),
        1 => world.protect("main", Protection::checks(&["ci"])),
        2 => world.ruleset(
            "main",
            Protection {
                approvals: 1,
                dismiss_stale: true,
                strict: dice.once_in(2),
                ..Protection::checks(&["ci"])
            },
        ),
        3 => world.ruleset(
            "main",
            Protection {
                code_owners: true,
                ..Protection::checks(&["ci"])
            },
        ),
        _ => {}
    }
    if !dice.once_in(8) {
        world.check(number, "ci").pass();
    }
    if dice.once_in(3) {
        let ending = dice.one(&["success", "success", "skipped", "failure"]);
        world.check(number, "lint").conclude(ending);
    }
    if !dice.once_in(8) {
        world.review(number, "bob").approve();
    }
    if dice.once_in(2) {
        world.review(number, "rita").approve();
    }
    for (odds, name) in [
        (20, label::HOLD),
        (3, label::OWNED),
        (12, label::MERGE),
        (40, "wait"),
    ] {
        if dice.once_in(odds) {
            world.label(number, "alice", name);
        }
    }
    if dice.once_in(3) {
        // Nothing, where it is on already.
        world.label(number, dice.one(&STRANGERS), label::OWNED);
    }
    if !dice.once_in(10) {
        clock.advance(Span::minutes(10));
    }
    let plain = Ports {
        forge: Arc::new(world.clone()),
        storage: Arc::new(MemoryStorage::new()),
        clock: Arc::new(clock.clone()),
    };
    let lesson = Learned::Known(world.repo(), RepoFacts::default());
    now(plain.storage.commit(None, vec![Write::Learn(lesson)])).expect("memory learns");
    let (at, monotonic) = (clock.now(), clock.monotonic());
    let fence = now(plain.storage.acquire("consumer", "races", at, TTL)).expect("nobody has it");
    let worker = Worker {
        lease: Lease::new(fence, monotonic, TTL),
        ceiling: Mode::Act,
        has_credentials: true,
        us: world.us(),
    };
    let stage = Stage {
        world,
        clock,
        plain,
        worker,
        number,
        branch,
    };
    if dice.once_in(2) {
        stage.hears_of_the_configuration();
    }
    stage
}

/// Up to six changes, each at some moment; late moments as often as early ones.
fn plan(dice: &mut Dice) -> Vec<(Moment, usize, Kind)> {
    let count = dice.below(7);
    (0..count)
        .map(|_| {
            let moment = dice.one(&Moment::ALL);
            let most = match moment {
                Moment::BeforeMerge | Moment::AfterMerge => 1,
                Moment::BeforeLook | Moment::AfterLook => 2,
                _ => 4,
            };
            (moment, dice.below(most), dice.one(Kind::ALL))
        })
        .collect()
}

/// We hear of something about it.
fn ask(stage: &Stage, kind: EventKind, turn: usize) {
    let repo = stage.world.repo();
    let event = Event {
        id: EventId::new(format!("request/{turn}")),
        scope: Scope::Repo(repo.key.clone()),
        subject: Subject::Pull(Number::new(stage.number)),
        kind,
        at: stage.clock.now(),
        actor: None,
        edge_identity: None,
        detail: Detail::For(vec![AgentName::new("pr")]),
    };
    let item = route::item(event, None, repo.installation, stage.clock.now());
    let enqueue = vec![Write::Enqueue(Box::new(item))];
    now(stage.plain.storage.commit(None, enqueue)).expect("memory takes it");
}

/// Handles what waits, and what is put off for a little while.
fn work(stage: &Stage, ports: &Ports, between: &Between) {
    let (storage, worker) = (&stage.plain.storage, &stage.worker);
    for _ in 0..TURNS {
        let taken = now(storage.take(worker.lease.fence(), stage.clock.now(), 1));
        let Some(taken) = taken.expect("memory answers").pop() else {
            let next = now(storage.next_due()).expect("memory answers");
            match next.map(|next| next.since(stage.clock.now())) {
                Some(wait) if wait <= PATIENCE => stage.clock.advance(wait),
                Some(_) | None => return,
            }
            continue;
        };
        between.begins();
        let handled = now(Box::pin(drive::handle(ports, worker, &taken)));
        let handled = handled.expect("memory does not fail");
        between.ends();
        if let Settle::Buried(why) = handled.settled {
            between.told().wrong.push(format!("buried: {why}"));
        }
    }
}
