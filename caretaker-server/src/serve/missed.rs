//! Reads GitHub's log of our webhooks, and takes what did not arrive: at start, and again and again.
//!
//! Only who holds the lease reads; what is done with a row is `caretaker_core::drive::missed`.

use std::sync::Arc;

use caretaker_core::drive::missed::{Bounds, Missed, Swept};
use caretaker_core::drive::{self, Worker};
use caretaker_core::intake::AllowList;
use caretaker_core::model::Span;
use caretaker_core::ports::{AppForge, Kind, Ports};
use tokio::sync::{Notify, watch};

use super::vitals::Vitals;
use crate::settings::Settings;

/// Before older pages are read, and before a worker is looked for again.
const SOON: Span = Span::seconds(1);
/// The longest that a limit keeps us away; the hourly one has passed by then.
const LONGEST: Span = Span::hours(1);

/// What reading needs.
#[derive(Clone)]
pub(super) struct Reader {
    missed: Arc<Missed>,
    interval: Span,
    ports: Ports,
    worker: watch::Receiver<Option<Worker>>,
    news: Arc<Notify>,
    vitals: Arc<Vitals>,
}

impl Reader {
    /// A reader as the settings want it; `None`, said once, where there is no log to read.
    pub(super) fn new(
        settings: &Settings,
        app: Arc<dyn AppForge>,
        allow_list: AllowList,
        ports: Ports,
        worker: watch::Receiver<Option<Worker>>,
        news: Arc<Notify>,
        vitals: Arc<Vitals>,
    ) -> Option<Self> {
        let Some(own) = &settings.github.app else {
            if settings.github.token.is_some() {
                tracing::info!(
                    "with a personal token GitHub shows no log of deliveries: what does not \
                     arrive has to be redelivered by hand"
                );
            }
            return None;
        };
        let log = &settings.delivery_log;
        let Some(interval) = log.interval else {
            tracing::info!(
                "GitHub's log of deliveries is not read: delivery_log.interval_seconds is 0"
            );
            return None;
        };
        let bounds = Bounds {
            reach: log.reach,
            pages: log.pages,
            max_body: settings.webhook.max_body_bytes,
            backlog: settings.webhook.backlog,
        };
        Some(Self {
            missed: Arc::new(Missed::new(app, own.id, allow_list, bounds)),
            interval,
            ports,
            worker,
            news,
            vitals,
        })
    }

    /// Reads until told to stop.
    pub(super) async fn run(mut self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            let current = self.worker.borrow_and_update().clone();
            let Some(worker) = current else {
                tokio::select! {
                    changed = self.worker.changed() => if changed.is_err() { return },
                    _ = stop.changed() => {}
                }
                continue;
            };
            let wait = tokio::select! {
                wait = self.read(&worker) => wait,
                // What was committed is kept; the rest is read again.
                _ = stop.changed() => return,
            };
            tokio::select! {
                () = self.ports.clock.sleep(wait) => {}
                _ = stop.changed() => {}
            }
        }
    }

    /// Reads once; says when to come back.
    async fn read(&self, worker: &Worker) -> Span {
        match self.missed.sweep(&self.ports, worker).await {
            Ok(swept) => {
                self.vitals.log_readable(true);
                tell(&swept);
                if swept.accepted > 0 || swept.gap.is_some() {
                    self.news.notify_one();
                }
                if swept.more { SOON } else { self.interval }
            }
            Err(error) if drive::is_fenced(&error) => SOON,
            Err(error) => {
                self.vitals.log_readable(false);
                tracing::warn!(error = %error, "could not read GitHub's log of deliveries");
                match error.kind {
                    Kind::RateLimited(Some(wait)) => wait.max(self.interval).min(LONGEST),
                    _ => self.interval,
                }
            }
        }
    }
}

fn tell(swept: &Swept) {
    if let Some(since) = swept.gap {
        tracing::warn!(
            since = %since,
            "GitHub's log does not reach back to when it was read last: deliveries of that time \
             are lost; every repository is looked at as it is"
        );
    }
    if swept.accepted > 0 || swept.repeated > 0 || swept.unlisted > 0 {
        tracing::info!(
            accepted = swept.accepted,
            asked_again = swept.repeated,
            not_in_allowlist = swept.unlisted,
            "took from GitHub's log what had not arrived"
        );
    }
    for (guid, why) in &swept.lost {
        tracing::warn!(guid = ?guid, why, "a delivery is lost");
    }
    if swept.full {
        tracing::warn!("the queue is full: the rest of GitHub's log waits");
    }
}
