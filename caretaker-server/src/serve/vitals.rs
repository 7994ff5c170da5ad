//! How the parts of the server are, for `/ready` and for the log.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard};

use caretaker_core::model::{Bound, Span};
use caretaker_wiring::telemetry::record;

/// A consumer that has not looked for work for so long is stalled.
const STALLED_AFTER: Span = Span::seconds(30);
/// A part that has run for so long is well again.
pub(super) const HEALTHY_AFTER: Span = Span::minutes(2);
/// Failures in a row from which on a part counts as failing: once may happen.
const KEEPS_FAILING: u32 = 2;
/// With less room than that not even a small delivery is kept.
const NO_ROOM: u64 = 64 * 1024;

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
    /// Bytes by which the store may grow; the highest number where that is not known.
    room: AtomicU64,
    /// Under which room the disk is almost full.
    least_room: AtomicU64,
    /// By how many milliseconds the wall clock jumped; 0: it did not.
    jumped: AtomicI64,
    parts: Mutex<BTreeMap<&'static str, Failing>>,
    unlisted: AtomicU64,
    /// Whether the backlog turned the last delivery away.
    full: AtomicBool,
}

/// How often a part has failed.
#[derive(Clone, Copy, Debug, Default)]
struct Failing {
    ever: u64,
    in_a_row: u32,
    last: Span,
}

