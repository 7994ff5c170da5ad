//! What a server's work costs in GitHub's requests, counted by the simulated GitHub's log.
//!
//! A GraphQL call is one request, its points are told apart. An answer of 304 costs nothing of the
//! limit and is told apart. What the App asks as itself (its tokens and what they may be minted
//! with) has a limit of its own and is told apart.

mod stories;

use std::fmt;
use std::sync::Arc;

use caretaker_core::ports::{Clock, Forge};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::clock::VirtualClock;
use crate::story::Story;
use crate::world::{Log, World};
use stories::{merged, tick};

/// Requests of one stretch of a story.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Answered anew, writes and GraphQL calls among them.
    pub paid: usize,
    /// Answered with 304.
    pub unchanged: usize,
    /// GraphQL's points.
    pub points: u32,
    /// Asked as the App itself.
    pub app: usize,
    /// Attempts to write, among the paid ones.
    pub writes: usize,
}

impl Cost {
    /// Of every call over HTTP in a log.
    pub fn of(log: &Log) -> Self {
        let mut cost = Self::default();
        for call in log.entries() {
            cost.points += call.points;
            cost.writes += usize::from(call.write);
            if call.op.contains(" /app") {
                cost.app += 1;
            } else if call.status == Some(304) {
                cost.unchanged += 1;
            } else {
                cost.paid += 1;
            }
        }
        cost
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} paid ({} writes, {} points), {} unchanged, {} as the App",
            self.paid, self.writes, self.points, self.unchanged, self.app
        )
    }
}

/// One stretch of a story with what it may cost.
#[derive(Clone, Debug)]
pub struct Measured {
    /// What happens, for people.
    pub what: &'static str,
    /// What it cost.
    pub cost: Cost,
    /// Paid requests it may cost at most; `None` where nothing is promised.
    pub budget: Option<usize>,
    /// Writes it may attempt at most.
    pub writes: Option<usize>,
    /// The calls, a line each.
    pub log: String,
}

/// Makes a forge that asks at an address; each one made begins without anything remembered.
pub type Opens = Box<dyn Fn(&str, Arc<dyn Clock>) -> Arc<dyn Forge> + Send + Sync>;

/// Everything that is counted, in the order of the page. `open` makes forges that ask as the App.
pub async fn measure(open: &Opens) -> Vec<Measured> {
    let mut rows = Vec::new();
    for others in [0, 200] {
        let mut desk = Desk::start(open, others).await;
        rows.extend(desk.one_pull_request(open, others > 0).await);
    }
    let mut desk = Desk::start(open, 0).await;
    rows.push(desk.burst().await);
    rows.push(desk.why().await);
    rows.push(merged(open).await);
    rows.push(tick(open).await);
    rows
}

/// A server, its GitHub, and HTTP between them.
struct Desk {
    story: Story,
    url: String,
    clock: VirtualClock,
    _serving: JoinSet<()>,
}

impl Desk {
    async fn start(open: &Opens, others: usize) -> Self {
        let story = Story::new();
        for n in 0..others {
            story
                .world()
                .open_pull("alice", &format!("other-{n}"), "Another");
        }
        // What there is already was looked at by the process before.
        story.world().take_deliveries();
        Self::of(story, open).await
    }

    /// The server of a story asks over HTTP from now on, and remembers nothing of GitHub's answers.
    async fn of(mut story: Story, open: &Opens) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .expect("there is a free port");
        let address = listener.local_addr().expect("it listens");
        let world: World = story.world();
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            // Ends with the desk.
            world.serve(listener, None).await.ok();
        });
        let url = format!("http://{address}");
        let clock = story.clock();
        story.through(open(&url, Arc::new(clock.clone())));
        Self {
            story,
            url,
            clock,
            _serving: serving,
        }
    }

    /// Nothing is remembered of GitHub's answers, as after a start.
    fn forget(&mut self, open: &Opens) {
        let forge = open(&self.url, Arc::new(self.clock.clone()));
        self.story.through(forge);
    }

    async fn counted(
        &mut self,
        what: &'static str,
        budget: Option<usize>,
        writes: Option<usize>,
    ) -> Measured {
        let since = self.story.log().count();
        self.story.settle().await;
        self.told(what, since, budget, writes)
    }

    /// What was asked since there were so many calls.
    fn told(
        &self,
        what: &'static str,
        since: usize,
        budget: Option<usize>,
        writes: Option<usize>,
    ) -> Measured {
        let log = self.story.log().since(since);
        Measured {
            what,
            cost: Cost::of(&log),
            budget,
            writes,
            log: log.to_string(),
        }
    }
}
