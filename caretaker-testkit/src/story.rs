//! A whole server in one process, on virtual time: given a world, when something happens, then look.
//!
//! [`Story`] puts together the simulated GitHub, our memory and the driver. What the world emits
//! is signed, verified and accepted exactly as the door does; [`Story::settle`] expands, takes and
//! handles until nothing waits, letting virtual time pass over put-off items. Nothing sleeps.
//! Looking is in `told`, what every story must leave behind in `checks`. Not here: HTTP, and the
//! server's own loops.

mod checks;
mod pump;
mod quiet;
mod told;

use std::ops::Deref;
use std::sync::Arc;

use caretaker_core::drive::{Lease, Worker};
use caretaker_core::intake::{self, Headers, SIGNATURE_HEADER, Verifier};
use caretaker_core::model::{
    BacklogLimits, Delivery, Learned, Mode, Pause, RepoFacts, RepoRef, Span, Timestamp,
};
use caretaker_core::ports::{Clock, Forge, Ports, Write, Wrote};
use caretaker_memory::MemoryStorage;

pub use quiet::{LONG, STALE_ONLY};

use crate::clock::VirtualClock;
use crate::faulty::Faulty;
use crate::world::{Hook, World};

/// The webhook secret of every story.
const SECRET: &str = "the secret of the story";
/// Deliveries allowed to wait.
const BACKLOG: u64 = 100_000;
/// The consumer's lease, and how long it lasts.
const LEASE: &str = "consumer";
const TTL: Span = Span::seconds(15);
/// When stories begin: 2026-01-05T09:00:00Z, a Monday.
const BEGIN: Timestamp = Timestamp::from_millis(1_767_603_600_000);

/// A configuration under which every agent may act.
pub const ACT: &str = "version: v1\nsafety:\n  mode: act\n";

/// A configuration under which what is ready is merged where Dependabot proposes it or somebody who
/// may lets it in.
pub const MERGING: &str = "\
version: v1
safety:
  mode: act
pr_agent:
  merge_authority:
    mode: gate_and_merge
";

/// One server and its world. Reading and changing the world goes through [`World`]'s methods.
pub struct Story {
    world: World,
    clock: VirtualClock,
    faulty: Faulty,
    /// As the driver gets them, accidents included.
    ports: Ports,
    /// The same without accidents, for looking.
    plain: Ports,
    worker: Worker,
    /// What the door answered, by delivery.
    answers: Vec<(Hook, Wrote)>,
    renewing: bool,
    requests: u32,
    burials_expected: bool,
    /// Whether calls leave the process, so that nobody knows when they end.
    outside: bool,
}

impl Story {
    /// The populated world ([`World::new`]) whose repository has a configuration under which
    /// every agent may act.
    pub fn new() -> Self {
        let story = Self::unconfigured();
        story.world.config(ACT);
        story
    }

    /// The populated world without a configuration file.
    pub fn unconfigured() -> Self {
        Self::over(World::new, Faulty::default())
    }

    /// As [`Story::new`], with accidents at port calls.
    pub fn with_faults(faulty: Faulty) -> Self {
        let story = Self::over(World::new, faulty);
        story.world.config(ACT);
        story
    }

    /// Under [`MERGING`], a pull request of Dependabot to which only an approval is missing, with
    /// its number; what its check starts is done with, and time has passed since.
    pub async fn without_approval() -> (Self, u64) {
        let mut story = Self::unconfigured();
        story.world.config(MERGING);
        let (bot, branch) = ("dependabot[bot]", "dependabot/cog-2");
        let number = story.world.open_pull(bot, branch, "Bump cog to 2");
        story.pass(number).await;
        (story, number)
    }

    /// The check `ci` of a pull request's head ends well, and three minutes later it has settled.
    pub async fn pass(&mut self, number: u64) {
        self.world.check(number, "ci").pass();
        self.settle().await;
        self.advance(Span::minutes(3)).await;
    }

    /// Bob, who may, approves a pull request, and what follows from that is done.
    pub async fn approve(&mut self, number: u64) {
        self.world.review(number, "bob").approve();
        self.settle().await;
    }

    /// A server over a world, which it has heard of.
    pub fn over(world: impl FnOnce(Arc<dyn Clock>) -> World, faulty: Faulty) -> Self {
        let clock = VirtualClock::at(BEGIN);
        let world = world(Arc::new(clock.clone()));
        let plain = Ports {
            forge: Arc::new(world.clone()),
            storage: Arc::new(MemoryStorage::new()),
            clock: Arc::new(clock.clone()),
        };
        let ports = faulty.around(&plain);
        let worker = Worker {
            lease: lease(&plain),
            ceiling: Mode::Act,
            has_credentials: true,
            us: world.us(),
        };
        let story = Self {
            world,
            clock,
            faulty,
            ports,
            plain,
            worker,
            answers: Vec::new(),
            renewing: true,
            requests: 0,
            burials_expected: false,
            outside: false,
        };
        story.learn(&story.world.repo());
        story
    }

    /// The forge is asked through this from now on, which talks to the world over sockets; virtual
    /// time stands still while it does.
    pub fn through(&mut self, forge: Arc<dyn Forge>) {
        self.plain.forge = forge;
        self.ports = self.faulty.around(&self.plain);
        self.outside = true;
    }

