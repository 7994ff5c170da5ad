//! Moving a story on: expand, take, handle, rechecks, and virtual time where that waits.

use std::collections::BTreeMap;
use std::future::Future;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use caretaker_core::drive::{self, Worker, due, hands};
use caretaker_core::model::{
    AgentName, Detail, Event, EventId, EventKind, RepoRef, Scope, Settle, Span, Subject, Taken,
    Timestamp,
};
use caretaker_core::ports::{Clock, Ports, Write};
use caretaker_core::route;
use futures_util::future::{BoxFuture, Either, select};

use super::{LEASE, Story, TTL, lease, told};

/// How long handling one item may take before it is put off.
const RUN_DEADLINE: Span = Span::seconds(30);
/// Items taken in one go.
const SLOTS: u32 = 16;
/// Steps after which a story turns in a circle.
const MOST_STEPS: usize = 3_000;
/// Times a single call may wait for the clock.
const MOST_WAITS: usize = 1_000;

impl Story {
    /// Works until nothing waits on the queue, letting time pass over what was put off. Rechecks
    /// that lie in the future stay there.
    ///
    /// # Panics
    /// When that never ends; says what turns in a circle.
    pub async fn settle(&mut self) {
        self.work(None).await;
    }

    /// Works off what is due now, and lets no time pass over what was put off.
    ///
    /// # Panics
    /// As [`Story::settle`].
    pub async fn settle_once(&mut self) {
        let mut circle = Circle::default();
        self.renew();
        while self.step(&mut circle).await {}
    }

    /// Lets time pass while the server does nothing, as if it were stopped.
    pub fn advance_only(&mut self, span: Span) {
        self.clock.advance(span);
    }

    /// Lets time pass, with everything that falls due on the way.
    ///
    /// # Panics
    /// As [`Story::settle`].
    pub async fn advance(&mut self, span: Span) {
        self.work(Some(self.clock.now() + span)).await;
    }

    /// The scheduler looks: the current window of each repository goes on the queue, and is
    /// handled.
    ///
    /// # Panics
    /// As [`Story::settle`].
    pub async fn tick(&mut self) {
        self.tick_once().await;
        self.settle().await;
    }

    /// The same, and lets no time pass over what is put off.
    ///
    /// # Panics
    /// As [`Story::settle`].
    pub async fn tick_once(&mut self) {
        self.renew();
        let (ports, worker) = (self.ports.clone(), self.worker.clone());
        if !matches!(self.drive(due::ticks(&ports, &worker)).await, Some(Ok(_))) {
            // Looks again half a minute later.
            self.crash().await;
            let (ports, worker) = (self.ports.clone(), self.worker.clone());
            let again = self.drive(due::ticks(&ports, &worker)).await;
            again
                .expect("one crash for a tick")
                .expect("one failure for a tick");
        }
        self.settle_once().await;
    }

    /// Somebody asks for one pass of these agents at a subject from the command line; it is put on
    /// the queue and not handled yet.
    pub fn request(&mut self, repo: &RepoRef, subject: Subject, agents: &[&str]) {
        self.requests += 1;
        let event = Event {
            id: EventId::new(format!("request/{}", self.requests)),
            scope: Scope::Repo(repo.key.clone()),
            subject,
            kind: EventKind::Requested,
            at: self.clock.now(),
            actor: None,
            edge_identity: None,
            detail: Detail::For(agents.iter().map(|name| AgentName::new(*name)).collect()),
        };
        let item = route::item(event, None, repo.installation, self.clock.now());
        let enqueue = vec![Write::Enqueue(Box::new(item))];
        told::now(self.plain.storage.commit(None, enqueue)).expect("memory takes it");
    }

    /// The process dies and another one takes over at once: a new fence, recovery, and on.
    pub async fn crash(&mut self) {
        self.worker.lease = lease(&self.plain);
        self.renewing = true;
        let (ports, worker) = (self.ports.clone(), self.worker.clone());
        // What recovery could not settle is settled when its event is taken.
        let recovered = self.drive(drive::recover::recover(&ports, &worker)).await;
        if recovered.is_none() {
            self.worker.lease = lease(&self.plain);
        }
    }

