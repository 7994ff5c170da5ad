//! What was seen, and what would be seen after acts.

use std::borrow::Cow;

use super::consent;
use super::{Act, Aim, Setting, Until};
use crate::merge_gate::{
    Authority, Blocker, Change, Denial, Ground, OptIn, Policy, Standing, blockers, denials,
    settles_at,
};
use crate::model::ask::AskActivity;
use crate::model::{
    Actor, AppRef, Author, Check, CheckState, ConfigState, Evidence, Label, Login, MergeState,
    Mode, Pull, RemoteId, Review, ReviewState, Sha, Snapshot, Timestamp, label,
};

/// Whether the decision itself takes a pull request into care, told whether somebody who may has
/// let it in.
pub type Care<'a> = &'a dyn Fn(&Pull, bool) -> bool;

/// What was seen and what is demanded, as the gate is asked about it.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// The facts.
    pub snapshot: &'a Snapshot,
    /// What else is known of the change.
    pub change: &'a Change,
    /// From what that was learned.
    pub evidence: &'a Evidence,
    /// What the repository demands.
    pub policy: &'a Policy,
    /// Our own right.
    pub ground: Ground<'a>,
    /// When.
    pub now: Timestamp,
}

/// Everything that the gate looks at, at one moment, and what has been done to it here.
#[derive(Clone)]
pub struct Situation<'a> {
    /// The facts.
    pub snapshot: Snapshot,
    /// What else is known of the change.
    pub change: Change,
    /// What the repository demands.
    pub policy: Cow<'a, Policy>,
    /// Our own right.
    pub ground: Ground<'a>,
    /// When.
    pub now: Timestamp,
    evidence: &'a Evidence,
    care: Care<'a>,
    pushed: bool,
}

impl std::fmt::Debug for Situation<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Situation")
            .field("snapshot", &self.snapshot)
            .field("change", &self.change)
            .field("ground", &self.ground)
            .field("now", &self.now)
            .finish_non_exhaustive()
    }
}

impl<'a> Situation<'a> {
    /// As it was seen.
    pub fn new(seen: Seen<'a>, care: Care<'a>) -> Self {
        let mut snapshot = seen.snapshot.clone();
        if snapshot.pull.merge_state == MergeState::Blocked {
            let told = blockers(&snapshot, seen.change, seen.policy, seen.now);
            if !told.contains(&Blocker::ForgeBlocks) {
                // We can tell why GitHub refuses; it stops when that is mended.
                snapshot.pull.merge_state = MergeState::Clean;
            }
        }
        Self {
            snapshot,
            change: seen.change.clone(),
            policy: Cow::Borrowed(seen.policy),
            ground: seen.ground,
            now: seen.now,
            evidence: seen.evidence,
            care,
            pushed: false,
        }
    }

    /// What can be reached: the right to merge where we have been given it and acts can bring it
    /// about, else being ready.
    pub fn aim(&self) -> Aim {
        let ours = self.policy.authority == Authority::GateAndMerge;
        let protected = self.change.protected.as_ref();
        let people = protected.is_some_and(|paths| !paths.complete || !paths.rows.is_empty());
        if ours && self.snapshot.pull.same_repository && !people {
            Aim::Merge
        } else {
            Aim::Ready
        }
    }

    /// What keeps it from the aim, as the gate says.
    pub fn against(&self, aim: Aim) -> Vec<Blocker> {
        let (seen, change, policy) = (&self.snapshot, &self.change, &self.policy);
        let mut found = blockers(seen, change, policy, self.now);
        if aim == Aim::Merge {
            let denied = denials(seen, change, &self.ground, policy, self.now);
            found.extend(denied.into_iter().map(Blocker::from));
        }
        found
    }

    /// The situation once all of these have happened, whatever order they are given in.
    #[must_use]
    pub fn after(&self, acts: &[Act]) -> Self {
        let mut then = self.clone();
        let mut acts: Vec<&Act> = acts.iter().collect();
        acts.sort();
        for act in acts {
            then.apply(act);
        }
        if then.change.owners.is_some() || then.change.rule.is_some() {
            // The questions are those that were answered: acts change none of them.
            if let Ok(change) = Change::learn(then.evidence, &then.snapshot, &then.policy) {
                // Who let it in is an act, which no answer knows of.
                let Change { opt_in, care, .. } = then.change;
                then.change = Change {
                    opt_in,
                    care,
                    ..change
                };
            }
        }
        let told = then.change.opt_in == OptIn::Yes;
        then.ground.claimed = (then.care)(&then.snapshot.pull, told);
        then
    }

