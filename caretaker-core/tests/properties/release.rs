//! What is said to release a pull request does, and nothing less would: asked of the agent itself,
//! by deciding again on edited evidence.

use caretaker_core::agents::pr::{Pr, after, releases};
use caretaker_core::guard;
use caretaker_core::model::{
    ActKind, Action, Answer, Author, Evidence, Label, Mode, Permission, Query, Task, label,
};
use caretaker_core::release::{Act, Aim, MOST_ACTS, MOST_WAYS, Releases, Until};
use caretaker_core::scenario::{Scenario, bot, person};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use crate::facts::{scenario_of, snapshot};

/// Whether the decision reaches the aim once these have happened.
fn reached(task: &Task, evidence: &Evidence, acts: &[Act], aim: Aim) -> bool {
    let (task, mut evidence) = after(task, evidence, acts).expect("everything is answered");
    let count = Query::State(guard::acts_key(task.now));
    evidence.add(count, Answer::State(None));
    let (decision, reviewed) = task.take(&Pr, &evidence).expect("everything is answered");
    match aim {
        Aim::Merge => {
            let merges = |action: &Action| matches!(action, Action::Merge(_));
            reviewed
                .allowed
                .iter()
                .any(|planned| merges(&planned.action))
        }
        Aim::Ready => ["ready", "merge"].contains(&decision.verdict.as_str()),
    }
}

fn parts(way: &[Act]) -> impl Iterator<Item = Vec<Act>> + '_ {
    let whole = (1_usize << way.len()) - 1;
    (0..whole).map(|mask| {
        let kept = way.iter().enumerate();
        let kept = kept.filter(move |(place, _)| mask & (1 << place) != 0);
        kept.map(|(_, act)| act.clone()).collect()
    })
}

fn found(scenario: &Scenario) -> (Task, Evidence, Option<Releases>) {
    let (task, evidence) = scenario.task(&Pr);
    let found = releases(&task, &evidence).expect("everything is answered");
    (task, evidence, found)
}

/// Pull requests in repositories that let us merge, and in others.
fn scenarios() -> impl Strategy<Value = Scenario> {
    let authority = select(vec!["gate_and_merge", "gate_and_merge", "advisory"]);
    let odds = (any::<bool>(), 0_u8..4, 0_u8..4, 0_u8..8, any::<bool>());
    let mode = prop_oneof![3 => Just(Mode::Act), 1 => select(Mode::ALL.to_vec())];
    let plain =
        (snapshot(), authority, mode, odds).prop_map(|(mut seen, authority, mode, odds)| {
            let (human, paused, refused, required, claim) = odds;
            if required == 0 {
                // What cannot be learned has no way out; most shall have one.
                seen.required = None;
            } else {
                seen.required.get_or_insert_default();
                seen.checks.complete = true;
                seen.reviews.complete = true;
            }
            let mut scenario = scenario_of(&seen)
                .param("merge_authority.mode", authority)
                .param("auto_merge.human_prs", human)
                .param("ownership.auto_claim.human_prs", claim)
                .mode(mode);
            if paused == 0 {
                scenario = scenario.paused();
            }
            if refused == 0 {
                scenario = scenario.refused(405, 2);
            }
            scenario
        });
    (plain, demands(), history())
        .prop_map(|(scenario, demands, history)| history.on(demands.on(scenario)))
}

/// Who put the labels on by which pull requests are let in, and whether that can be told.
#[derive(Clone, Debug)]
struct History {
    told: Option<Author>,
    care: Option<Author>,
    /// Somebody has taken the label of care off before.
    ended: Option<Author>,
    is_cut: bool,
}

fn history() -> impl Strategy<Value = History> {
    let writer = || person("wanda");
    let who = || select(vec![Author::Us, writer(), person("tom"), bot("ai[bot]")]);
    let parts = (
        prop::option::weighted(0.2, who()),
        prop::option::weighted(0.4, who()),
        prop::option::weighted(0.1, who()),
        prop::bool::weighted(0.05),
    );
    parts.prop_map(|(told, care, ended, is_cut)| History {
        told,
        care,
        ended,
        is_cut,
    })
}

