//! Takes what waits and hands it to the driver; holds the lease while it does.
//!
//! One lease covers the whole store. While it is held, deliveries are expanded in order of
//! acceptance and items are taken as slots are free; each is handled in a task of its own, with
//! a deadline, so that one slow subject holds up no other. A task that panics or runs out of time
//! puts its item off. A lost lease (a stopped process, a lowered fence) abandons everything in
//! hands silently: a successor settles it.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::Context as _;
use caretaker_core::drive::{self, Lease, Worker, hands};
use caretaker_core::intake::Us;
use caretaker_core::model::{Mode, Settle, Span, Taken};
use caretaker_core::ports::{Clock, Kind, PortError, Ports};
use caretaker_wiring::telemetry::record;
use futures_util::future::{Either, select};
use tokio::sync::{Notify, watch};
use tokio::task::{Id, JoinSet};

use super::log;
use super::standby::{self, Standby};
use super::vitals::Vitals;

/// Name of the lease.
pub const LEASE: &str = "consumer";
/// How long a lease lasts without renewal.
pub const LEASE_TTL: Span = Span::seconds(15);
/// How long handling one item may take before it is put off.
const RUN_DEADLINE: Span = Span::seconds(30);
/// How long to wait for news before looking again; other processes enqueue without telling us.
const LOOK_AGAIN: Span = Span::seconds(1);
/// How long work in hands may go on once the server stops.
const DRAIN: Span = Span::seconds(7);

/// What the consumer needs.
#[derive(Clone)]
pub struct Consumer {
    /// Memory, forge and time.
    pub ports: Ports,
    /// This process's name of itself.
    pub name: String,
    /// The server's own limit.
    pub ceiling: Mode,
    /// Whether there are credentials.
    pub has_credentials: bool,
    /// Who we are, once the forge has said so.
    pub us: watch::Receiver<Us>,
    /// Rung when something was put on the queue.
    pub news: Arc<Notify>,
    /// How the parts are.
    pub vitals: Arc<Vitals>,
    /// The lease in force, for the other parts; `None` between leases.
    pub worker: watch::Sender<Option<Worker>>,
}

impl Consumer {
    /// Works until told to stop; then finishes what is in hands, or abandons it after a while.
    ///
    /// # Errors
    /// When the lease cannot be taken for a reason other than that somebody else holds it.
    pub async fn run(self, mut stop: watch::Receiver<bool>) -> anyhow::Result<()> {
        let mut standby = Standby::default();
        // One that panicked may have left the lease in force behind.
        self.worker.send_replace(None);
        while !*stop.borrow() {
            let asked = self.ports.clock.monotonic();
            let acquired = self
                .ports
                .storage
                .acquire(LEASE, &self.name, self.ports.clock.now(), LEASE_TTL)
                .await;
            match acquired {
                Ok(fence) => {
                    let worker = Worker {
                        lease: Lease::new(fence, asked, LEASE_TTL),
                        ceiling: self.ceiling,
                        has_credentials: self.has_credentials,
                        us: self.us.borrow().clone(),
                    };
                    self.vitals.stands_by(false);
                    tracing::info!(fence = fence.0, "holding the lease");
                    let wait = standby.settles_after(asked);
                    standby = Standby::default();
                    self.hold(worker, wait, &mut stop).await;
                    self.worker.send_replace(None);
                }
                Err(error) if error.kind == Kind::Conflict => {
                    self.vitals.consumer_looked(self.ports.clock.monotonic());
                    if self.vitals.stands_by(true) {
                        tracing::info!(why = %error, "standing by");
                    }
                    self.watch(&mut standby).await;
                    self.pause(standby::LOOK, &mut stop).await;
                }
                Err(error) if error.kind == Kind::Unavailable => {
                    tracing::error!(error = %error, "could not take the lease");
                    self.pause(LOOK_AGAIN, &mut stop).await;
                }
                Err(error) => return Err(error).context("taking the consumer's lease"),
            }
        }
        Ok(())
    }