    async fn work(&mut self, until: Option<Timestamp>) {
        let mut circle = Circle::default();
        loop {
            self.renew();
            if self.step(&mut circle).await {
                continue;
            }
            let next = told::now(self.plain.storage.next_due()).expect("memory answers");
            let next = match until {
                None => next,
                Some(until) => {
                    let rechecks = told::now(self.plain.storage.due_rechecks(until, 1));
                    let recheck = rechecks.expect("memory answers").first().map(|due| due.at);
                    next.into_iter().chain(recheck).min()
                }
            };
            let now = self.clock.now();
            match (next, until) {
                (Some(next), None) => self.clock.advance(next.since(now)),
                (Some(next), Some(until)) if next <= until => self.clock.advance(next.since(now)),
                (_, Some(until)) => {
                    self.clock.advance(until.since(now));
                    self.renew();
                    while self.step(&mut circle).await {}
                    return;
                }
                (None, None) => return,
            }
            circle.turn("nothing could be taken, though it was due".to_owned());
        }
    }

    /// One round; says whether anything was done.
    async fn step(&mut self, circle: &mut Circle) -> bool {
        let delivered = self.deliver().await;
        let (ports, worker) = (self.ports.clone(), self.worker.clone());
        let mut done = delivered > 0;
        match self.drive(drive::expand::expand(&ports, &worker)).await {
            Some(Ok((expanded, _))) => done |= expanded > 0,
            Some(Err(error)) => return self.stumble(circle, &format!("expand: {error}")).await,
            None => return self.stumble(circle, "expand: crash").await,
        }
        match self.drive(due::rechecks(&ports, &worker)).await {
            Some(Ok(queued)) => done |= queued > 0,
            Some(Err(error)) => return self.stumble(circle, &format!("rechecks: {error}")).await,
            None => return self.stumble(circle, "rechecks: crash").await,
        }
        let (fence, now) = (worker.lease.fence(), self.clock.now());
        let taken = match self.drive(ports.storage.take(fence, now, SLOTS)).await {
            Some(Ok(taken)) => taken,
            // Whether items are in our hands now is not known: a new fence makes them wait again.
            Some(Err(error)) => return self.stumble(circle, &format!("take: {error}")).await,
            None => return self.stumble(circle, "take: crash").await,
        };
        for taken in &taken {
            done = true;
            circle.turn(format!(
                "{:?} at {}",
                taken.item.event.kind, taken.item.event.subject
            ));
            if !self.handle(taken).await {
                break;
            }
        }
        done
    }

    /// Works until nothing is due and nothing is in hands, with many items in hands at once as the
    /// server has them, while `meanwhile` happens beside it; lets time pass where all of it waits.
    /// Nothing dies in it.
    ///
    /// # Panics
    /// As [`Story::settle`], and when a port fails.
    pub async fn settle_beside(&mut self, meanwhile: impl Future<Output = ()> + Send + 'static) {
        let mut circle = Circle::default();
        let mut meanwhile: Option<BoxFuture<'static, ()>> = Some(Box::pin(meanwhile));
        let mut hands: Vec<BoxFuture<'static, ()>> = Vec::new();
        loop {
            self.renew();
            self.deliver().await;
            let (ports, worker) = (self.ports.clone(), self.worker.clone());
            let expanded = drive::expand::expand(&ports, &worker).await;
            let (expanded, _) = expanded.expect("nothing fails beside");
            let (fence, now) = (worker.lease.fence(), self.clock.now());
            let taken = hands::take(&*ports.storage, fence, now, hands.len()).await;
            for taken in taken.expect("nothing fails beside") {
                circle.turn(format!("{:?}", taken.item.event.kind));
                hands.push(Box::pin(in_hands(ports.clone(), worker.clone(), taken)));
            }
            if hands.is_empty() && meanwhile.is_none() {
                return;
            }
            let mut moved = expanded > 0;
            if let Some(beside) = &mut meanwhile
                && futures_util::poll!(beside.as_mut()).is_ready()
            {
                meanwhile = None;
                moved = true;
            }
            let before = hands.len();
            let mut waiting = Vec::new();
            for mut hand in hands {
                if futures_util::poll!(hand.as_mut()).is_pending() {
                    waiting.push(hand);
                }
            }
            hands = waiting;
            moved |= hands.len() != before || self.deliver().await > 0;
            if !moved {
                let waited = self.clock.advance_to_next();
                assert!(waited.is_some(), "all of it waits for what never comes");
            }
        }
    }