impl History {
    fn on(self, scenario: Scenario) -> Scenario {
        let people = [("wanda", Permission::Write), ("tom", Permission::Triage)];
        let known = people
            .into_iter()
            .fold(scenario, |scenario, (login, may)| scenario.may(login, may));
        let off = ActKind::Unlabeled(Label::new(label::OWNED));
        let ended = self.ended.into_iter();
        let known = ended.fold(known, |scenario, who| scenario.act(1, who, off.clone()));
        let labels = [(label::MERGE, self.told), (label::OWNED, self.care)];
        let labelled = labels
            .into_iter()
            .filter_map(|(name, who)| who.map(|who| (name, who)))
            .fold(known, |scenario, (name, who)| scenario.label_by(name, who));
        if self.is_cut {
            labelled.history_is_cut()
        } else {
            labelled
        }
    }
}

/// What most repositories do not ask for.
#[derive(Clone, Debug)]
struct Demands {
    owners: Option<&'static str>,
    rule: Option<Value>,
    dismiss_stale: bool,
    team: Option<&'static [&'static str]>,
    wrote: Option<&'static str>,
    authors_are_cut: bool,
    freeze: &'static [&'static str],
    file: &'static str,
    files_are_cut: bool,
}

const OWNERS: [&str; 6] = [
    "",
    "* @rita\n",
    "* @rita @rob\nsrc/ @dora\n",
    "* @octo/data\n",
    "* @dora\n/src/ @octo/data @rob\n",
    "* dora@example.com\n",
];

fn rules() -> Vec<Value> {
    vec![
        json!({"approvals": 1}),
        json!({"approvals": 2}),
        json!({"approvals": 1, "from": ["dora"]}),
        json!({"approvals": 1, "from": ["octo/data"]}),
        json!({"approvals": 2, "from": ["octo/data", "rita"]}),
        json!({"approvals": 1, "from": ["rita"], "not": ["author"]}),
        json!({"code_owners": true}),
        json!({"all": [{"approvals": 1, "from": ["rob"]}, {"code_owners": true}]}),
        json!({"any": [{"approvals": 3}, {"approvals": 1, "from": ["dora", "octo/data"]}]}),
    ]
}

/// Scenarios happen on 2023-11-14 at 22:13:20, a Tuesday.
const FREEZES: [&[&str]; 5] = [
    &[],
    &["2023-11-14T00:00Z/2023-11-15T00:00Z"],
    &["2023-11-14T22:13:20Z/2023-11-14T22:14:20Z"],
    &["Tue 08:00/Wed 08:00", "Wed 08:00/Wed 09:00"],
    &["2023-11-10T00:00Z/2023-11-14T22:13:20Z"],
];

const TEAMS: [&[&str]; 4] = [&[], &["dan"], &["author", "dan"], &["rita", "rob"]];

fn demands() -> impl Strategy<Value = Demands> {
    let reviews = (
        prop::option::weighted(0.2, select(OWNERS.to_vec())),
        prop::option::weighted(0.2, select(rules())),
        prop::bool::weighted(0.2),
        prop::option::weighted(0.9, select(TEAMS.to_vec())),
        prop::option::weighted(0.2, select(vec!["rita", "dora"])),
        prop::bool::weighted(0.05),
    );
    let file = prop_oneof![19 => Just("src/db.rs"), 1 => Just(".github/workflows/ci.yml")];
    let freeze = prop_oneof![2 => Just(FREEZES[0]), 1 => select(FREEZES.to_vec())];
    let rest = (freeze, file, prop::bool::weighted(0.03));
    (reviews, rest).prop_map(|(reviews, (freeze, file, files_are_cut))| {
        let (owners, rule, dismiss_stale, team, wrote, authors_are_cut) = reviews;
        Demands {
            owners,
            rule,
            dismiss_stale,
            team,
            wrote,
            authors_are_cut,
            freeze,
            file,
            files_are_cut,
        }
    })
}

impl Demands {
    fn on(self, scenario: Scenario) -> Scenario {
        let mut scenario = scenario
            .file(self.file)
            .param("merge.dismiss_stale", self.dismiss_stale)
            .param("merge.freeze", json!(self.freeze));
        if let Some(owners) = self.owners {
            scenario = scenario.owners(owners).with(|seen| {
                if let Some(required) = &mut seen.required {
                    required.code_owners = true;
                }
            });
        }
        if let Some(rule) = self.rule {
            scenario = scenario.param("merge.reviews", rule);
        }
        scenario = match self.team {
            Some(members) => scenario.team("data", members),
            None => scenario.hidden_team("data"),
        };
        if let Some(login) = self.wrote {
            scenario = scenario.commits_by(person(login));
        }
        if self.authors_are_cut {
            scenario = scenario.authors_are_cut();
        }
        if self.files_are_cut {
            scenario = scenario.files_are_cut();
        }
        scenario
    }
}