    /// Acts that can make a blocker go away, beside those that are done; empty where none can.
    /// `all` stand against it.
    pub(super) fn against_it(&self, blocker: &Blocker, all: &[Blocker], done: &[Act]) -> Vec<Act> {
        let nth = (1..)
            .zip(done.iter().filter(|act| is_approval(act)))
            .count();
        let anybody = Act::Approve {
            nth: u32::try_from(nth + 1).unwrap_or(u32::MAX),
        };
        // Who is asked for by name counts wherever anybody does.
        let approvals = || {
            let named = all.iter().flat_map(|other| self.named(other));
            let mut acts: Vec<Act> = named.collect();
            acts.push(anybody.clone());
            acts
        };
        let settle = || Act::Wait {
            until: Until::Settled(self.policy.settle),
        };
        match blocker {
            Blocker::Closed => vec![Act::Reopen],
            Blocker::Draft => vec![Act::MarkReady],
            Blocker::Conflict | Blocker::Behind => vec![Act::Push],
            Blocker::MergeabilityUnknown => vec![Act::Wait {
                until: Until::Computed,
            }],
            Blocker::Breaking => vec![off(label::BREAKING)],
            Blocker::Hold { label } => vec![off(label.as_str())],
            Blocker::Escalated => vec![off(label::ESCALATED)],
            Blocker::AutomatedFeedback { .. } => {
                let mut acts = approvals();
                acts.push(Act::Push);
                acts.extend(self.let_in());
                acts
            }
            Blocker::ChangesRequested { by } => {
                let back = by.iter().take(1).cloned();
                back.map(|by| Act::TakeBack { by }).collect()
            }
            Blocker::ReviewMissing { .. } | Blocker::ReviewOutdated { .. } => approvals(),
            Blocker::CodeOwners(finding) | Blocker::ReviewRule(finding) => {
                if consent::anybody(finding) {
                    approvals()
                } else {
                    self.named(blocker)
                }
            }
            Blocker::Checks { .. } if self.pushed => vec![Act::NewChecks],
            Blocker::Checks {
                standing, names, ..
            } => {
                let mut acts = vec![match names.as_slice() {
                    [first, _second] => check(std::slice::from_ref(first)),
                    names => check(names),
                }];
                if *standing == Standing::Failed {
                    acts.push(Act::Push);
                }
                acts
            }
            Blocker::NothingSucceeded { names } => names
                .iter()
                .take(1)
                .map(|name| check(std::slice::from_ref(name)))
                .collect(),
            Blocker::NoCi { .. } => vec![
                Act::FirstCheck,
                Act::Configure {
                    setting: Setting::AllowNoCi,
                },
            ],
            Blocker::NotSettled { .. } => vec![settle()],
            Blocker::Denied(denial) => self.against_denial(denial),
            Blocker::ForgeBlocks
            | Blocker::ReviewsIncomplete { .. }
            | Blocker::RequiredUnknown
            | Blocker::ChecksIncomplete { .. } => Vec::new(),
        }
    }

    /// Approvals by those whom code owners or the review rule name.
    fn named(&self, blocker: &Blocker) -> Vec<Act> {
        match blocker {
            Blocker::CodeOwners(finding) | Blocker::ReviewRule(finding) => {
                consent::named(finding, self.evidence, &self.snapshot.pull.item.author)
            }
            _other => Vec::new(),
        }
    }

