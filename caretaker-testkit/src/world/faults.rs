//! Scripted faults, the same on both faces: which call, and what goes wrong with it.

use caretaker_core::model::Span;
use serde::{Deserialize, Serialize};

/// A fault to come. Built up: `Fault::on("upsert_comment").nth(2).fail_after(502)`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Text that the call's line must contain: port operation or route, then what it is about
    /// (`write upsert_comment octo/widgets#1`, `POST /repos/{owner}/{repo}/issues/{number}/comments
    /// /repos/octo/widgets/issues/1/comments`). Empty: any call.
    #[serde(default)]
    pub call: String,
    /// Only calls that write.
    #[serde(default)]
    pub writes_only: bool,
    /// The first matching call it hits, from 1.
    #[serde(default = "one")]
    pub nth: u32,
    /// How many calls it hits from there on.
    #[serde(default = "one")]
    pub times: u32,
    /// What goes wrong.
    pub then: Then,
}

fn one() -> u32 {
    1
}

/// What goes wrong with a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", content = "v", rename_all = "snake_case")]
pub enum Then {
    /// Not performed; answered with this status.
    FailBefore(u16),
    /// Performed; answered with this status.
    FailAfter(u16),
    /// Performed and answered after so many milliseconds of the world's clock.
    Delay(i64),
    /// Refused for too many requests, with so many seconds to wait where known.
    RateLimit(Option<i64>),
    /// Performed at once, and its answer withheld for ever.
    Withhold,
    /// Performed; half of its answer arrives, then the connection ends.
    Cut,
    /// Performed; the connection is reset before any of its answer.
    Reset,
    /// Performed; half of its answer arrives as if that were all.
    Truncate,
    /// Performed; answered with this status and a page for people, as proxies do.
    Page(u16),
    /// Kept waiting until `World::release` or `/_sim/release`.
    Hold,
    /// The author of a pull request pushes first; then the call is performed and answered.
    PushFirst {
        /// `owner/name` of its repository.
        repo: String,
        /// The pull request.
        number: u64,
    },
}

impl Then {
    /// Each of them as a script may write it, with what it does; the page of the simulator shows
    /// them.
    pub fn examples() -> Vec<(Self, &'static str)> {
        let first = Self::FailBefore(500);
        let examples = std::iter::successors(Some(first), |then| match then {
            Self::FailBefore(_) => Some(Self::FailAfter(502)),
            Self::FailAfter(_) => Some(Self::Delay(250)),
            Self::Delay(_) => Some(Self::RateLimit(Some(30))),
            Self::RateLimit(_) => Some(Self::Withhold),
            Self::Withhold => Some(Self::Cut),
            Self::Cut => Some(Self::Reset),
            Self::Reset => Some(Self::Truncate),
            Self::Truncate => Some(Self::Page(502)),
            Self::Page(_) => Some(Self::Hold),
            Self::Hold => Some(Self::PushFirst {
                repo: "octo/widgets".to_owned(),
                number: 1,
            }),
            Self::PushFirst { .. } => None,
        });
        examples.map(|then| (then.clone(), then.words())).collect()
    }

    fn words(&self) -> &'static str {
        match self {
            Self::FailBefore(_) => "not performed; answered with this status",
            Self::FailAfter(_) => "performed; answered with this status",
            Self::Delay(_) => "performed and answered after so many milliseconds",
            Self::RateLimit(_) => {
                "not performed; refused for too many requests (429), with so many seconds in \
                 `retry-after`, or `null` for none"
            }
            Self::Withhold => "performed; its answer never comes",
            Self::Cut => "performed; half of its answer arrives, then the connection ends",
            Self::Reset => "performed; the connection is reset before any of its answer",
            Self::Truncate => "performed; half of its answer arrives as if that were all",
            Self::Page(_) => "performed; answered with this status and an HTML page",
            Self::Hold => "kept waiting until `/_sim/release`",
            Self::PushFirst { .. } => {
                "the author of this pull request pushes first; then performed and answered"
            }
        }
    }
}

