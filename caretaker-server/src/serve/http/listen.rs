//! Connections: how many there may be, and how long one may make the others wait.
//!
//! `axum::serve` takes as many as come and waits for as long as they like. Here a connection that
//! is silent, or does not get to the end of a request's head, is closed in time; and where there
//! are too many, the one that has waited longest for a request makes room for the next. One that is
//! being answered is never closed for another. Bodies are bounded where they are read.

use std::collections::BTreeMap;
use std::io;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use caretaker_core::model::Span;
use caretaker_core::ports::Clock;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;

use crate::serve::shutdown;
use crate::settings::Http;

/// Bytes of a request's head; GitHub sends about one thousand.
const HEAD: usize = 64 * 1024;
/// How long to leave the system alone that lets us open no more connections.
const OUT_OF_FILES: Span = Span::seconds(1);

/// Serves until told to stop; then ends what is idle, and waits for what is being answered.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    bounds: Http,
    clock: Arc<dyn Clock>,
    stop: watch::Receiver<bool>,
) {
    let mut http = http1::Builder::new();
    let head = u64::try_from(bounds.header_timeout.as_millis()).unwrap_or(0);
    http.timer(TokioTimer::new())
        .header_read_timeout(std::time::Duration::from_millis(head))
        .max_buf_size(HEAD);
    let room = Arc::new(Room::of(bounds.max_connections));
    let mut connections = JoinSet::new();
    let mut told = pin!(shutdown::requested(stop.clone()));
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut told => break,
        };
        while connections.try_join_next().is_some() {}
        match accepted {
            Ok((stream, _from)) => {
                let seat = tokio::select! {
                    seat = room.seat() => seat,
                    () = &mut told => break,
                };
                let router = router.clone();
                connections.spawn(connection(http.clone(), stream, router, seat, stop.clone()));
            }
            Err(error) if is_of_one(&error) => {}
            Err(error) => {
                tracing::error!(%error, "no connection can be taken");
                clock.sleep(OUT_OF_FILES).await;
            }
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

/// Whether the error concerns the connection alone that could not be taken.
fn is_of_one(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
    )
}

async fn connection(
    http: http1::Builder,
    stream: TcpStream,
    router: Router,
    seat: Arc<Seat>,
    mut stop: watch::Receiver<bool>,
) {
    let app = TowerToHyperService::new(router);
    let answering = Arc::clone(&seat);
    let service = service_fn(move |request| {
        let (answer, busy) = (app.call(request), Busy::of(&answering));
        async move {
            let answer = answer.await;
            drop(busy);
            answer
        }
    });
    let mut connection = pin!(http.serve_connection(TokioIo::new(stream), service));
    let mut stopping = false;
    loop {
        tokio::select! {
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(%error, "a connection was closed");
                }
                return;
            }
            () = seat.leave.notified() => {}
            _changed = stop.changed(), if !stopping => stopping = true,
        }
        if !seat.busy.load(Ordering::Relaxed) {
            return;
        }
        // Somebody is being answered; nothing comes after that.
        connection.as_mut().graceful_shutdown();
    }
}

/// Where connections sit.
struct Room {
    seats: Arc<Semaphore>,
    waiting: Mutex<Waiting>,
}

/// Connections that wait for a request, longest first.
#[derive(Default)]
struct Waiting {
    turn: u64,
    by_turn: BTreeMap<u64, Arc<Notify>>,
    /// Whether a connection stands at the door, so that the next one to be done makes room.
    wanted: bool,
}

impl Room {
    fn of(seats: usize) -> Self {
        Self {
            seats: Arc::new(Semaphore::new(seats.min(Semaphore::MAX_PERMITS))),
            waiting: Mutex::default(),
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A seat; where none is free, that of the one that has waited longest. It waits for a request from the start. Cancel-safe.
    async fn seat(self: &Arc<Self>) -> Arc<Seat> {
        let seats = Arc::clone(&self.seats);
        let permit = match Arc::clone(&seats).try_acquire_owned() {
            Ok(permit) => permit,
            Err(_full) => {
                {
                    let mut waiting = self.waiting();
                    match waiting.by_turn.pop_first() {
                        Some((_turn, longest)) => longest.notify_one(),
                        None => waiting.wanted = true,
                    }
                }
                let permit = seats.acquire_owned().await;
                self.waiting().wanted = false;
                permit.expect("invariant: nobody closes the room")
            }
        };
        let seat = Arc::new(Seat {
            room: Arc::clone(self),
            leave: Arc::new(Notify::new()),
            turn: Mutex::new(None),
            busy: AtomicBool::new(false),
            _permit: permit,
        });
        seat.wait();
        seat
    }
}

/// One connection's place.
struct Seat {
    room: Arc<Room>,
    /// Told when another one needs it.
    leave: Arc<Notify>,
    /// Its place among those that wait.
    turn: Mutex<Option<u64>>,
    /// Whether a request is being answered.
    busy: AtomicBool,
    _permit: OwnedSemaphorePermit,
}

impl Seat {
    /// Waits for a request from now on.
    fn wait(&self) {
        self.busy.store(false, Ordering::Relaxed);
        let mut waiting = self.room.waiting();
        if std::mem::take(&mut waiting.wanted) {
            self.leave.notify_one();
            return;
        }
        waiting.turn += 1;
        let turn = waiting.turn;
        waiting.by_turn.insert(turn, Arc::clone(&self.leave));
        self.set(Some(turn));
    }

    /// Waits no more.
    fn no_longer(&self) {
        let mut waiting = self.room.waiting();
        if let Some(turn) = self.set(None) {
            waiting.by_turn.remove(&turn);
        }
    }

    fn set(&self, turn: Option<u64>) -> Option<u64> {
        let mut place = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut place, turn)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.no_longer();
    }
}

/// A request that is being answered, until it is dropped.
struct Busy(Arc<Seat>);

impl Busy {
    fn of(seat: &Arc<Seat>) -> Self {
        seat.no_longer();
        seat.busy.store(true, Ordering::Relaxed);
        Self(Arc::clone(seat))
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.wait();
    }
}
