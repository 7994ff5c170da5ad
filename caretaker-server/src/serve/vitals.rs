//! How the parts of the server are, for `/ready` and for the log.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use caretaker_core::model::Span;
use caretaker_wiring::telemetry::record;

/// A consumer that has not looked for work for so long is stalled.
const STALLED_AFTER: Span = Span::seconds(30);

/// Shared by all parts; each reports on itself.
#[derive(Debug)]
pub struct Vitals {
    store_ok: AtomicBool,
    consumer_paused: AtomicBool,
    standing_by: AtomicBool,
    /// When the consumer last looked for work, monotonic milliseconds; negative: never.
    consumer_seen: AtomicI64,
    has_credentials: AtomicBool,
    known_to_forge: AtomicBool,
    log_unreadable: AtomicBool,
}

/// What is wrong, and what is worth knowing.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Parts without which nothing is taken or done.
    pub missing: Vec<&'static str>,
    /// What limits the work without stopping it.
    pub notes: Vec<&'static str>,
}

impl Vitals {
    /// Nothing has reported yet.
    pub fn new(paused: bool, has_credentials: bool) -> Self {
        Self {
            store_ok: AtomicBool::new(true),
            consumer_paused: AtomicBool::new(paused),
            standing_by: AtomicBool::new(false),
            consumer_seen: AtomicI64::new(-1),
            has_credentials: AtomicBool::new(has_credentials),
            known_to_forge: AtomicBool::new(false),
            log_unreadable: AtomicBool::new(false),
        }
    }

    /// The store has kept something.
    pub fn store_answered(&self) {
        self.store_ok.store(true, Ordering::Relaxed);
    }

    /// The store could not keep something.
    pub fn store_failed(&self) {
        record::error("store");
        self.store_ok.store(false, Ordering::Relaxed);
    }

    /// The consumer looks for work.
    pub fn consumer_looked(&self, now: Span) {
        self.consumer_seen.store(now.as_millis(), Ordering::Relaxed);
    }

    /// Whether another process does the work; says whether that is new.
    pub fn stands_by(&self, now: bool) -> bool {
        self.standing_by.swap(now, Ordering::Relaxed) != now
    }

    /// The forge has told us who we are.
    pub fn forge_knows_us(&self) {
        self.known_to_forge.store(true, Ordering::Relaxed);
    }

    /// Whether the forge shows its log of deliveries.
    pub fn log_readable(&self, readable: bool) {
        self.log_unreadable.store(!readable, Ordering::Relaxed);
    }

    /// What to tell whoever asks at `now` on the monotonic clock.
    pub fn report(&self, store_reads: bool, now: Span) -> Report {
        let mut report = Report::default();
        if !store_reads || !self.store_ok.load(Ordering::Relaxed) {
            report
                .missing
                .push("store: it does not answer; see the log, check disk and permissions");
        }
        if self.consumer_paused.load(Ordering::Relaxed) {
            report
                .notes
                .push("the consumer is paused: CARETAKER_WEBHOOK_DISPATCH_MODE is off");
        } else {
            let seen = self.consumer_seen.load(Ordering::Relaxed);
            let stalled = now.as_millis() - seen > STALLED_AFTER.as_millis();
            if seen < 0 {
                report.missing.push("consumer: it has not started yet");
            } else if stalled {
                report.missing.push("consumer: it is stalled; see the log");
            }
            if self.standing_by.load(Ordering::Relaxed) {
                report.notes.push(
                    "standing by: another process does the work; this one takes over when it ends",
                );
            }
        }
        if !self.has_credentials.load(Ordering::Relaxed) {
            report
                .notes
                .push("no credentials: set GITHUB_TOKEN or the App's id and private key");
        } else if !self.known_to_forge.load(Ordering::Relaxed) {
            report
                .notes
                .push("the forge has not told us yet who we are; it may be out of reach");
        }
        if self.log_unreadable.load(Ordering::Relaxed) {
            report.notes.push(
                "GitHub's log of deliveries cannot be read; what does not arrive waits for it: see \
                 `caretaker status`",
            );
        }
        report
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_missing_part_is_named() {
        let vitals = Vitals::new(false, false);
        assert_eq!(
            vitals.report(true, Span::seconds(1)).missing.len(),
            1,
            "consumer not started"
        );
        vitals.consumer_looked(Span::seconds(1));
        let fine = vitals.report(true, Span::seconds(2));
        assert!(fine.missing.is_empty(), "{fine:?}");
        assert!(fine.notes[0].contains("GITHUB_TOKEN"));
        assert!(vitals.report(true, Span::seconds(60)).missing[0].starts_with("consumer"));
        assert!(vitals.report(false, Span::seconds(2)).missing[0].starts_with("store"));
        vitals.store_failed();
        assert!(vitals.report(true, Span::seconds(2)).missing[0].starts_with("store"));
    }

    #[test]
    fn a_log_that_cannot_be_read_is_noted_until_it_can() {
        let vitals = Vitals::new(true, true);
        let noted = || {
            let notes = vitals.report(true, Span::seconds(1)).notes;
            notes.iter().any(|note| note.contains("log of deliveries"))
        };
        assert!(!noted());
        vitals.log_readable(false);
        assert!(noted());
        vitals.log_readable(true);
        assert!(!noted());
    }
}