    /// Looks at who holds the lease, and ends that of a holder that does not renew.
    async fn watch(&self, standby: &mut Standby) {
        let storage = &self.ports.storage;
        let holder = match storage.holder(LEASE, self.ports.clock.now()).await {
            Ok(holder) => holder,
            Err(error) => {
                tracing::warn!(error = %error, "could not ask who holds the lease");
                return;
            }
        };
        let Some(silent) = standby.saw(holder.as_ref(), self.ports.clock.monotonic()) else {
            return;
        };
        let before = holder.map(|holder| holder.worker).unwrap_or_default();
        match storage.release(LEASE, silent).await {
            Ok(()) => tracing::warn!(%before, "taking over from a holder that does not renew"),
            Err(error) => tracing::warn!(error = %error, "could not end a lease that lapsed"),
        }
    }

    /// Works as long as the lease is held and our memory answers; other parts work with it once
    /// what was left is settled. What the holder before us began is settled after `wait`.
    ///
    /// A failure of our memory may leave items in flight under our own fence that nobody works on:
    /// everything in hands is abandoned then, and comes back under the next fence. Calls to the
    /// forge end first, so that the next fence does not settle them while they still take effect.
    async fn hold(&self, mut worker: Worker, wait: Span, stop: &mut watch::Receiver<bool>) {
        let begins = self.ports.clock.monotonic() + wait;
        while self.ports.clock.monotonic() < begins && !*stop.borrow() {
            self.vitals.consumer_looked(self.ports.clock.monotonic());
            if let Err(error) = self.renew_if_due(&worker).await {
                tracing::warn!(error = %error, "the lease was lost before anything was settled");
                return;
            }
            self.pause(standby::LOOK, stop).await;
        }
        if !*stop.borrow() && !self.recover(&worker).await {
            return;
        }
        self.worker.send_replace(Some(worker.clone()));
        let mut hands = Hands::default();
        while !*stop.borrow() {
            worker.us = self.us.borrow().clone();
            self.vitals.consumer_looked(self.ports.clock.monotonic());
            if let Err(error) = self.turn(&worker, &mut hands, stop).await {
                if drive::is_fenced(&error) {
                    hands.abandon(&worker);
                    return;
                }
                self.vitals.store_failed();
                tracing::error!(error = %error, "our memory failed; beginning anew");
                let clock = self.ports.clock.as_ref();
                hands.finish_within(clock, drive::CALL_DEADLINE).await;
                hands.abandon(&worker);
                self.pause(LOOK_AGAIN, stop).await;
                return;
            }
            self.vitals.store_answered();
        }
        self.drain(&worker, hands).await;
    }

    /// Renews if due, does what there is to do, or waits for more.
    async fn turn(
        &self,
        worker: &Worker,
        hands: &mut Hands,
        stop: &mut watch::Receiver<bool>,
    ) -> Result<(), PortError> {
        self.renew_if_due(worker).await?;
        if self.step(worker, hands).await? {
            return Ok(());
        }
        tokio::select! {
            () = self.news.notified() => Ok(()),
            () = self.ports.clock.sleep(LOOK_AGAIN) => Ok(()),
            ended = hands.next(), if !hands.is_empty() => self.ended(worker, ended).await,
            _ = stop.changed() => Ok(()),
        }
    }

    /// Settles what an earlier process left, renewing meanwhile: the forge may be slow to answer.
    /// Says whether the lease is still ours.
    async fn recover(&self, worker: &Worker) -> bool {
        let mut recovering = Box::pin(drive::recover::recover(&self.ports, worker));
        loop {
            tokio::select! {
                recovered = &mut recovering => {
                    match recovered {
                        Ok(runs) => runs.iter().for_each(log::closed),
                        Err(error) if drive::is_fenced(&error) => return false,
                        Err(error) => {
                            tracing::warn!(error = %error, "could not settle every open run yet");
                        }
                    }
                    return true;
                }
                () = self.ports.clock.sleep(LOOK_AGAIN) => {
                    if matches!(self.renew_if_due(worker).await, Err(e) if drive::is_fenced(&e)) {
                        return false;
                    }
                }
            }
        }
    }