/// What becomes of a held call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Release {
    /// Performed and answered.
    Perform,
    /// Not performed; answered with 503.
    Refuse,
    /// Performed, and its answer withheld for ever.
    Withhold,
}

impl Fault {
    /// A fault on the first call whose line contains the text.
    pub fn on(text: &str) -> Self {
        Self {
            call: text.to_owned(),
            writes_only: false,
            nth: 1,
            times: 1,
            then: Then::FailBefore(500),
        }
    }

    /// A fault on the first write, whatever it is.
    pub fn on_write() -> Self {
        Self {
            writes_only: true,
            ..Self::on("")
        }
    }

    /// A fault on the `n`th call of any kind from now, from 1.
    pub fn on_call(n: u32) -> Self {
        Self::on("").nth(n)
    }

    /// Not the first matching call, but this one, from 1.
    #[must_use]
    pub fn nth(mut self, nth: u32) -> Self {
        self.nth = nth;
        self
    }

    /// So many calls in a row.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }

    /// Not performed, answered with this status.
    #[must_use]
    pub fn fail_before(mut self, status: u16) -> Self {
        self.then = Then::FailBefore(status);
        self
    }

    /// Performed, answered with this status.
    #[must_use]
    pub fn fail_after(mut self, status: u16) -> Self {
        self.then = Then::FailAfter(status);
        self
    }

    /// Performed and answered late, by the world's clock.
    #[must_use]
    pub fn delay(mut self, span: Span) -> Self {
        self.then = Then::Delay(span.as_millis());
        self
    }

    /// Performed at once, its answer withheld for ever.
    #[must_use]
    pub fn withhold(mut self) -> Self {
        self.then = Then::Withhold;
        self
    }

    /// Performed; half of its answer arrives, then the connection ends.
    #[must_use]
    pub fn cut(mut self) -> Self {
        self.then = Then::Cut;
        self
    }

    /// Performed; the connection is reset before any of its answer.
    #[must_use]
    pub fn reset(mut self) -> Self {
        self.then = Then::Reset;
        self
    }

    /// Performed; half of its answer arrives as if that were all.
    #[must_use]
    pub fn truncate(mut self) -> Self {
        self.then = Then::Truncate;
        self
    }

    /// Performed, answered with this status and a page for people.
    #[must_use]
    pub fn page(mut self, status: u16) -> Self {
        self.then = Then::Page(status);
        self
    }

    /// Kept waiting until it is released.
    #[must_use]
    pub fn hold(mut self) -> Self {
        self.then = Then::Hold;
        self
    }

    /// The author of a pull request pushes right before it: what was seen is the head no more.
    #[must_use]
    pub fn push_first(mut self, repo: &str, number: u64) -> Self {
        let repo = repo.to_owned();
        self.then = Then::PushFirst { repo, number };
        self
    }

    /// Refused for too many requests.
    #[must_use]
    pub fn rate_limit(mut self, wait: Option<Span>) -> Self {
        self.then = Then::RateLimit(wait.map(Span::whole_seconds));
        self
    }
}

/// A call that waits for its release.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    pub(crate) id: u64,
    pub(crate) line: String,
    pub(crate) release: Option<Release>,
}

/// Faults to come, with how often each was matched, and held calls.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    scripted: Vec<(Fault, u32)>,
    pub(crate) held: Vec<Held>,
}

impl Faults {
    pub(crate) fn script(&mut self, fault: Fault) {
        self.scripted.push((fault, 0));
    }

    pub(crate) fn clear(&mut self) {
        self.scripted.clear();
    }

    /// What goes wrong with this call. Every scripted fault counts it; the first that hits acts.
    pub(crate) fn strike(&mut self, line: &str, write: bool) -> Option<Then> {
        let mut struck = None;
        for (fault, count) in &mut self.scripted {
            if (fault.writes_only && !write) || !line.contains(&fault.call) {
                continue;
            }
            *count += 1;
            let hit = *count >= fault.nth && *count - fault.nth < fault.times;
            if hit && struck.is_none() {
                struck = Some(fault.then.clone());
            }
        }
        struck
    }
}
