//! One play from beginning to end, and what is left of it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::thread;
use std::time::Instant;

use caretaker_core::model::{DedupKey, Run};
use caretaker_testkit::world::{Fault, Hook, Log, Release, Then};
use fastrand::Rng;
use serde_json::Value;

use crate::facts::Facts;
use crate::github::{Github, KEY};
use crate::plan::Plan;
use crate::postman::{Postman, key};
use crate::running::http::Request;
use crate::running::{PATIENCE, Running, output};

/// What is left of a play.
pub(crate) struct Played {
    pub(crate) accepted: BTreeMap<DedupKey, u32>,
    /// Every delivery that GitHub made but for pings.
    pub(crate) made: Vec<DedupKey>,
    pub(crate) runs: Vec<Run>,
    pub(crate) calls: Log,
    pub(crate) facts: Facts,
    pub(crate) kills: u64,
    pub(crate) faults: u64,
    pub(crate) data: tempfile::TempDir,
}

impl Played {
    /// Leaves the store behind for whoever looks into what went wrong, and says where.
    pub(crate) fn keep(&self) -> String {
        let kept = self.data.path().with_extension("kept");
        std::fs::rename(self.data.path(), &kept).unwrap();
        kept.display().to_string()
    }
}

/// A play under way.
struct Stage {
    github: Github,
    data: tempfile::TempDir,
    server: Option<Running>,
    postman: Postman,
    rng: Rng,
    /// Own deliveries, of GitHub's examples.
    extra: Vec<Hook>,
    kills: u64,
    faults: u64,
}

/// Plays it, killing the server so often; with 0 nothing goes wrong at all.
pub(crate) fn play(plan: &mut Plan, kills: u64) -> Played {
    let rough = kills > 0;
    let mut stage = Stage {
        github: Github::start(),
        data: tempfile::tempdir().unwrap(),
        server: None,
        postman: Postman::new(plan.seed(), rough),
        rng: Rng::with_seed(plan.seed() ^ 1),
        extra: Vec::new(),
        kills: 0,
        faults: 0,
    };
    let mut shas = Vec::new();
    let every = plan.turns.map(|turns| (turns / (kills + 1)).max(1));
    let mut next_kill = every;
    loop {
        let over = match plan.turns {
            Some(turns) => plan.told() == turns,
            None => stage.made() >= plan.deliveries,
        };
        if over {
            break;
        }
        shas.extend(plan.turn(&stage.github.world));
        if let Some((event, body)) = plan.example() {
            stage.example(event, &body);
        }
        if rough {
            stage.trouble();
        }
        let due = rough && stage.kills < kills && next_kill.is_some_and(|at| plan.told() >= at);
        if due {
            next_kill = every.map(|every| plan.told() + stage.rng.u64(every / 2..=every));
        }
        stage.carry(false, due);
    }
    while rough && stage.kills < kills {
        stage.carry(true, true);
    }
    plan.leave(&stage.github.world);
    stage.end(&shas)
}

impl Stage {
    fn made(&self) -> u64 {
        let made = self.github.world.deliveries().len() + self.extra.len();
        u64::try_from(made).unwrap()
    }

    /// One of GitHub's examples, sent by the hook of our App.
    fn example(&mut self, event: String, body: &str) {
        let mut body: Value = serde_json::from_str(body).unwrap();
        let repo = self.github.world.in_repo("octo/repo-1").repo();
        body["installation"]["id"] = repo.installation.unwrap().value().into();
        let hook = Hook {
            guid: format!("example-{}", self.extra.len()),
            action: body["action"].as_str().map(ToOwned::to_owned),
            event,
            target_id: "7".to_owned(),
            repeat: false,
            body: body.to_string(),
        };
        self.extra.push(hook.clone());
        self.postman.take(vec![hook]);
    }

    /// GitHub fails now and then.
    fn trouble(&mut self) {
        if self.rng.u32(..12) > 0 {
            return;
        }
        self.faults += 1;
        let (nth, times) = (self.rng.u32(1..12), self.rng.u32(1..3));
        let then = match self.rng.u32(..6) {
            0 | 1 => Then::FailBefore(502),
            2 | 3 => Then::FailAfter(500),
            4 => Then::Delay(300),
            _ => Then::RateLimit(Some(1)),
        };
        let writes_only = matches!(then, Then::FailAfter(_));
        self.github.world.fault(Fault {
            call: String::new(),
            writes_only,
            nth,
            times,
            then,
        });
    }