    /// The server hears of a repository, as from its configuration.
    ///
    /// # Panics
    /// Never: memory learns at once.
    pub fn learn(&self, repo: &RepoRef) {
        let lesson = Learned::Known(repo.clone(), RepoFacts::default());
        let learning = self.plain.storage.commit(None, vec![Write::Learn(lesson)]);
        told::now(learning).expect("memory learns");
    }

    /// The server's own limit on every repository.
    pub fn ceiling(&mut self, ceiling: Mode) {
        self.worker.ceiling = ceiling;
    }

    /// The server has no credentials for the forge from now on.
    pub fn lose_credentials(&mut self) {
        self.world.without_credentials();
        self.worker.has_credentials = false;
    }

    /// The lease is not renewed any more, until the next crash.
    pub fn stop_renewing(&mut self) {
        self.renewing = false;
    }

    /// Somebody sets the clock on the wall forward; for the middle of a call.
    pub fn correct_clock(&self, by: Span) -> impl FnOnce() + Send + 'static {
        let clock = self.clock.clone();
        move || clock.set_wall(clock.now() + by)
    }

    /// So much time passes on both clocks, while the process is stopped; for the middle of a call.
    pub fn let_pass(&self, span: Span) -> impl FnOnce() + Send + 'static {
        let clock = self.clock.clone();
        move || clock.advance(span)
    }

    /// The operator pauses or resumes everything; for now, or for the middle of a call.
    pub fn switch(&self, paused: bool) -> impl FnOnce() + Send + 'static {
        let (plain, at) = (self.plain.clone(), self.clock.now());
        let pause = paused.then(|| Pause {
            at,
            by: "operator".to_owned(),
            why: None,
        });
        move || {
            let write = Write::Pause { repo: None, pause };
            told::now(plain.storage.commit(None, vec![write])).expect("memory keeps it");
        }
    }

    /// An event of this story may end buried; otherwise that fails it.
    pub fn expect_burials(&mut self) {
        self.burials_expected = true;
    }

    /// Another handle on the world, for what happens in the middle of a call.
    pub fn world(&self) -> World {
        self.world.clone()
    }

    /// What can go wrong at port calls.
    pub fn faulty(&self) -> &Faulty {
        &self.faulty
    }

    /// What the driver works with, without accidents.
    pub fn plain_ports(&self) -> &Ports {
        &self.plain
    }

    /// The worker in force.
    pub fn worker(&self) -> &Worker {
        &self.worker
    }

    /// The clock, for what stands beside the server.
    pub fn clock(&self) -> VirtualClock {
        self.clock.clone()
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Hands over what GitHub has sent, as the door does; one that the door could not keep is
    /// sent again, as people do who look at GitHub's list of deliveries. Says how many there were.
    async fn deliver(&mut self) -> usize {
        let hooks = self.world.take_deliveries();
        let count = hooks.len();
        for hook in hooks {
            let delivery = door(&hook, self.clock.now());
            let accept = Write::Accept {
                delivery: Box::new(delivery),
                limits: BacklogLimits::of(BACKLOG),
            };
            let committing = self.ports.storage.commit(None, vec![accept]);
            match self.drive(committing).await {
                Some(Ok(wrote)) => self
                    .answers
                    .extend(wrote.into_iter().map(|w| (hook.clone(), w))),
                Some(Err(_unavailable)) => {
                    self.world.redeliver(&hook.guid);
                }
                None => {
                    self.world.redeliver(&hook.guid);
                    self.crash().await;
                }
            }
        }
        count
    }
}

/// Signs, verifies and reads a delivery.
fn door(hook: &Hook, now: Timestamp) -> Delivery {
    let headers = hook.headers(SECRET);
    let header = |wanted: &'static str| {
        headers
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
            .map(|(_, value)| value.as_str())
    };
    let body = hook.body.as_bytes();
    let mut verifier = Verifier::new(SECRET.as_bytes());
    for chunk in body.chunks(1_000) {
        verifier.update(chunk);
    }
    let signature = header(SIGNATURE_HEADER).expect("GitHub signs");
    verifier
        .finish(signature)
        .expect("the world signs with the secret");
    let named = Headers::read(header).expect("the world sends every header");
    let envelope = intake::envelope(&named, body).expect("the world sends objects");
    Delivery::new(named.into(), now, envelope, body.to_vec())
}

/// A new lease, with a fence above all before.
fn lease(plain: &Ports) -> Lease {
    let (now, asked) = (plain.clock.now(), plain.clock.monotonic());
    let acquired = told::now(plain.storage.acquire(LEASE, "story", now, TTL));
    Lease::new(
        acquired.expect("the same worker takes its lease over"),
        asked,
        TTL,
    )
}

impl Default for Story {
    fn default() -> Self {
        Self::new()
    }
}

impl Deref for Story {
    type Target = World;
    fn deref(&self) -> &World {
        &self.world
    }
}

impl std::fmt::Debug for Story {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Story")
            .field("now", &self.now())
            .finish_non_exhaustive()
    }
}

impl Drop for Story {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let faults = self.left_behind();
        assert!(
            faults.is_empty(),
            "the story left behind:\n  {}\nwhat was decided:\n{}",
            faults.join("\n  "),
            self.journal()
        );
    }
}