proptest! {
    #[test]
    fn a_way_out_leads_out_and_no_part_of_it_does(scenario in scenarios()) {
        let (task, evidence, found) = found(&scenario);
        let Some(found) = found else {
            prop_assert!(reached(&task, &evidence, &[], Aim::Ready));
            return Ok(());
        };
        prop_assert!(found.ways.len() <= MOST_WAYS);
        for way in &found.ways {
            prop_assert!((1..=MOST_ACTS).contains(&way.len()));
            prop_assert!(reached(&task, &evidence, way, found.aim), "{way:?}");
            for part in parts(way) {
                let less = reached(&task, &evidence, &part, found.aim);
                prop_assert!(!less, "{part:?} of {way:?} suffices");
            }
        }
        prop_assert_eq!(found.ways.is_empty(), found.none().is_some());
        let sizes: Vec<usize> = found.ways.iter().map(Vec::len).collect();
        prop_assert!(sizes.is_sorted());
    }

    #[test]
    fn the_same_facts_give_the_same_ways(scenario in scenarios()) {
        prop_assert_eq!(found(&scenario).2, found(&scenario).2);
    }

    #[test]
    fn names_from_outside_are_harmless(
        mut seen in snapshot(),
        name in "[-a-z@#<>!`|\\[\\]()*_:/ \n\u{202e}]{0,40}",
    ) {
        for check in &mut seen.checks.rows {
            check.name.clone_from(&name);
        }
        for review in &mut seen.reviews.rows {
            review.by = person(&name);
        }
        let scenario = scenario_of(&seen).param("ownership.hold_label", name.as_str()).label(&name);
        let Some(found) = found(&scenario).2 else { return Ok(()) };
        let lines = found.ways.len() + usize::from(found.none().is_some());
        let told = found.markdown();
        prop_assert_eq!(told.lines().count(), lines);
        prop_assert!(!told.contains("<!--"));
        let even = told.lines().all(|line| line.matches('`').count().is_multiple_of(2));
        prop_assert!(even, "{told}");
    }
}

/// The laws above say nothing where no way is ever found.
#[test]
fn most_arbitrary_pull_requests_have_a_way_out() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut some, mut several, mut cut, mut named, mut thawed) = (0, 0, 0, 0, 0);
    let (mut told, mut given) = (0, 0);
    for _ in 0..500 {
        let tree = scenarios().new_tree(&mut runner).unwrap();
        let found = found(&proptest::strategy::ValueTree::current(&tree)).2;
        let ways = found.as_ref().map_or(0, |found| found.ways.len());
        some += usize::from(ways > 0);
        several += usize::from(ways > 1);
        let has = |act: &dyn Fn(&Act) -> bool| {
            let mut ways = found.iter().flat_map(|found| &found.ways);
            ways.any(|way| way.iter().any(act))
        };
        let on =
            |act: &Act, name| matches!(act, Act::LabelOn { label, .. } if label.as_str() == name);
        told += usize::from(has(&|act| on(act, label::MERGE)));
        given += usize::from(has(&|act| on(act, label::OWNED)));
        named += usize::from(has(&|act| matches!(act, Act::ApproveAs { .. })));
        thawed += usize::from(has(&|act| {
            matches!(
                act,
                Act::Wait {
                    until: Until::At(_)
                }
            )
        }));
        cut += usize::from(found.is_some_and(|found| found.cut));
    }
    assert!(some > 200, "{some} of 500");
    assert!(several > 50, "{several} of 500");
    assert!(
        named > 25,
        "owners or rules name somebody in {named} of 500"
    );
    assert!(told > 10, "{told} of 500 wait for the opt-in label");
    assert!(given > 3, "{given} of 500 wait for the label of care");
    assert!(thawed > 2, "{thawed} of 500 wait for a time");
    assert!(cut < 25, "{cut} of 500 were cut");
}
