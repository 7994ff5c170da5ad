//! What happens on GitHub, out of a seed: the same twice.
//!
//! Each pull request and issue has a tale of its own whose end does not depend on when anybody looks:
//! what permits a merge comes last. Tales are told in turns, so that many go on at once.

use std::collections::VecDeque;

use caretaker_testkit::world::World;
use fastrand::Rng;

use crate::examples::Example;

/// Repositories in which it happens.
const REPOS: u64 = 12;
/// Tales that go on at once.
const AT_ONCE: usize = 40;

/// It comes off again: what stands on an item that is left alone is from whenever somebody looked
/// last before.
const QUARANTINE: &str = "agent:quarantine";

/// One thing that happens.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    OpenPull { by: &'static str },
    OpenIssue,
    Push,
    Check(&'static str, &'static str),
    Review(&'static str, &'static str),
    Label(&'static str),
    Unlabel(&'static str),
    Comment(&'static str),
    Retitle,
    Close,
    Reopen,
}

/// A pull request or an issue, as far as it is told.
#[derive(Debug)]
struct Tale {
    repo: String,
    branch: String,
    /// 0 until it is opened.
    number: u64,
    steps: VecDeque<Step>,
}

/// Everything that happens.
pub(crate) struct Plan {
    seed: u64,
    rng: Rng,
    pub(crate) deliveries: u64,
    /// How many turns it takes; known once it has been played.
    pub(crate) turns: Option<u64>,
    told: u64,
    tales: u64,
    open: Vec<Tale>,
    pub(crate) examples: Vec<(String, String)>,
}

/// Where GitHub's own examples happen: the number of `Codertocat/Hello-World`.
pub(crate) const HELLO_WORLD: u64 = 186_853_002;

impl Plan {
    pub(crate) fn new(seed: u64, deliveries: u64, examples: &[Example]) -> Self {
        let about = examples.iter().filter(|it| it.is_about_hello_world());
        Self {
            seed,
            rng: Rng::with_seed(seed),
            deliveries,
            turns: None,
            told: 0,
            tales: 0,
            open: Vec::new(),
            examples: about
                .map(|it| (it.event.clone(), it.body.replace("Codertocat", "octo")))
                .collect(),
        }
    }

    pub(crate) fn seed(&self) -> u64 {
        self.seed
    }

    /// From the start, as often as the first time.
    pub(crate) fn begin_again(&mut self) {
        self.turns = Some(self.told);
        (self.told, self.tales) = (0, 0);
        self.rng = Rng::with_seed(self.seed);
        self.open.clear();
    }

    /// The repositories in which it happens.
    pub(crate) fn repos() -> impl Iterator<Item = String> {
        (1..=REPOS).map(|n| format!("octo/repo-{n}"))
    }

    /// Lets the next thing happen; the commit that came of it, if one did.
    pub(crate) fn turn(&mut self, world: &World) -> Option<String> {
        self.told += 1;
        if self.open.len() < AT_ONCE {
            let tale = self.tale();
            self.open.push(tale);
        }
        let at = self.rng.usize(..self.open.len());
        let tale = &mut self.open[at];
        let step = tale.steps.pop_front().expect("finished tales are gone");
        let sha = tell(world, tale, &step);
        if tale.steps.is_empty() {
            self.open.swap_remove(at);
        }
        sha
    }

    /// Leaves nothing quarantined of what was not told to its end.
    pub(crate) fn leave(&mut self, world: &World) {
        for tale in &mut self.open {
            let to_come = |step: &Step| matches!(step, Step::Unlabel(QUARANTINE));
            let is_on = !tale
                .steps
                .iter()
                .any(|it| matches!(it, Step::Label(QUARANTINE)));
            if is_on && tale.steps.iter().any(to_come) {
                tell(world, tale, &Step::Unlabel(QUARANTINE));
            }
        }
    }

    /// How many turns have been told.
    pub(crate) fn told(&self) -> u64 {
        self.told
    }

    /// One of GitHub's own examples now and then.
    pub(crate) fn example(&mut self) -> Option<(String, String)> {
        let some = self.rng.u32(..8) == 0;
        some.then(|| self.rng.choice(&self.examples).cloned())
            .flatten()
    }

    fn tale(&mut self) -> Tale {
        let repo = format!("octo/repo-{}", self.rng.u64(1..=REPOS));
        let steps = match self.rng.u32(..10) {
            0..4 => self.pull("dependabot[bot]", true),
            4..7 => self.pull("alice", false),
            _ => self.issue(),
        };
        self.tales += 1;
        Tale {
            repo,
            branch: format!("tale-{}", self.tales),
            number: 0,
            steps,
        }
    }

    /// A pull request that is merged in the end, or is left waiting.
    fn pull(&mut self, by: &'static str, ends: bool) -> VecDeque<Step> {
        let mut steps = VecDeque::from([Step::OpenPull { by }, Step::Check("ci", "queued")]);
        for _ in 0..self.rng.u32(..5) {
            let step = match self.rng.u32(..7) {
                0 => Step::Push,
                1 => Step::Check("ci", "failure"),
                2 => Step::Check("lint", "in_progress"),
                3 => Step::Comment("What about this?"),
                4 => Step::Label("needs-docs"),
                5 => Step::Review("mallory", "approve"),
                _ => Step::Retitle,
            };
            steps.push_back(step);
        }
        if self.rng.u32(..6) == 0 {
            steps.extend([
                Step::Label(QUARANTINE),
                Step::Push,
                Step::Unlabel(QUARANTINE),
            ]);
            return steps;
        }
        for name in ["lint", "ci"] {
            steps.push_back(Step::Check(name, "success"));
        }
        if ends {
            steps.push_back(Step::Review("bob", "approve"));
        } else if self.rng.bool() {
            steps.push_back(Step::Review("bob", "request_changes"));
        }
        steps
    }

    fn issue(&mut self) -> VecDeque<Step> {
        let mut steps = VecDeque::from([Step::OpenIssue]);
        for _ in 0..self.rng.u32(1..4) {
            match self.rng.u32(..4) {
                0 => steps.push_back(Step::Comment("Any news?")),
                1 => steps.extend([Step::Label("bug"), Step::Unlabel("bug")]),
                2 => steps.extend([Step::Close, Step::Reopen]),
                _ => steps.push_back(Step::Retitle),
            }
        }
        steps
    }
}

fn tell(world: &World, tale: &mut Tale, step: &Step) -> Option<String> {
    let world = world.in_repo(&tale.repo);
    let number = tale.number;
    match step {
        Step::OpenPull { by } => {
            tale.number = world.open_pull(by, &tale.branch, "A change");
            return Some(world.head(tale.number));
        }
        Step::OpenIssue => tale.number = world.open_issue("carol", "It squeaks"),
        Step::Push => return Some(world.push(number)),
        Step::Check(name, state) => {
            let check = world.check(number, name);
            match *state {
                "queued" => check.queue(),
                "in_progress" => check.start(),
                "success" => check.pass(),
                _ => check.fail(),
            };
        }
        Step::Review(by, verdict) => {
            let review = world.review(number, by);
            match *verdict {
                "approve" => review.approve(),
                _ => review.request_changes(),
            };
        }
        Step::Label(label) => world.label(number, "alice", label),
        Step::Unlabel(label) => world.unlabel(number, "alice", label),
        Step::Comment(text) => {
            world.comment(number, "carol", text);
        }
        Step::Retitle => world.retitle(number, "alice", "Called otherwise"),
        Step::Close => world.close(number, "alice"),
        Step::Reopen => world.reopen(number, "alice"),
    }
    None
}
