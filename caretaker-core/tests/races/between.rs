//! A forge with the rest of the world at work before and after every call, and a witness who notes
//! what the world was like when it answered the last look.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use caretaker_core::drive::known_config;
use caretaker_core::merge_gate::MergePermit;
use caretaker_core::model::{
    ActionKey, Answer, Branch, ForgeAction, ForgeQuery, Login, Merge, Number, Receipt, RepoRef,
};
use caretaker_core::ports::{Clock as _, Forge, Freshness, Kind as Failure, PortError, Settled};

use crate::change::{Kind, Stage};
use crate::config;
use crate::dice::Dice;
use crate::history::BEGIN;
use crate::oracle::{Aside, Truth};

/// Everybody who ever approves or labels.
const PEOPLE: [&str; 6] = ["alice", "bob", "carol", "rita", "ron", "tom"];

/// A moment at which the world may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Moment {
    BeforeRead,
    AfterRead,
    BeforeLook,
    AfterLook,
    BeforeWrite,
    AfterWrite,
    BeforeMerge,
    AfterMerge,
}

impl Moment {
    pub(crate) const ALL: [Self; 8] = [
        Self::BeforeRead,
        Self::AfterRead,
        Self::BeforeLook,
        Self::AfterLook,
        Self::BeforeWrite,
        Self::AfterWrite,
        Self::BeforeMerge,
        Self::AfterMerge,
    ];
}

/// What happens when, and what came of it.
#[derive(Default)]
pub(crate) struct Told {
    /// What is still to happen, each at the moment after so many others of its sort.
    plan: Vec<(Moment, usize, Kind)>,
    /// What has happened, in order.
    pub(crate) happened: Vec<(Moment, Kind)>,
    /// Moments so far.
    passed: BTreeMap<Moment, usize>,
    truth: Option<Truth>,
    /// Where `happened` stood when the last look was answered.
    since: usize,
    pub(crate) merged: Vec<Merged>,
    pub(crate) refused: Vec<u16>,
    /// What stood against a merge at last looks before one.
    pub(crate) stood: Vec<&'static str>,
    /// What must not be.
    pub(crate) wrong: Vec<String>,
}

/// A merge that came about.
#[derive(Clone, Debug)]
pub(crate) struct Merged {
    /// What had changed since the last look was answered.
    pub(crate) since: Vec<Kind>,
}

/// The forge as the driver gets it.
pub(crate) struct Between {
    pub(crate) stage: Stage,
    pub(crate) told: Mutex<Told>,
    pub(crate) dice: Mutex<Dice>,
}

impl Told {
    pub(crate) fn planned(plan: Vec<(Moment, usize, Kind)>) -> Self {
        Self {
            plan,
            ..Self::default()
        }
    }
}

impl Between {
    pub(crate) fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn dice(&self) -> MutexGuard<'_, Dice> {
        self.dice.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A run begins: what an earlier one saw counts no more.
    pub(crate) fn begins(&self) {
        self.told().truth = None;
    }

    /// A run has ended: what stood against merging when it looked last, if it did.
    pub(crate) fn ends(&self) {
        let mut told = self.told();
        let stood = told.truth.as_ref().map(Truth::against);
        told.stood.extend(stood.unwrap_or_default());
    }

    fn moment(&self, moment: Moment) {
        let due: Vec<Kind> = {
            let mut told = self.told();
            let passed = told.passed.entry(moment).or_default();
            let now = *passed;
            *passed += 1;
            let (due, later) = std::mem::take(&mut told.plan)
                .into_iter()
                .partition(|(at, nth, _)| (*at, *nth) == (moment, now));
            told.plan = later;
            let due: Vec<(Moment, usize, Kind)> = due;
            due.into_iter().map(|(_, _, kind)| kind).collect()
        };
        let mut dice = self.dice();
        for kind in due {
            self.stage.happens(kind, &mut dice);
            self.told().happened.push((moment, kind));
        }
    }

    /// The world as it is right now, by its own word.
    async fn truth(&self, repo: &RepoRef) -> Option<Truth> {
        let number = Number::new(self.stage.number);
        let mut asked = vec![
            ForgeQuery::Snapshot(number),
            ForgeQuery::Files(number),
            ForgeQuery::CodeOwners(Branch::new("main")),
            ForgeQuery::Activity(number),
        ];
        asked.extend(PEOPLE.map(|login| ForgeQuery::Permission(Login::new(login))));
        let answers = self.stage.world.read(repo, &asked, Freshness::Fresh).await;
        let (config, paused) = self.memory(repo).await;
        let mut answers = asked.iter().zip(answers);
        let Some((_, Ok(Answer::Snapshot(snapshot)))) = answers.next() else {
            return None;
        };
        let mut aside = Aside::default();
        for (query, answer) in answers {
            aside.take(query, &answer);
        }
        Some(Truth {
            snapshot: *snapshot,
            config,
            paused,
            minute: self.minute(),
            aside,
        })
    }

