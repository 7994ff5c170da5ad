//! Re-takes recorded decisions without any port.

use serde::Serialize;

use super::change::{Change, halted};
use crate::agents;
use crate::guard::{self, last_look};
use crate::model::{Answer, Evidence, Json, LookVerdict, Outcome, Run};

/// What came of re-taking one record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Replayed {
    /// Decision, guard's word, last look and outcome are the same bytes.
    Same,
    /// Something differs although agent and guard mean the same; each difference by field.
    Differs(Vec<Difference>),
    /// Agent or guard mean something else by now; what differs, if anything.
    OtherRevision(Vec<Difference>),
    /// The record holds no decision.
    NoDecision,
    /// Recorded evidence has been removed by retention.
    EvidenceGone,
    /// No agent of this name exists.
    UnknownAgent(String),
    /// The line is no record of ours.
    Unreadable(String),
}

/// One field that came out otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Which.
    pub field: &'static str,
    /// As recorded, in canonical JSON.
    pub recorded: String,
    /// As re-taken.
    pub retaken: String,
}

/// Re-takes one line of the journal.
pub fn replay(line: &str) -> Replayed {
    match read(line) {
        Ok(run) => replay_run(&run),
        Err(why) => Replayed::Unreadable(why),
    }
}

/// Reads one line of the journal.
///
/// # Errors
/// When it is no record of ours; says why.
pub fn read(line: &str) -> Result<Run, String> {
    match serde_json::from_str::<Run>(line) {
        Ok(run) if run.schema == crate::model::run::SCHEMA => Ok(run),
        Ok(run) => Err(format!("its schema is {}, not ours", run.schema)),
        Err(error) => Err(error.to_string()),
    }
}

/// What verdict and actions of a record come to by now; `None` where [`replay_run`] cannot retake
/// it.
pub fn change(run: &Run) -> Option<Change> {
    let agent = agents::by_name(run.agent.as_str())?;
    let before = (run.decision.as_ref()?, run.reviewed.as_ref()?);
    if gone(&run.evidence) {
        return None;
    }
    Some(match run.task.take(agent, &run.evidence) {
        Ok((decision, reviewed)) => Change::between(before, (&decision, &reviewed)),
        Err(halt) => Change::to_nothing(before, halted(&halt)),
    })
}

/// Re-takes one record.
pub fn replay_run(run: &Run) -> Replayed {
    let Some(agent) = agents::by_name(run.agent.as_str()) else {
        return if run.decision.is_none() {
            Replayed::NoDecision
        } else {
            Replayed::UnknownAgent(run.agent.to_string())
        };
    };
    let (Some(decision), Some(reviewed)) = (&run.decision, &run.reviewed) else {
        return Replayed::NoDecision;
    };
    let looked = run.looked.as_ref();
    if gone(&run.evidence) || looked.is_some_and(|looked| gone(&looked.evidence)) {
        return Replayed::EvidenceGone;
    }
    let mut differences = Vec::new();
    match run.task.take(agent, &run.evidence) {
        Ok((again, reviewed_again)) => {
            compare("decision", decision, &again, &mut differences);
            compare("reviewed", reviewed, &reviewed_again, &mut differences);
        }
        Err(halt) => differences.push(Difference {
            field: "decision",
            recorded: text(&Json::of(decision)),
            retaken: format!("{halt:?}"),
        }),
    }
    if let Some(looked) = looked {
        let look = last_look::Look {
            agent: run.agent.as_str(),
            repo: run.repo.as_ref().map(|repo| &repo.key),
            task: &run.task,
            reviewed,
            evidence: &run.evidence,
            looked: &looked.evidence,
            at: looked.at,
        };
        match look.verdict() {
            Ok((again, _permit)) => {
                compare("looked", &looked.verdict, &again, &mut differences);
                let recorded = run.outcome == Some(Outcome::Overtaken);
                let retaken = again != LookVerdict::Unchanged;
                compare("outcome", &recorded, &retaken, &mut differences);
            }
            Err(halt) => differences.push(Difference {
                field: "looked",
                recorded: text(&Json::of(&looked.verdict)),
                retaken: format!("{halt:?}"),
            }),
        }
    }
    let same_meaning =
        run.agent_revision == agent.manifest().revision && run.guard_revision == guard::REVISION;
    match (same_meaning, differences.is_empty()) {
        (true, true) => Replayed::Same,
        (true, false) => Replayed::Differs(differences),
        (false, _) => Replayed::OtherRevision(differences),
    }
}

pub(super) fn gone(evidence: &Evidence) -> bool {
    evidence
        .iter()
        .any(|(_, answer)| matches!(answer, Answer::Stored(_)))
}

/// Compares in canonical JSON. Equal values have equal texts, which are not written for that.
fn compare<T: PartialEq + Serialize>(
    field: &'static str,
    recorded: &T,
    retaken: &T,
    differences: &mut Vec<Difference>,
) {
    if recorded == retaken {
        return;
    }
    let (recorded, retaken) = (text(&Json::of(recorded)), text(&Json::of(retaken)));
    if recorded != retaken {
        differences.push(Difference {
            field,
            recorded,
            retaken,
        });
    }
}

fn text(json: &Result<Json, String>) -> String {
    match json {
        Ok(json) => json.text().to_owned(),
        Err(why) => why.clone(),
    }
}
