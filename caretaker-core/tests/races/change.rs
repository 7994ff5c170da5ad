//! What can happen to a pull request while we are at work.

use caretaker_core::drive::{Worker, known_config};
use caretaker_core::model::{Pause, Span, label};
use caretaker_core::ports::{Ports, Write};
use caretaker_testkit::clock::VirtualClock;
use caretaker_testkit::world::{Act, Protection, World};
use futures_util::FutureExt;

use crate::config::{BROKEN, CONFIGS};
use crate::dice::Dice;
use crate::owners;

/// Who may only read, and who may label and not write.
pub(crate) const STRANGERS: [&str; 2] = ["carol", "tom"];

/// One kind of change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Push,
    Approve,
    Objection,
    Dismissal,
    BotRemark,
    ApprovalByReader,
    Demoted,
    Promoted,
    CheckPasses,
    CheckFails,
    CheckStarts,
    Hold,
    Release,
    Escalated,
    Breaking,
    Quarantine,
    OptIn,
    OptInByStranger,
    OptInTakenBack,
    Care,
    CareByStranger,
    OutOfCare,
    Draft,
    Ready,
    Conflict,
    MergeabilityUnknown,
    Mergeable,
    Closed,
    Reopened,
    Configuration,
    ConfigurationUnheard,
    ConfigurationBroken,
    Pause,
    Resume,
    Demand,
    NoDemand,
    RulesHidden,
    OwnersChange,
    TouchesSecret,
    BaseMoves,
    TimePasses,
}

impl Kind {
    pub(crate) const ALL: &[Self] = &[
        Self::Push,
        Self::Approve,
        Self::Objection,
        Self::Dismissal,
        Self::BotRemark,
        Self::ApprovalByReader,
        Self::Demoted,
        Self::Promoted,
        Self::CheckPasses,
        Self::CheckFails,
        Self::CheckStarts,
        Self::Hold,
        Self::Release,
        Self::Escalated,
        Self::Breaking,
        Self::Quarantine,
        Self::OptIn,
        Self::OptInByStranger,
        Self::OptInTakenBack,
        Self::Care,
        Self::CareByStranger,
        Self::OutOfCare,
        Self::Draft,
        Self::Ready,
        Self::Conflict,
        Self::MergeabilityUnknown,
        Self::Mergeable,
        Self::Closed,
        Self::Reopened,
        Self::Configuration,
        Self::ConfigurationUnheard,
        Self::ConfigurationBroken,
        Self::Pause,
        Self::Resume,
        Self::Demand,
        Self::NoDemand,
        Self::RulesHidden,
        Self::OwnersChange,
        Self::TouchesSecret,
        Self::BaseMoves,
        Self::TimePasses,
    ];
}

/// Everything that a change may touch.
#[derive(Clone)]
pub(crate) struct Stage {
    pub(crate) world: World,
    pub(crate) clock: VirtualClock,
    pub(crate) plain: Ports,
    pub(crate) worker: Worker,
    pub(crate) number: u64,
    /// Its head branch.
    pub(crate) branch: &'static str,
}