    fn minute(&self) -> i64 {
        self.stage.clock.now().since(BEGIN).whole_seconds() / 60
    }

    /// The configuration in force, and whether we are paused.
    async fn memory(&self, repo: &RepoRef) -> (Option<&'static config::Config>, bool) {
        let known = known_config::remembered(&self.stage.plain, &repo.key).await;
        let known = known.expect("memory answers").map(|(_, known)| known);
        let config = known.and_then(|k| config::in_force(k.state, k.good_text.as_deref()));
        let paused = self.stage.plain.storage.paused(&repo.key).await;
        (config, paused.expect("memory answers").is_some())
    }
}

#[async_trait]
impl Forge for Between {
    async fn read(
        &self,
        repo: &RepoRef,
        queries: &[ForgeQuery],
        freshness: Freshness,
    ) -> Vec<Result<Answer, PortError>> {
        let look = freshness == Freshness::Fresh;
        self.moment(if look {
            Moment::BeforeLook
        } else {
            Moment::BeforeRead
        });
        let answers = self.stage.world.read(repo, queries, freshness).await;
        let snapshot = |query: &ForgeQuery| matches!(query, ForgeQuery::Snapshot(_));
        if look && queries.iter().any(snapshot) {
            let truth = self.truth(repo).await;
            let mut told = self.told();
            told.truth = truth;
            told.since = told.happened.len();
        } else if look && let Some(truth) = &mut self.told().truth {
            for (query, answer) in queries.iter().zip(&answers) {
                truth.aside.take(query, answer);
            }
        }
        self.moment(if look {
            Moment::AfterLook
        } else {
            Moment::AfterRead
        });
        if look {
            // Our memory and the clock are asked after the forge: what happens during the call is
            // seen as well.
            let (_, paused) = self.memory(repo).await;
            if let Some(truth) = &mut self.told().truth {
                truth.paused = paused;
                truth.minute = self.minute();
            }
        }
        answers
    }

    async fn write(
        &self,
        repo: &RepoRef,
        action: &ForgeAction,
        key: &ActionKey,
    ) -> Result<Receipt, PortError> {
        self.moment(Moment::BeforeWrite);
        let wrote = self.stage.world.write(repo, action, key).await;
        self.moment(Moment::AfterWrite);
        wrote
    }

    async fn settle(
        &self,
        repo: &RepoRef,
        action: &ForgeAction,
        key: &ActionKey,
    ) -> Result<Settled, PortError> {
        self.stage.world.settle(repo, action, key).await
    }

    async fn merge(
        &self,
        repo: &RepoRef,
        permit: &MergePermit,
        key: &ActionKey,
    ) -> Result<Receipt, PortError> {
        self.moment(Moment::BeforeMerge);
        let before = self.truth(repo).await;
        let answer = self.stage.plain.forge.merge(repo, permit, key).await;
        {
            let mut told = self.told();
            match &answer {
                Ok(_) => {
                    let wrong = judge(permit, told.truth.as_ref(), before.as_ref());
                    told.wrong.extend(wrong);
                    let since = told.happened[told.since..].iter().map(|(_, kind)| *kind);
                    let since = since.collect();
                    told.merged.push(Merged { since });
                }
                Err(error) => {
                    if let Failure::Refused(status) = error.kind {
                        told.refused.push(status);
                    }
                }
            }
        }
        self.moment(Moment::AfterMerge);
        answer
    }

    async fn settle_merge(&self, repo: &RepoRef, merge: &Merge) -> Result<Settled, PortError> {
        self.stage.world.settle_merge(repo, merge).await
    }
}

/// What is wrong about a merge that came about: about the right to it, and about the forge.
fn judge(permit: &MergePermit, looked: Option<&Truth>, now: Option<&Truth>) -> Vec<String> {
    let mut wrong = Vec::new();
    match looked {
        None => wrong.push("merged without a last look".to_owned()),
        Some(looked) => {
            if looked.head() != permit.head() {
                wrong.push("merged another head than the looked-at one".to_owned());
            }
            let against = looked.against();
            if !against.is_empty() {
                wrong.push(format!(
                    "merged although at the last look it was {against:?}"
                ));
            }
        }
    }
    if let Some(status) = now.and_then(|now| now.must_refuse(permit.head())) {
        wrong.push(format!("the forge took what it has to refuse by {status}"));
    }
    wrong
}
