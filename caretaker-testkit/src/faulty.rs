//! Accidents at any port call: the call fails before or after it was performed, or the process
//! dies there.
//!
//! [`Faulty`] stands between the driver and any [`Forge`] and [`Storage`], numbers every call and
//! strikes where it was told to. A dead process is a call that never returns; whoever polls the
//! driver sees [`Faulty::crashed`] and drops it. Not here: faults of the simulated GitHub itself
//! ([`crate::world::Fault`]), which also exist over HTTP.

mod forge;
mod storage;

use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use caretaker_core::model::{Answer, ForgeQuery};
use caretaker_core::ports::{Forge, Kind, PortError, Ports, Storage};

/// Where a call is cut short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Not performed, and reported as unavailable.
    FailBefore,
    /// Performed, and reported as unavailable.
    FailAfter,
    /// The process dies before it is performed.
    CrashBefore,
    /// The process dies after it was performed, before the answer is read.
    CrashAfter,
}

impl Cut {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::FailBefore,
        Self::FailAfter,
        Self::CrashBefore,
        Self::CrashAfter,
    ];
}

/// What a forge answers to some questions, in their order.
pub type Answers = Vec<Result<Answer, PortError>>;

/// What is made of answers.
type Alter = dyn Fn(&[ForgeQuery], Answers) -> Answers + Send;

/// What happens to the calls that pass. Clones share it.
#[derive(Clone, Default)]
pub struct Faulty(Arc<Mutex<Plan>>);

#[derive(Default)]
struct Plan {
    /// Every call so far, a line each.
    calls: Vec<String>,
    strikes: Vec<(Where, Strike)>,
    alter: Option<Box<Alter>>,
    hooks: Vec<(String, Box<dyn FnOnce() + Send>)>,
    crashed: bool,
}

#[derive(Clone, Copy, Debug)]
enum Strike {
    Cut(Cut),
    /// Not performed, and reported as this.
    Fail(Kind),
}

enum Where {
    /// The call of this number, from 0.
    Nth(usize),
    /// The next call whose line contains the text.
    On(String),
}

impl Faulty {
    /// Cuts the call of this number short, counted from 0 over everything that passes.
    pub fn cut_at(&self, nth: usize, cut: Cut) {
        self.plan()
            .strikes
            .push((Where::Nth(nth), Strike::Cut(cut)));
    }

    /// Cuts the next call short whose line contains the text.
    pub fn cut_on(&self, text: &str, cut: Cut) {
        self.strike_on(text, Strike::Cut(cut));
    }

    /// The next call whose line contains the text is not performed and fails like this.
    pub fn fail_on(&self, text: &str, kind: Kind) {
        self.strike_on(text, Strike::Fail(kind));
    }

    fn strike_on(&self, text: &str, strike: Strike) {
        let at = Where::On(text.to_owned());
        self.plan().strikes.push((at, strike));
    }

    /// From now on the forge's answers are what this makes of them.
    pub fn alter(&self, how: impl Fn(&[ForgeQuery], Answers) -> Answers + Send + 'static) {
        self.plan().alter = Some(Box::new(how));
    }

    /// Does something right before the next call whose line contains the text.
    pub fn before(&self, text: &str, what: impl FnOnce() + Send + 'static) {
        self.plan().hooks.push((text.to_owned(), Box::new(what)));
    }

    /// Every call so far, a line each: `forge.write add label stale to #2`,
    /// `store.commit settle, close`.
    pub fn calls(&self) -> Vec<String> {
        self.plan().calls.clone()
    }

    /// Cuts and hooks whose call has not come, a line each.
    pub fn not_struck(&self) -> Vec<String> {
        let plan = self.plan();
        let strikes = plan.strikes.iter().map(|(at, strike)| match at {
            Where::Nth(n) => format!("{strike:?} at call {n}"),
            Where::On(text) => format!("{strike:?} on {text}"),
        });
        let hooks = plan.hooks.iter().map(|(text, _)| format!("before {text}"));
        strikes.chain(hooks).collect()
    }

    /// Whether the process has died; answers once for each death.
    pub fn crashed(&self) -> bool {
        std::mem::take(&mut self.plan().crashed)
    }

    /// The same ports with these accidents in between. The clock is not touched.
    pub fn around(&self, ports: &Ports) -> Ports {
        Ports {
            forge: Arc::new(forge::FaultyForge {
                inner: Arc::clone(&ports.forge) as Arc<dyn Forge>,
                faulty: self.clone(),
            }),
            storage: Arc::new(storage::FaultyStorage {
                inner: Arc::clone(&ports.storage) as Arc<dyn Storage>,
                faulty: self.clone(),
            }),
            clock: Arc::clone(&ports.clock),
        }
    }

    /// Lets a call through as far as the plan allows.
    async fn pass<T>(
        &self,
        op: &'static str,
        about: &str,
        call: impl Future<Output = Result<T, PortError>> + Send,
    ) -> Result<T, PortError> {
        let fails = |kind| Err(PortError::new(op, kind).detail("scripted fault"));
        match self.arrives(format!("{op} {about}")) {
            None => call.await,
            Some(Strike::Fail(kind)) => fails(kind),
            Some(Strike::Cut(Cut::FailBefore)) => fails(Kind::Unavailable),
            Some(Strike::Cut(Cut::FailAfter)) => {
                drop(call.await);
                fails(Kind::Unavailable)
            }
            Some(Strike::Cut(Cut::CrashBefore)) => self.dies().await,
            Some(Strike::Cut(Cut::CrashAfter)) => {
                drop(call.await);
                self.dies().await
            }
        }
    }

    fn arrives(&self, line: String) -> Option<Strike> {
        let hook = {
            let mut plan = self.plan();
            let at = plan.hooks.iter().position(|(on, _)| line.contains(on));
            at.map(|at| plan.hooks.remove(at).1)
        };
        if let Some(hook) = hook {
            hook();
        }
        let mut plan = self.plan();
        let nth = plan.calls.len();
        let at = plan.strikes.iter().position(|(at, _)| match at {
            Where::Nth(wanted) => *wanted == nth,
            Where::On(text) => line.contains(text),
        });
        plan.calls.push(line);
        at.map(|at| plan.strikes.remove(at).1)
    }

    fn altered(&self, queries: &[ForgeQuery], answers: Answers) -> Answers {
        match &self.plan().alter {
            Some(alter) => alter(queries, answers),
            None => answers,
        }
    }

    async fn dies<T>(&self) -> T {
        self.plan().crashed = true;
        std::future::pending().await
    }

    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Faulty {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Faulty").field(&self.not_struck()).finish()
    }
}