impl Stage {
    /// Lets it happen.
    pub(crate) fn happens(&self, kind: Kind, dice: &mut Dice) {
        let (world, number) = (&self.world, self.number);
        let reviewer = dice.one(&["bob", "rita"]);
        let stranger = dice.one(&STRANGERS);
        let check = dice.one(&["ci", "ci", "lint"]);
        let on = |name| world.label(number, "alice", name);
        let open = world.is_open(number);
        match kind {
            Kind::Push if open => {
                world.push(number);
            }
            Kind::Approve => {
                world.review(number, reviewer).approve();
            }
            Kind::Objection => {
                world.review(number, reviewer).request_changes();
            }
            Kind::Dismissal => {
                world.review(number, reviewer).approve();
                world.review(number, reviewer).dismiss("rita");
            }
            Kind::BotRemark => {
                let said = world.review(number, "critic[bot]").saying("Hm.");
                said.comment();
            }
            Kind::ApprovalByReader => {
                world.review(number, "ron").approve();
            }
            Kind::Demoted => world.role(reviewer, "read"),
            Kind::Promoted => world.role(dice.one(&["bob", "rita", "ron"]), "write"),
            Kind::CheckPasses => {
                world.check(number, check).pass();
            }
            Kind::CheckFails => {
                let ending = dice.one(&["failure", "cancelled", "timed_out", "stale"]);
                world.check(number, check).conclude(ending);
            }
            Kind::CheckStarts => {
                world.check(number, check).start();
            }
            Kind::Hold => on(dice.one(&[label::HOLD, label::HOLD, "wait"])),
            Kind::Release => {
                for name in [label::HOLD, "wait", label::ESCALATED, label::BREAKING] {
                    self.off(name);
                }
            }
            Kind::Escalated => on(label::ESCALATED),
            Kind::Breaking => on(label::BREAKING),
            Kind::Quarantine => on(label::QUARANTINE),
            Kind::OptIn => on(label::MERGE),
            Kind::OptInByStranger => world.label(number, stranger, label::MERGE),
            Kind::OptInTakenBack => self.off(label::MERGE),
            Kind::Care => world.label(number, reviewer, label::OWNED),
            Kind::CareByStranger => world.label(number, stranger, label::OWNED),
            Kind::OutOfCare => self.off(label::OWNED),
            Kind::Draft => world.draft(number, "alice", true),
            Kind::Ready => world.draft(number, "alice", false),
            Kind::Conflict => world.mergeable(number, Some(false)),
            Kind::MergeabilityUnknown => world.mergeable(number, None),
            Kind::Mergeable => world.mergeable(number, Some(true)),
            Kind::Closed => world.close(number, "alice"),
            Kind::Reopened if !open && world.merged_head(number).is_none() => {
                world.reopen(number, "alice");
            }
            Kind::Configuration => {
                world.config(CONFIGS[dice.below(CONFIGS.len())].text);
                self.hears_of_the_configuration();
            }
            Kind::ConfigurationUnheard => {
                world.config(CONFIGS[dice.below(CONFIGS.len())].text);
            }
            Kind::ConfigurationBroken => {
                if dice.once_in(2) {
                    world.config(BROKEN);
                } else {
                    world.delete_config();
                }
                self.hears_of_the_configuration();
            }
            Kind::Pause => self.pause(true, dice),
            Kind::Resume => self.pause(false, dice),
            Kind::Demand => {
                let demand = match dice.below(5) {
                    0 => Protection {
                        approvals: 2,
                        ..Protection::default()
                    },
                    1 => Protection {
                        dismiss_stale: true,
                        ..Protection::checks(&["ci"])
                    },
                    2 => Protection {
                        strict: true,
                        ..Protection::default()
                    },
                    3 => Protection {
                        code_owners: true,
                        ..Protection::default()
                    },
                    _ => Protection::checks(&["ci", "deploy"]),
                };
                world.ruleset("main", demand);
            }
            Kind::NoDemand => {
                world.tell(Act::HideRules { hidden: false });
                world.ruleset("main", Protection::default());
            }
            Kind::RulesHidden => world.hide_rules(),
            Kind::OwnersChange => {
                let text = dice.one(&owners::texts());
                world.commit_file("main", "CODEOWNERS", text, "bob");
            }
            Kind::TouchesSecret if open => {
                world.commit_file(self.branch, "secret/key", "1234\n", "alice");
            }
            Kind::BaseMoves => {
                world.commit_file("main", "README.md", "More.\n", "bob");
            }
            Kind::TimePasses => {
                let seconds = dice.one(&[1, 5, 30, 61, 180, 480]);
                self.clock.advance(Span::seconds(seconds));
            }
            // Nothing of the kind can happen now.
            Kind::Push | Kind::Reopened | Kind::TouchesSecret => {}
        }
    }

    fn off(&self, name: &str) {
        if self.world.labels(self.number).iter().any(|on| on == name) {
            self.world.unlabel(self.number, "alice", name);
        }
    }

    /// A push has told us of the configuration, as when another item of the repository is handled.
    pub(crate) fn hears_of_the_configuration(&self) {
        let (repo, now) = (self.world.repo(), self.plain.clock.now());
        let heard = known_config::load(&self.plain, &self.worker, &repo, true, now);
        Box::pin(heard)
            .now_or_never()
            .expect("nothing waits")
            .expect("the world answers");
    }

    pub(crate) fn pause(&self, on: bool, dice: &mut Dice) {
        let repo = dice.once_in(2).then(|| self.world.repo().key);
        let pause = on.then(|| Pause {
            at: self.plain.clock.now(),
            by: "operator".to_owned(),
            why: None,
        });
        let write = Write::Pause { repo, pause };
        let kept = self.plain.storage.commit(None, vec![write]);
        kept.now_or_never()
            .expect("memory answers at once")
            .expect("memory keeps it");
    }
}
