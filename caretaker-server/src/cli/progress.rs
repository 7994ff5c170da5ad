//! How far long work has come: one line on stderr, never on stdout.

use std::io::{self, IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

/// Work that is over sooner says nothing on a terminal.
const QUIET_FOR: Duration = Duration::from_millis(500);
/// Between two drawings on a terminal, and two lines elsewhere.
const REDRAW: Duration = Duration::from_millis(200);
const NEXT_LINE: Duration = Duration::from_secs(5);

/// Counts what is done and shows it on a terminal, or as lines where that was asked for.
#[derive(Debug)]
pub(super) struct Progress {
    how: How,
    what: &'static str,
    count: u64,
    /// Bytes in all, for work that is told in bytes.
    whole: Option<u64>,
    began: Instant,
    shown: Instant,
    drawn: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    Not,
    Redrawn,
    Lines,
}

impl Progress {
    /// `what` is counted, in the plural; `asked` shows it also where stderr is no terminal.
    pub(super) fn of(what: &'static str, asked: bool) -> Self {
        let how = match (io::stderr().is_terminal(), asked) {
            (true, _) => How::Redrawn,
            (false, true) => How::Lines,
            (false, false) => How::Not,
        };
        let now = Instant::now();
        Self {
            how,
            what,
            count: 0,
            whole: None,
            began: now,
            shown: now,
            drawn: false,
        }
    }

    /// One more is done.
    pub(super) fn step(&mut self) {
        self.count += 1;
        // Asking the time for every record would cost more than small records do.
        if self.count.is_multiple_of(64) {
            self.show_in_time();
        }
    }

    /// So many bytes are done, of so many.
    pub(super) fn far(&mut self, done: u64, whole: u64) {
        self.count = done;
        self.whole = Some(whole);
        self.show_in_time();
    }

    fn show_in_time(&mut self) {
        let wait = match self.how {
            How::Not => return,
            How::Lines => NEXT_LINE,
            How::Redrawn if self.drawn => REDRAW,
            How::Redrawn => QUIET_FOR,
        };
        if self.shown.elapsed() >= wait {
            self.show();
        }
    }

    /// Makes room for a line of the result.
    pub(super) fn clear(&mut self) {
        if self.drawn && self.how == How::Redrawn {
            write!(io::stderr().lock(), "\r\u{1b}[K").ok();
            self.drawn = false;
        }
    }

    /// All is done.
    pub(super) fn end(mut self) {
        self.clear();
        if self.how == How::Lines {
            self.show();
        }
    }

    fn show(&mut self) {
        let line = match self.whole {
            None => line(self.what, self.count, self.began.elapsed()),
            Some(whole) => format!("{}: {}", self.what, share(self.count, whole)),
        };
        let mut stderr = io::stderr().lock();
        // There is nobody to tell when stderr fails.
        match self.how {
            How::Not => {}
            How::Redrawn => write!(stderr, "\r\u{1b}[K{line}")
                .and_then(|()| stderr.flush())
                .unwrap_or_default(),
            How::Lines => writeln!(stderr, "{line}").unwrap_or_default(),
        }
        self.shown = Instant::now();
        self.drawn = true;
    }
}

fn line(what: &str, count: u64, took: Duration) -> String {
    let millis = took.as_millis().max(1);
    let rate = u128::from(count) * 1_000 / millis;
    format!("{count} {what}, {rate} per second")
}

/// A part of a whole for people.
fn share(done: u64, whole: u64) -> String {
    let percent = done.saturating_mul(100).checked_div(whole);
    let percent = percent.unwrap_or(100);
    format!("{} of {}, {percent} %", size(done), size(whole))
}

/// Bytes for people.
pub(super) fn size(bytes: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    for (unit, name) in UNITS {
        if bytes >= unit {
            let tenths = bytes.saturating_mul(10) / unit;
            return format!("{}.{} {name}", tenths / 10, tenths % 10);
        }
    }
    format!("{bytes} B")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_has_count_and_rate() {
        let said = line("records", 5_000, Duration::from_millis(2_500));
        assert_eq!(said, "5000 records, 2000 per second");
        assert_eq!(
            line("records", 0, Duration::ZERO),
            "0 records, 0 per second"
        );
    }

    #[test]
    fn sizes_and_shares_are_for_people() {
        assert_eq!(size(0), "0 B");
        assert_eq!(size(1536), "1.5 KiB");
        assert_eq!(size(3 << 30), "3.0 GiB");
        assert_eq!(share(0, 0), "0 B of 0 B, 100 %");
        assert_eq!(share(512, 2048), "512 B of 2.0 KiB, 25 %");
    }
}