/// What is wrong, and what is worth knowing.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Parts without which nothing is taken or done.
    pub missing: Vec<String>,
    /// What limits the work without stopping it.
    pub notes: Vec<String>,
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
            room: AtomicU64::new(u64::MAX),
            least_room: AtomicU64::new(0),
            jumped: AtomicI64::new(0),
            parts: Mutex::default(),
            unlisted: AtomicU64::new(0),
            full: AtomicBool::new(false),
        }
    }

    /// Room in bytes under which the disk is almost full.
    #[must_use]
    pub fn least_room(self, bytes: u64) -> Self {
        self.least_room.store(bytes, Ordering::Relaxed);
        self
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

    /// By how many bytes the store may still grow, where that is known.
    pub fn has_room(&self, bytes: Option<u64>) {
        self.room
            .store(bytes.unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// By how much the wall clock jumped, if it did lately.
    pub fn clock_jumped(&self, by: Option<Span>) {
        let ms = by.map_or(0, Span::as_millis);
        self.jumped.store(ms, Ordering::Relaxed);
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

    /// A part that had begun then has failed now; both on the monotonic clock. Says how often it
    /// has failed since the process began.
    pub fn part_failed(&self, part: &'static str, began: Span, now: Span) -> u64 {
        let mut parts = self.parts();
        let failing = parts.entry(part).or_default();
        if now - began >= HEALTHY_AFTER {
            failing.in_a_row = 0;
        }
        failing.ever += 1;
        failing.in_a_row += 1;
        failing.last = now;
        failing.ever
    }

    /// How often a part has failed since the process began.
    pub fn failures(&self, part: &str) -> u64 {
        self.parts().get(part).map_or(0, |failing| failing.ever)
    }

    fn parts(&self) -> MutexGuard<'_, BTreeMap<&'static str, Failing>> {
        self.parts.lock().expect("nobody panics with it")
    }

    /// A delivery was turned away because as much waits as may; said once until there is room.
    pub fn backlog_full(&self, bound: Bound) {
        record::turned_away(bound.name());
        if !self.full.swap(true, Ordering::Relaxed) {
            tracing::error!(
                bound = bound.name(),
                "the backlog is full: deliveries get 503"
            );
        }
    }

    /// A delivery found room.
    pub fn backlog_took(&self) {
        if self.full.swap(false, Ordering::Relaxed) {
            tracing::info!("the backlog has room again");
        }
    }

    /// A signed delivery was refused because the allow-list does not name it.
    pub fn turned_unlisted_away(&self) {
        self.unlisted.fetch_add(1, Ordering::Relaxed);
    }

    /// How many were refused so since the start.
    pub fn unlisted(&self) -> u64 {
        self.unlisted.load(Ordering::Relaxed)
    }

    /// What to tell whoever asks at `now` on the monotonic clock.
    pub fn report(&self, store_reads: bool, now: Span) -> Report {
        let mut report = Report::default();
        self.store(store_reads, &mut report);
        self.consumer(now, &mut report);
        for (part, failing) in self.parts().iter() {
            if failing.in_a_row >= KEEPS_FAILING && now - failing.last < HEALTHY_AFTER {
                report.missing.push(format!(
                    "{part}: it keeps failing and is started again, {} times so far; see the log",
                    failing.ever
                ));
            }
        }
        let jumped = self.jumped.load(Ordering::Relaxed);
        if jumped != 0 {
            let (by, way) = (Span::millis(jumped.saturating_abs()), direction(jumped));
            report.notes.push(format!(
                "the clock jumped {way} by {by}; check how this machine keeps its time"
            ));
        }
        if !self.has_credentials.load(Ordering::Relaxed) {
            let none = "no credentials: set GITHUB_TOKEN or the App's id and private key";
            report.notes.push(none.to_owned());
        } else if !self.known_to_forge.load(Ordering::Relaxed) {
            let silent = "the forge has not told us yet who we are; it may be out of reach";
            report.notes.push(silent.to_owned());
        }
        if self.log_unreadable.load(Ordering::Relaxed) {
            let hidden = "GitHub's log of deliveries cannot be read; what does not arrive waits \
                          for it: see `caretaker status`";
            report.notes.push(hidden.to_owned());
        }
        report
    }

    fn store(&self, reads: bool, report: &mut Report) {
        if !reads {
            let silent = "store: it does not answer; see the log, check disk and permissions";
            report.missing.push(silent.to_owned());
        } else if !self.store_ok.load(Ordering::Relaxed) {
            let fixed = "store: it cannot be written; see the log, check disk and permissions";
            report.missing.push(fixed.to_owned());
        }
        let room = self.room.load(Ordering::Relaxed);
        if let Some(short) = short_of_room(room, self.least_room.load(Ordering::Relaxed)) {
            if room < NO_ROOM {
                report.missing.push(short);
            } else {
                report.notes.push(short);
            }
        }
    }

    fn consumer(&self, now: Span, report: &mut Report) {
        if self.consumer_paused.load(Ordering::Relaxed) {
            let paused = "the consumer is paused: CARETAKER_WEBHOOK_DISPATCH_MODE is off";
            report.notes.push(paused.to_owned());
            return;
        }
        let seen = self.consumer_seen.load(Ordering::Relaxed);
        let stalled = now.as_millis() - seen > STALLED_AFTER.as_millis();
        if seen < 0 {
            let waits = "consumer: it has not started yet";
            report.missing.push(waits.to_owned());
        } else if stalled {
            let stalled = "consumer: it is stalled; see the log";
            report.missing.push(stalled.to_owned());
        }
        if self.standing_by.load(Ordering::Relaxed) {
            let waits =
                "standing by: another process does the work; this one takes over when it ends";
            report.notes.push(waits.to_owned());
        }
    }
}

/// What to say of the room that the store has left, if that is too little.
pub fn short_of_room(room: u64, least: u64) -> Option<String> {
    let mib = room / (1024 * 1024);
    if room < NO_ROOM {
        return Some(
            "store: there is no room for it; free space on its volume, or raise \
             `storage_max_bytes`"
                .to_owned(),
        );
    }
    (room < least).then(|| {
        format!(
            "the disk is almost full: {mib} MiB are left for the store; free space on its volume, \
             or raise `storage_max_bytes`"
        )
    })
}

fn direction(jumped: i64) -> &'static str {
    if jumped < 0 { "back" } else { "forward" }
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

    /// What is told of a server that works, beside its credentials.
    fn told(vitals: &Vitals, now: Span) -> (Vec<String>, Vec<String>) {
        vitals.consumer_looked(now);
        vitals.forge_knows_us();
        let Report { missing, notes } = vitals.report(true, now);
        (missing, notes)
    }

    #[test]
    fn little_room_is_a_note_and_none_is_missing() {
        let vitals = Vitals::new(false, true).least_room(64 << 20);
        let now = Span::seconds(1);
        assert_eq!(told(&vitals, now), (Vec::new(), Vec::new()));
        vitals.has_room(Some(32 << 20));
        let (missing, notes) = told(&vitals, now);
        assert_eq!(missing, Vec::<String>::new());
        assert!(notes[0].contains("almost full: 32 MiB"), "{notes:?}");
        vitals.has_room(Some(4096));
        let (missing, _) = told(&vitals, now);
        assert!(missing[0].contains("no room"), "{missing:?}");
        vitals.has_room(None);
        assert_eq!(told(&vitals, now), (Vec::new(), Vec::new()));
    }

    #[test]
    fn a_jump_is_told_with_its_direction_until_it_is_over() {
        let vitals = Vitals::new(false, true);
        let now = Span::seconds(1);
        for (by, word) in [(1, "forward by 1d"), (-1, "back by 1d")] {
            vitals.clock_jumped(Some(Span::millis(by * 86_400_000)));
            let (_, notes) = told(&vitals, now);
            assert!(notes[0].contains(word), "{notes:?}");
        }
        vitals.clock_jumped(None);
        assert_eq!(told(&vitals, now), (Vec::new(), Vec::new()));
    }

    #[test]
    fn a_part_that_failed_once_is_counted_and_one_that_keeps_failing_is_named_until_it_is_well() {
        let vitals = Vitals::new(false, true);
        let at = Span::seconds;
        assert_eq!(vitals.part_failed("scheduler", at(0), at(1)), 1);
        assert_eq!(told(&vitals, at(1)).0, Vec::<String>::new());
        assert_eq!(vitals.part_failed("scheduler", at(2), at(3)), 2);
        let (missing, _) = told(&vitals, at(3));
        assert!(missing[0].starts_with("scheduler: "), "{missing:?}");
        assert_eq!(told(&vitals, at(123)).0, Vec::<String>::new());
        vitals.part_failed("scheduler", at(5), at(600));
        assert_eq!(
            told(&vitals, at(600)).0,
            Vec::<String>::new(),
            "it ran well"
        );
        assert_eq!(vitals.failures("scheduler"), 3);
    }
}