    /// Carries over what GitHub has sent; with `kill` the server dies while it comes in, or in the
    /// middle of its next call to GitHub.
    fn carry(&mut self, all: bool, kill: bool) {
        let hooks = self.github.world.take_deliveries();
        self.postman.take(hooks);
        if self.rng.u32(..20) == 0 {
            self.postman.find_the_lost();
        }
        let to = self.address();
        let handle = self.github.runtime.handle().clone();
        if !kill {
            self.postman.send(&handle, to, all, None);
            return;
        }
        let in_a_call = self.rng.bool();
        if in_a_call {
            let hold = Fault::on("").nth(self.rng.u32(1..4)).hold();
            self.github.world.fault(if self.rng.bool() {
                hold
            } else {
                on_write(hold)
            });
            self.postman.send(&handle, to, true, None);
            self.until_held();
            self.kill();
            let how = [Release::Perform, Release::Refuse, Release::Withhold];
            let how = *self.rng.choice(&how).unwrap();
            self.github.world.clear_faults();
            self.github.world.release(how);
        } else {
            let server = self.server.take().expect("it has an address");
            self.postman.find_the_lost();
            self.postman
                .send(&handle, to, true, Some(&mut || server.signal("KILL")));
            server.signal("KILL");
            drop(server);
        }
        self.kills += 1;
    }

    /// Where the server listens; it is started where there is none.
    fn address(&mut self) -> SocketAddr {
        let server = self.server.get_or_insert_with(|| {
            let api = format!("http://{}", self.github.address);
            let env = [
                ("CARETAKER_GITHUB_API_URL", api.as_str()),
                ("CARETAKER_GITHUB_APP_ID", "7"),
                ("CARETAKER_GITHUB_APP_PRIVATE_KEY_PATH", KEY),
                ("CARETAKER_MODE_CEILING", "act"),
                ("CARETAKER_SCHEDULER_ENABLED", "false"),
                // The simulator asks for no pace, and the load is the point.
                ("CARETAKER_GITHUB_WRITE_PACE_MS", "0"),
            ];
            Running::serve(self.data.path(), &env)
        });
        server.address()
    }

    fn kill(&mut self) {
        if let Some(server) = self.server.take() {
            server.signal("KILL");
        }
    }

    /// Waits until a call is held, or there is nothing left that could lead to one.
    fn until_held(&mut self) {
        let began = Instant::now();
        while self.github.world.held_calls().is_empty() {
            if self.is_idle() {
                return;
            }
            assert!(began.elapsed() < PATIENCE, "no call, and no end");
            thread::yield_now();
        }
    }

    fn is_idle(&self) -> bool {
        let status = output(self.data.path(), &["status", "--json"]);
        let status: Value = serde_json::from_slice(&status.stdout).unwrap_or_default();
        let depth = &status["depth"];
        ["deliveries", "waiting", "in_flight"]
            .iter()
            .all(|what| depth[what] == 0)
    }

    /// Until nothing is on the way and nothing waits.
    fn settle(&mut self) {
        let began = Instant::now();
        loop {
            self.postman.find_the_lost();
            self.carry(true, false);
            let seen = self.github.world.deliveries().len();
            if self.is_idle()
                && self.postman.has_nothing()
                && self.github.world.deliveries().len() == seen
                && self.is_idle()
            {
                return;
            }
            let status = || output(self.data.path(), &["status"]);
            assert!(
                began.elapsed() < 5 * PATIENCE,
                "it does not come to rest:\n{}",
                String::from_utf8_lossy(&status().stdout)
            );
        }
    }

    /// Brings it to rest, lets everybody look at everything once more, and takes stock.
    fn end(mut self, shas: &[String]) -> Played {
        self.github.world.clear_faults();
        self.settle();
        for (repo, pulls) in Facts::open_pulls(&self.state()) {
            self.look(&["run", "--repo", &repo, "--agent", "stale"]);
            for number in pulls {
                let subject = format!("pull/{number}");
                self.look(&[
                    "run",
                    "--repo",
                    &repo,
                    "--subject",
                    &subject,
                    "--agent",
                    "pr",
                ]);
            }
        }
        self.settle();
        let state = self.state();
        let server = self.server.take().expect("it runs to the end");
        let log = server.log();
        let stopped = server.stop().0;
        assert!(stopped.success(), "{log}");
        let runs = exported(self.data.path());
        let mut made: Vec<_> = self.github.world.deliveries();
        made.extend(self.extra);
        Played {
            accepted: self.postman.accepted,
            made: made
                .iter()
                .filter(|hook| hook.event != "ping")
                .map(key)
                .collect(),
            runs,
            calls: self.github.world.log(),
            facts: Facts::of(&state, shas),
            kills: self.kills,
            faults: self.faults,
            data: self.data,
        }
    }

    fn look(&self, args: &[&str]) {
        let looked = output(self.data.path(), args);
        let said = String::from_utf8_lossy(&looked.stderr);
        assert!(looked.status.success(), "caretaker {args:?}: {said}");
    }

    fn state(&self) -> Value {
        let answer = Request::of("GET", "/_sim/state", b"").send(self.github.address);
        serde_json::from_str(&answer.text).unwrap()
    }
}

fn on_write(mut fault: Fault) -> Fault {
    fault.writes_only = true;
    fault
}

fn exported(data: &Path) -> Vec<Run> {
    let export = output(data, &["journal", "export"]);
    assert!(export.status.success());
    let text = String::from_utf8(export.stdout).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}