    fn against_denial(&self, denial: &Denial) -> Vec<Act> {
        let item = &self.snapshot.pull.item;
        let set = |setting| vec![Act::Configure { setting }];
        match denial {
            Denial::Quarantined => vec![off(label::QUARANTINE)],
            Denial::Paused(_) => set(Setting::Resume),
            Denial::Configuration(_) => set(Setting::Valid),
            Denial::Mode { ceiling, .. } => set(Setting::Mode(*ceiling < Mode::Act)),
            Denial::NotInCare { .. } => {
                let mut acts = Vec::new();
                // What is a draft, closed or handed to people may be claimed once it is not.
                if !item.open {
                    acts.push(Act::Reopen);
                }
                if item.draft {
                    acts.push(Act::MarkReady);
                }
                if item.has_label(label::ESCALATED) {
                    acts.push(off(label::ESCALATED));
                }
                // Where the family is taken into care anyway, nobody asks who put it there.
                let family = self.snapshot.pull.family();
                if self.policy.claims.contains(family) || self.history_is_whole() {
                    let care = self.policy.care_label.clone();
                    acts.extend(care.map(|label| self.on(label)));
                }
                acts.extend(self.let_in());
                acts
            }
            Denial::Family { family, .. } => {
                let mut acts = set(Setting::AutoMerge(*family));
                acts.extend(self.let_in());
                acts
            }
            Denial::ForgeRefuses { until, .. } => vec![
                Act::Push,
                Act::Wait {
                    until: Until::At(*until),
                },
            ],
            Denial::Frozen { until } => vec![Act::Wait {
                until: Until::At(*until),
            }],
            Denial::Moved { .. }
            | Denial::Authority(_)
            | Denial::Fork
            | Denial::ProtectedPath { .. }
            | Denial::FilesUnknown => Vec::new(),
        }
    }

    /// The label by which people let it in, unless one of them has already, or the history is too
    /// long to tell who did.
    fn let_in(&self) -> Option<Act> {
        let label = self.policy.opt_in_label.clone();
        let open = self.change.opt_in != OptIn::Yes && self.history_is_whole();
        open.then(|| self.on(label))
    }

    /// Somebody who may write puts a label on.
    fn on(&self, label: Label) -> Act {
        let anew = self.snapshot.pull.item.has_label(label.as_str());
        Act::LabelOn { label, anew }
    }

    /// Whether it can be told who puts a label on, as far as anybody has asked.
    fn history_is_whole(&self) -> bool {
        let acts = AskActivity(self.snapshot.pull.item.number);
        self.evidence.ask(&acts).map_or(true, |acts| acts.complete)
    }

    fn apply(&mut self, act: &Act) {
        match act {
            Act::Push => self.push(),
            Act::Reopen => self.snapshot.pull.item.open = true,
            Act::MarkReady => {
                let pull = &mut self.snapshot.pull;
                pull.item.draft = false;
                if pull.merge_state == MergeState::Draft {
                    pull.merge_state = MergeState::Clean;
                }
            }
            Act::Check { names } => names.iter().for_each(|name| self.passes(name)),
            Act::NewChecks if self.pushed => self.all_pass(),
            Act::NewChecks => {}
            Act::FirstCheck => self.report("a first check", None),
            Act::Approve { nth } => {
                let login = Login::new(format!("somebody who may write, {nth}"));
                self.approves(person(login), true);
            }
            Act::ApproveAs { by, .. } => self.approves(person(by.clone()), true),
            Act::TakeBack { by } => {
                let theirs = |review: &&Review| {
                    let against = review.state == ReviewState::ChangesRequested;
                    against && review.by.login().same(by)
                };
                let last = self.snapshot.reviews.rows.iter().rfind(theirs);
                if let Some((by, trusted)) = last.map(|r| (r.by.clone(), r.trusted)) {
                    // Of whom only the association speaks for, the demand counts and nothing else.
                    let barred = consent::may_not_write(&by.login(), self.evidence);
                    self.approves(by, trusted && !barred);
                }
            }
            Act::LabelOff { label } => {
                let labels = &mut self.snapshot.pull.item.labels;
                labels.retain(|on| !on.same(label));
            }
            Act::LabelOn { label, .. } => {
                let item = &mut self.snapshot.pull.item;
                if !item.has_label(label.as_str()) {
                    item.labels.push(label.clone());
                }
                if label.same(&self.policy.opt_in_label) {
                    self.change.opt_in = OptIn::Yes;
                }
                if self
                    .policy
                    .care_label
                    .as_ref()
                    .is_some_and(|care| care.same(label))
                {
                    self.change.care = OptIn::Yes;
                }
            }
            Act::Configure { setting } => self.configure(*setting),
            Act::Wait { until } => match until {
                Until::Computed => {
                    let pull = &mut self.snapshot.pull;
                    pull.mergeable = Some(true);
                    if pull.merge_state == MergeState::Unknown {
                        pull.merge_state = MergeState::Clean;
                    }
                }
                Until::Settled(_) => {
                    self.now = self.now.max(settles_at(&self.snapshot, &self.policy));
                }
                Until::At(at) => self.now = self.now.max(*at),
            },
        }
    }