    /// Expands, collects what has ended, takes what there is room for. Says whether there may be
    /// more to do at once.
    async fn step(&self, worker: &Worker, hands: &mut Hands) -> Result<bool, PortError> {
        let (expanded, records) = drive::expand::expand(&self.ports, worker).await?;
        records.iter().for_each(log::closed);
        while let Some(ended) = hands.try_next() {
            self.ended(worker, ended).await?;
        }
        let (fence, now) = (worker.lease.fence(), self.ports.clock.now());
        let taken = hands::take(&*self.ports.storage, fence, now, hands.len()).await?;
        let took = taken.len();
        for taken in taken {
            hands.spawn(self.ports.clone(), worker.clone(), taken);
        }
        Ok(expanded > 0 || took > 0)
    }

    /// What follows from a task's end. An item that cannot be given back is an error: somebody
    /// else has to take it over.
    async fn ended(&self, worker: &Worker, ended: Ended) -> Result<(), PortError> {
        match ended {
            Ended::Handled(handled) => {
                handled.closed.iter().for_each(log::closed);
                if let Settle::Later { at, error, .. } = &handled.settled {
                    record::put_off();
                    tracing::info!(at = %at, why = %error, "put off");
                }
                Ok(())
            }
            Ended::Failed(_, Some(error), _) if drive::is_fenced(&error) => Err(error),
            Ended::Failed(taken, error, fault) => {
                let text = error.map_or_else(
                    || "handling took too long or panicked".to_owned(),
                    |error| error.to_string(),
                );
                record::put_off();
                tracing::warn!(event.id = %taken.item.event.id, why = %text, "put off");
                drive::put_off(&self.ports, worker, &taken, &text, fault).await?;
                Ok(())
            }
        }
    }

    /// Lets work in hands end, for a while, and gives the lease back.
    async fn drain(&self, worker: &Worker, mut hands: Hands) {
        let until = self.ports.clock.monotonic() + DRAIN;
        while !hands.is_empty() {
            let left = until - self.ports.clock.monotonic();
            tokio::select! {
                ended = hands.next() => {
                    if let Err(error) = self.ended(worker, ended).await {
                        tracing::warn!(error = %error, "could not give an item back; recovery does");
                        break;
                    }
                }
                () = self.ports.clock.sleep(left) => break,
            }
        }
        hands.abandon(worker);
        let fence = worker.lease.fence();
        if let Err(error) = self.ports.storage.release(LEASE, fence).await {
            tracing::warn!(error = %error, "could not give the lease back; it ends by itself");
        }
    }

    /// Renews in time, so that every call to the forge fits into what is left.
    async fn renew_if_due(&self, worker: &Worker) -> Result<(), PortError> {
        let asked = self.ports.clock.monotonic();
        if !worker.lease.is_due(asked, LEASE_TTL) {
            return Ok(());
        }
        let now = self.ports.clock.now();
        self.ports
            .storage
            .renew(LEASE, worker.lease.fence(), now, LEASE_TTL)
            .await?;
        worker.lease.renewed(asked, LEASE_TTL);
        Ok(())
    }

    async fn pause(&self, span: Span, stop: &mut watch::Receiver<bool>) {
        tokio::select! {
            () = self.ports.clock.sleep(span) => {}
            _ = stop.changed() => {}
        }
    }
}

/// How a task ended.
enum Ended {
    Handled(drive::Handled),
    /// With our own memory's error, or without one when it ran out of time or panicked; and
    /// whether the item itself is likely at fault.
    Failed(Box<Taken>, Option<PortError>, bool),
}

/// The items in hands.
#[derive(Default)]
struct Hands {
    tasks: JoinSet<Ended>,
    /// What a task works on, should it panic.
    items: HashMap<Id, Taken>,
}

impl Hands {
    fn len(&self) -> usize {
        self.tasks.len()
    }

    fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }

    fn spawn(&mut self, ports: Ports, worker: Worker, taken: Taken) {
        let known = taken.clone();
        let task = self.tasks.spawn(async move {
            let handling = Box::pin(drive::handle(&ports, &worker, &taken));
            let ended = match select(handling, ports.clock.sleep(RUN_DEADLINE)).await {
                Either::Left((Ok(handled), _)) => Ok(handled),
                Either::Left((Err(error), _)) => Err(Some(error)),
                Either::Right(_) => Err(None),
            };
            match ended {
                Ok(handled) => Ended::Handled(handled),
                Err(error) => {
                    let fault = error.as_ref().is_some_and(|error| comes_again(error.kind));
                    Ended::Failed(Box::new(taken), error, fault)
                }
            }
        });
        self.items.insert(task.id(), known);
    }

    /// The next task that ends. Cancel-safe.
    async fn next(&mut self) -> Ended {
        match self.tasks.join_next_with_id().await {
            Some(joined) => self.end(joined),
            None => std::future::pending().await,
        }
    }

    /// Lets tasks end for a while. Their results are not needed: the fence guards what they write.
    async fn finish_within(&mut self, clock: &dyn Clock, span: Span) {
        let mut over = clock.sleep(span);
        while !self.is_empty() {
            tokio::select! {
                _ = self.next() => {}
                () = &mut over => return,
            }
        }
    }

    fn try_next(&mut self) -> Option<Ended> {
        let joined = self.tasks.try_join_next_with_id()?;
        Some(self.end(joined))
    }

    fn end(&mut self, joined: Result<(Id, Ended), tokio::task::JoinError>) -> Ended {
        match joined {
            Ok((id, ended)) => {
                self.items.remove(&id);
                ended
            }
            Err(error) => {
                let taken = self
                    .items
                    .remove(&error.id())
                    .expect("every task's item is kept");
                Ended::Failed(Box::new(taken), None, true)
            }
        }
    }

    /// Stops everything where it is; recovery settles it.
    fn abandon(mut self, worker: &Worker) {
        if !self.tasks.is_empty() {
            let (fence, items) = (worker.lease.fence().0, self.tasks.len());
            tracing::warn!(fence, items, "left unfinished items to recovery");
        }
        self.tasks.abort_all();
    }
}

/// Whether a failure is of the kind that trying again does not mend. Such items count as faulty,
/// and are buried after a few tries instead of coming back for ever.
fn comes_again(kind: Kind) -> bool {
    match kind {
        Kind::Invalid | Kind::Corrupt | Kind::Conflict => true,
        Kind::NotFound
        | Kind::Denied
        | Kind::Fenced
        | Kind::RateLimited(_)
        | Kind::Unavailable
        | Kind::Full
        | Kind::Refused(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use caretaker_core::model::Timestamp;
    use caretaker_testkit::clock::VirtualClock;

    use super::*;

    #[test]
    fn what_trying_again_does_not_mend_counts_against_the_item() {
        for kind in [Kind::Invalid, Kind::Corrupt, Kind::Conflict] {
            assert!(comes_again(kind), "{kind}");
        }
        for kind in [Kind::Unavailable, Kind::Fenced, Kind::Full] {
            assert!(!comes_again(kind), "{kind}");
        }
    }

    fn handled() -> Ended {
        Ended::Handled(drive::Handled {
            closed: Vec::new(),
            settled: Settle::Later {
                at: Timestamp::from_millis(0),
                error: String::new(),
                fault: false,
            },
        })
    }

    #[tokio::test]
    async fn what_is_in_hands_may_end_but_is_not_waited_for_longer_than_said() {
        let clock = VirtualClock::at(Timestamp::from_millis(0));
        let mut hands = Hands::default();
        let ended = Arc::new(Notify::new());
        let (end, sleeper) = (Arc::clone(&ended), clock.clone());
        hands.tasks.spawn(async move {
            sleeper.sleep(Span::seconds(4)).await;
            end.notify_one();
            handled()
        });
        hands.tasks.spawn(std::future::pending());
        let span = drive::CALL_DEADLINE;
        let finish = hands.finish_within(&clock, span);
        let turn = async {
            while clock.monotonic() < span {
                tokio::task::yield_now().await;
                clock.advance_to_next();
            }
        };
        tokio::join!(finish, turn);
        ended.notified().await;
        assert_eq!(
            hands.len(),
            1,
            "the one that ended is gone, the other still there"
        );
        assert_eq!(clock.monotonic(), span);
    }
}