    /// Handles an item as the consumer does; false when the process died or lost its lease.
    async fn handle(&mut self, taken: &Taken) -> bool {
        self.renew();
        let (ports, worker) = (self.ports.clone(), self.worker.clone());
        let handling = async {
            let handling = Box::pin(drive::handle(&ports, &worker, taken));
            match select(handling, ports.clock.sleep(RUN_DEADLINE)).await {
                Either::Left((handled, _)) => handled.map(|handled| handled.settled).map_err(Some),
                Either::Right(_) => Err(None),
            }
        };
        let error = match self.drive(handling).await {
            None => {
                self.crash().await;
                return false;
            }
            Some(Ok(
                Settle::Done | Settle::Later { .. } | Settle::Buried(_) | Settle::Superseded(_),
            )) => {
                return true;
            }
            Some(Err(Some(error))) if drive::is_fenced(&error) => {
                self.crash().await;
                return false;
            }
            Some(Err(Some(error))) => error.to_string(),
            Some(Err(None)) => "handling took too long".to_owned(),
        };
        let given = drive::put_off(&ports, &worker, taken, &error, false);
        if matches!(self.drive(given).await, Some(Ok(_))) {
            return true;
        }
        // It may still be in our hands: a new fence makes it wait again.
        self.crash().await;
        false
    }

    async fn stumble(&mut self, circle: &mut Circle, what: &str) -> bool {
        circle.turn(what.to_owned());
        self.crash().await;
        true
    }

    /// Polls to the end, letting virtual time pass while it waits; `None` when the process died.
    pub(super) async fn drive<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let mut work = pin!(work);
        if self.outside {
            let until_dead = poll_fn(|context| {
                let polled = work.as_mut().poll(context);
                if self.faulty.crashed() {
                    return Poll::Ready(None);
                }
                polled.map(Some)
            });
            return until_dead.await;
        }
        for _ in 0..MOST_WAITS {
            let polled = futures_util::poll!(work.as_mut());
            if self.faulty.crashed() {
                return None;
            }
            if let Poll::Ready(ended) = polled {
                return Some(ended);
            }
            let waited = self.clock.advance_to_next();
            assert!(
                waited.is_some(),
                "a call waits for what never comes: {:?}",
                self.world.held_calls()
            );
            self.renew();
        }
        panic!("a call still waits after {MOST_WAITS} moves of the clock");
    }

    /// Renews the lease where it is time, as the consumer does beside its work.
    fn renew(&self) {
        let asked = self.clock.monotonic();
        if self.renewing && self.worker.lease.is_due(asked, TTL) {
            let fence = self.worker.lease.fence();
            let renewed = told::now(
                self.plain
                    .storage
                    .renew(LEASE, fence, self.clock.now(), TTL),
            );
            if renewed.is_ok() {
                self.worker.lease.renewed(asked, TTL);
            }
        }
    }
}

/// Handles one of several items in hands, and puts it off when it takes too long.
async fn in_hands(ports: Ports, worker: Worker, taken: Taken) {
    let handling = Box::pin(drive::handle(&ports, &worker, &taken));
    let error = match select(handling, ports.clock.sleep(RUN_DEADLINE)).await {
        Either::Left((Ok(_handled), _)) => return,
        Either::Left((Err(error), _)) => error.to_string(),
        Either::Right(_) => "handling took too long".to_owned(),
    };
    let given = drive::put_off(&ports, &worker, &taken, &error, false).await;
    given.expect("nothing fails beside");
}

/// Counts what is done, and gives up when it never ends.
#[derive(Default)]
struct Circle {
    steps: usize,
    what: BTreeMap<String, usize>,
}

impl Circle {
    fn turn(&mut self, what: String) {
        self.steps += 1;
        *self.what.entry(what).or_default() += 1;
        assert!(
            self.steps < MOST_STEPS,
            "turns in a circle; how often what was done: {:#?}",
            self.what
        );
    }
}
