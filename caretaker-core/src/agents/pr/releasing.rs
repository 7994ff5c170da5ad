//! What would release a pull request, from this agent's point of view: its custody and its
//! parameters are part of what acts change.

use super::custody::Custody;
use super::{Params, Sections, merging};
use crate::agents::Input;
use crate::merge_gate::{self, Change, OptIn};
use crate::model::ask::{Ask as _, AskActivity, AskPermission, AskSnapshot};
use crate::model::{
    Act as Happened, ActKind, Answer, Author, Evidence, Halt, Json, Listing, Permission, Pull,
    Query, Snapshot, Subject, Task,
};
use crate::release::{Act, Releases, Seen, Situation};

/// The smallest sets of acts; `None` where nothing stands against it.
pub(super) fn search(seen: Seen<'_>, params: &Params) -> Option<Releases> {
    let acts = history_of(seen.evidence, seen.snapshot);
    let care = |pull: &Pull, told: bool| claims(pull, told, params, acts);
    Releases::of(&Situation::new(seen, &care))
}

/// What would release the pull request that a recorded task of this agent was about;
/// `None` where nothing stands against it, and where it is merged already.
///
/// # Errors
/// As the decision itself: what was not recorded or cannot be read.
pub fn releases(task: &Task, evidence: &Evidence) -> Result<Option<Releases>, Halt> {
    seen(task, evidence, |situation| {
        let merged = situation.snapshot.pull.item.merged_at.is_some();
        if merged {
            None
        } else {
            Releases::of(situation)
        }
    })
}

/// Task and evidence as they would be once these acts had happened, for deciding again.
///
/// What was not asked when it was decided is taken as nothing: of a history that nobody read, only
/// what the acts add to it.
///
/// # Errors
/// As [`releases`].
pub fn after(task: &Task, evidence: &Evidence, acts: &[Act]) -> Result<(Task, Evidence), Halt> {
    seen(task, evidence, |situation| {
        let then = situation.after(acts);
        let mut task = task.clone();
        task.now = then.now;
        let settings = &mut task.settings;
        (settings.mode, settings.ceiling) = (then.ground.mode, then.ground.ceiling);
        settings.config.state = then.ground.config;
        settings.paused = then.ground.paused.cloned();
        task.params = configured(&task.params, acts);
        let number = then.snapshot.pull.item.number;
        let mut history = Listing::whole(Vec::new());
        if let Some(read) = history_of(evidence, &situation.snapshot) {
            history = read.clone();
        }
        let labelled = acts.iter().filter_map(|act| match act {
            Act::LabelOn { label, .. } => Some(ActKind::Labeled(label.clone())),
            _other => None,
        });
        // Ours stand for those of people who may write: we put them on for nobody else.
        history.rows.extend(labelled.map(|what| Happened {
            at: then.now,
            by: Author::Us,
            what,
        }));
        let mut pairs: Vec<(Query, Answer)> = evidence.clone().into();
        // Whoever approves among the acts may write; of others the record says what they may.
        let trusted = then.snapshot.reviews.rows.iter().filter(|r| r.trusted);
        let asked = trusted.map(|review| AskPermission(review.by.login()).query());
        let unknown = asked.filter(|query| evidence.answer(query).is_none());
        pairs.extend(unknown.map(|query| (query, Answer::Permission(Permission::Write))));
        pairs.push((
            AskSnapshot(number).query(),
            Answer::Snapshot(Box::new(then.snapshot.clone())),
        ));
        pairs.push((AskActivity(number).query(), Answer::Activity(history)));
        (task, Evidence::from(pairs))
    })
}

fn seen<T>(
    task: &Task,
    evidence: &Evidence,
    ask: impl FnOnce(&Situation<'_>) -> T,
) -> Result<T, Halt> {
    let Subject::Pull(number) = task.event.subject else {
        let why = "only pull requests are released".to_owned();
        return Err(Halt::Misconfigured(why));
    };
    let input = Input {
        event: &task.event,
        evidence,
        params: &task.params,
        settings: &task.settings,
        now: task.now,
    };
    let sections = task
        .params
        .decode::<Sections>()
        .map_err(Halt::Misconfigured)?;
    let (params, policy) = (&sections.pr_agent, sections.pr_agent.policy());
    let snapshot = evidence.ask(&AskSnapshot(number))?;
    let confirmed = merge_gate::confirmed(evidence, snapshot)?;
    let snapshot = confirmed.as_ref();
    let pull = &snapshot.pull;
    let change = Change::learn(evidence, snapshot, &policy)?;
    let refused = merging::refusals(&input, pull, &policy)?;
    let acts = history_of(evidence, snapshot);
    let care = |pull: &Pull, told: bool| claims(pull, told, params, acts);
    let mut ground = merging::ground(&input, Custody::Claimed, refused.as_ref());
    ground.claimed = care(pull, change.opt_in == OptIn::Yes);
    let seen = Seen {
        snapshot,
        change: &change,
        evidence,
        policy: &policy,
        ground,
        now: task.now,
    };
    Ok(ask(&Situation::new(seen, &care)))
}

fn history_of<'a>(evidence: &'a Evidence, snapshot: &Snapshot) -> Option<&'a Listing<Happened>> {
    let query = AskActivity(snapshot.pull.item.number).query();
    evidence.answer(&query).and_then(AskActivity::read)
}

/// Whether the decision takes it into care by itself.
fn claims(pull: &Pull, told: bool, params: &Params, acts: Option<&Listing<Happened>>) -> bool {
    let custody = Custody::of(pull, params, told);
    let confirmed = match (custody, acts) {
        (Custody::Claimed, Some(acts)) => custody.confirmed(acts, params),
        (custody, _) => custody,
    };
    confirmed == Custody::Claimed
}

/// Parameters with the keys set that the acts set.
fn configured(params: &Json, acts: &[Act]) -> Json {
    let mut value = params.value();
    for act in acts {
        let Act::Configure { setting } = act else {
            continue;
        };
        if let Some((key, set)) = setting.key() {
            let place = key.split('.').fold(&mut value, |at, part| &mut at[part]);
            *place = set.into();
        }
    }
    Json::from_value(&value)
}