    fn configure(&mut self, setting: Setting) {
        match setting {
            Setting::Resume => self.ground.paused = None,
            Setting::Valid => self.ground.config = ConfigState::Valid,
            Setting::Mode(_) => {
                (self.ground.mode, self.ground.ceiling) = (Mode::Act, Mode::Act);
            }
            Setting::AllowNoCi => self.policy.to_mut().allow_no_ci = true,
            Setting::AutoMerge(family) => {
                let policy = self.policy.to_mut();
                policy.families = policy.families.with(family);
            }
        }
    }

    fn push(&mut self) {
        let digit = |digit: &str| Sha::parse(&digit.repeat(40)).expect("40 hex digits are a hash");
        let snapshot = &mut self.snapshot;
        let new = [digit("0"), digit("1")];
        let other = new.into_iter().find(|sha| *sha != snapshot.pull.head);
        snapshot.pull.head = other.expect("two hashes are not both the head");
        snapshot.pull.mergeable = Some(true);
        snapshot.pull.merge_state = if snapshot.pull.item.draft {
            MergeState::Draft
        } else {
            MergeState::Clean
        };
        // What we publish is there at once.
        for check in snapshot.checks.rows.iter_mut().filter(|check| !check.ours) {
            (check.state, check.at) = (CheckState::Queued, Some(self.now));
        }
        self.touched();
        self.pushed = true;
    }

    /// Something has just happened to the head.
    fn touched(&mut self) {
        let seen = self.snapshot.head_seen_at.max(Some(self.now));
        self.snapshot.head_seen_at = seen;
    }

    fn all_pass(&mut self) {
        let rows = self.snapshot.checks.rows.iter();
        let theirs = rows.filter(|check| !check.ours);
        let mut names: Vec<String> = theirs.map(|check| check.name.clone()).collect();
        let required = self.snapshot.required.iter();
        names.extend(required.flat_map(|r| &r.checks).map(|w| w.name.clone()));
        names.sort();
        names.dedup();
        for name in names {
            self.passes(&name);
        }
    }

    /// Whoever reports a check of this name says success; where an App must, that App does.
    fn passes(&mut self, name: &str) {
        let own = self.policy.check_name.clone();
        let mut there = false;
        for check in &mut self.snapshot.checks.rows {
            if check.name == name && !(check.ours && check.name == own) {
                (check.state, check.at) = (CheckState::Success, Some(self.now));
                there = true;
            }
        }
        let required = self.snapshot.required.iter().flat_map(|r| &r.checks);
        let wanted: Vec<_> = required.filter(|w| w.name == name).cloned().collect();
        for app in wanted.into_iter().map(|wanted| wanted.app) {
            let from = |check: &Check| {
                check.name == name && (app.is_none() || check.app.as_ref().map(|a| a.id) == app)
            };
            if !self.snapshot.checks.rows.iter().any(from) {
                self.report(name, app.map(|id| AppRef { id, ours: false }));
                there = true;
            }
        }
        if there {
            self.touched();
        }
    }

    fn report(&mut self, name: &str, app: Option<AppRef>) {
        self.snapshot.checks.rows.push(Check {
            name: name.to_owned(),
            id: RemoteId::new(u64::MAX),
            app,
            ours: false,
            state: CheckState::Success,
            at: Some(self.now),
        });
        self.touched();
    }

    fn approves(&mut self, by: Author, trusted: bool) {
        let rows = &mut self.snapshot.reviews.rows;
        let last = rows.iter().map(|review| review.at).max();
        rows.push(Review {
            id: RemoteId::new(u64::MAX),
            by,
            state: ReviewState::Approved,
            commit: Some(self.snapshot.pull.head.clone()),
            at: last.map_or(self.now, |last| last.max(self.now)),
            trusted,
            has_text: false,
        });
    }
}

fn person(login: Login) -> Author {
    Author::Human(Actor {
        login,
        id: None,
        bot: false,
    })
}

fn off(name: &str) -> Act {
    Act::LabelOff {
        label: Label::new(name),
    }
}

fn check(names: &[String]) -> Act {
    Act::Check {
        names: names.to_vec(),
    }
}

fn is_approval(act: &Act) -> bool {
    matches!(act, Act::Approve { .. })
}
