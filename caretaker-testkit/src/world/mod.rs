//! GitHub as a state machine: one state, two faces.
//!
//! [`World`] is the handle. Stories move the world with its methods (`tell`), the server under
//! test reaches it through the [`Forge`](caretaker_core::ports::Forge) port (`forge`) or over HTTP
//! (`http`), and what GitHub would send waits in [`World::take_deliveries`]. Time comes from the
//! [`Clock`] port only, numbers and hashes from counters: two equal stories are equal byte for
//! byte. Faults and the log of calls are the same on both faces.
//!
//! Not here: how the server is driven (`story`), what a port promises (`conformance`).

mod act;
mod alert;
mod app;
mod branch;
mod check;
mod ci;
mod comment;
mod commit;
mod compare;
mod copilot;
mod delivery_log;
mod diff;
mod event;
mod faults;
mod files;
mod forge;
mod gate;
mod grant;
mod graphql;
mod http;
mod issue;
mod label;
mod limit;
mod lock;
mod log;
mod look;
mod merging;
mod milestone;
mod objects;
mod owners;
mod proposing;
mod pull;
mod queue;
mod reaction;
mod reference;
mod release;
mod remark;
mod repo;
mod review;
mod reviewing;
mod role;
mod script;
mod seed;
mod spoil;
mod state;
mod status;
mod team;
mod tell;
mod tree;
mod trouble;
mod user;
mod webhook;
mod who;

use std::sync::{Arc, Mutex, PoisonError};

use caretaker_core::model::{InstallationId, RepoKey, RepoRef};
use caretaker_core::ports::Clock;

pub use act::{Act, Told, Verdict};
pub use alert::{CodeFinding, Finding, Scanner, WeakDependency};
pub use branch::Protection;
pub use faults::{Fault, Release, Then};
pub use files::Edits;
pub use http::{CONTROLS, Control, Hooks, Incoming, Outgoing, Sent};
pub use log::{Entry, Face, Log};
pub use look::SeenComment;
pub use release::MergeSettings;
pub use seed::{ItemSeed, RepoSeed, Seed};
pub use spoil::Spoil;
pub use tell::{CheckTold, ReviewTold};
pub use webhook::{Hook, signature};

use state::State;
use who::Who;

/// The schema that the simulated GitHub's GraphQL answers to, in GitHub's own terms.
pub fn graphql_schema() -> String {
    graphql::text()
}

/// A handle on one simulated GitHub, looking at one of its repositories.
///
/// The handle that made the world checks it when it is dropped (see [`World::finish`]); clones
/// and handles on other repositories do not.
pub struct World {
    shared: Arc<Shared>,
    repo: u64,
    owner: bool,
}

struct Shared {
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    /// Rung after every step: held calls and the sender of deliveries look again.
    moved: tokio::sync::Notify,
}

impl World {
    /// The populated world: repository `octo/widgets` (1) with our App installed, `alice` and
    /// `bob` with write access, alice's pull request #1 from branch `feature`, and issue #2 by
    /// `carol`, who is a stranger. Nothing is delivered of how it came to be.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        let world = Self::empty(clock);
        world.with(|state| {
            state.quiet = true;
            let repo = state.create_repo("octo", "widgets", "main");
            for login in ["alice", "bob"] {
                let people = &mut state.repo_mut(repo).people;
                people.insert(login.to_owned(), "write".to_owned());
            }
            let alice = Who::story("alice");
            let edits = [("src/widget.rs", Some("pub struct Widget;\n"))];
            state.commit_files(&alice, repo, "feature", "a widget", &edits);
            state
                .open_pull(&alice, repo, "Add a widget", "It turns.", (repo, "feature"))
                .expect("invariant: the branch was just made");
            state.open_issue(
                &Who::story("carol"),
                repo,
                "Widgets squeak",
                "All day long.",
            );
            state.users.named("bob");
            state.quiet = false;
        });
        world
    }

    /// A world with our App and its installation on `octo`, and no repository.
    pub fn empty(clock: Arc<dyn Clock>) -> Self {
        let state = State::new(clock.now());
        Self {
            shared: Arc::new(Shared {
                clock,
                state: Mutex::new(state),
                moved: tokio::sync::Notify::new(),
            }),
            repo: 1,
            owner: true,
        }
    }

    /// The same handle, but nothing is checked when it is dropped: for programs that run a world
    /// for others, which look at its log and violations themselves.
    #[must_use]
    pub fn unwatched(mut self) -> Self {
        self.owner = false;
        self
    }

    /// The same world from now on without deliveries: for stories that ask for a look themselves.
    #[must_use]
    pub fn unheard(self) -> Self {
        self.with(|state| state.quiet = true);
        self
    }

    /// A handle on another repository of the same world, which is made when there is none of
    /// that name. `full_name` is `owner/name`.
    #[must_use]
    pub fn in_repo(&self, full_name: &str) -> Self {
        let (owner, name) = full_name
            .split_once('/')
            .expect("a repository is named owner/name");
        let repo = self.with(|state| {
            let known = state.repo_named(owner, name);
            known.unwrap_or_else(|| state.create_repo(owner, name, "main"))
        });
        let mut world = self.clone();
        world.repo = repo;
        world
    }

    /// The repository as forge calls need it.
    pub fn repo(&self) -> RepoRef {
        self.with(|state| {
            let repo = state.repo(self.repo);
            let app = matches!(state.access, state::Access::App) && repo.installed;
            let account = state.users.find(&repo.owner).map(|user| user.id);
            RepoRef {
                key: RepoKey::github(repo.id),
                owner: repo.owner.clone(),
                name: repo.name.clone(),
                installation: app
                    .then(|| InstallationId::new(state.installation_on(&repo.owner).id)),
                account: account.map(caretaker_core::model::AccountId::new),
            }
        })
    }

    /// Every call so far, in order.
    pub fn log(&self) -> Log {
        self.look(|state| Log(state.log.clone()))
    }

    /// Requests so far that a well-made client would not send; they are taken out, so that
    /// [`Self::finish`] does not fail for them.
    pub fn take_violations(&self) -> Vec<String> {
        self.with(|state| std::mem::take(&mut state.violations))
    }

    /// Ends the story.
    ///
    /// # Panics
    /// When our bot wrote a comment that nobody looked at, or a request was made that a well-made
    /// client would not send.
    pub fn finish(mut self) {
        self.owner = false;
        self.verify();
    }

    fn verify(&self) {
        let faults = self.with(|state| {
            let mut faults = state.violations.clone();
            faults.extend(state.unseen_comments());
            faults
        });
        assert!(
            faults.is_empty(),
            "the world is not as the story left it:\n  {}",
            faults.join("\n  ")
        );
    }

    /// A look at the state that is no step: nobody is woken by it.
    fn look<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        let locked = self.shared.state.lock();
        look(&locked.unwrap_or_else(PoisonError::into_inner))
    }

    /// One step: the state at the clock's time, then whoever waits for a change looks again.
    fn with<T>(&self, step: impl FnOnce(&mut State) -> T) -> T {
        let result = {
            let locked = self.shared.state.lock();
            let mut state = locked.unwrap_or_else(PoisonError::into_inner);
            state.now = self.shared.clock.now();
            step(&mut state)
        };
        self.shared.moved.notify_waiters();
        result
    }
}

/// Another handle on the same world; it checks nothing when dropped.
impl Clone for World {
    fn clone(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            repo: self.repo,
            owner: false,
        }
    }
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("World")
            .field("repo", &self.repo)
            .finish_non_exhaustive()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if self.owner && !std::thread::panicking() {
            self.verify();
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
