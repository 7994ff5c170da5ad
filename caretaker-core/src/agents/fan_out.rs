//! Turns wide subjects into single ones, so that every agent looks at one subject.
//!
//! Built in. A commit becomes the open pull requests whose head it is; a tick, or a repository that
//! has come into reach, becomes the open items that an agent wants to see, a page at a time, the next page carried by the item it
//! enqueues. It decides in every mode: what it plans is internal.

use std::collections::BTreeMap;

use super::{AgentDef, Input, Manifest, Only, ParamsFrom, Reacts, SubjectKind, Trigger, View};
use crate::model::ask::{AskOpenItems, AskPullsOfCommit};
use crate::model::{
    Action, AgentName, Decision, Detail, Enqueue, EventKind, Fact, Halt, Holds, Json, Loudness,
    Reason, Sha, Span, Subject,
};

/// Hands wide events on.
pub struct FanOut;

/// Sections of the enabled agents, by agent name.
type Params = BTreeMap<String, Json>;

impl AgentDef for FanOut {
    type Params = Params;

    const MANIFEST: Manifest = Manifest {
        name: "fan_out",
        summary: "Turns commits and ticks into looks at single pull requests and issues.",
        revision: 1,
        params: ParamsFrom::AllSections,
        hears: &[Trigger {
            kinds: &[
                EventKind::Ticked,
                EventKind::CheckRunChanged,
                EventKind::CheckRunFinished,
                EventKind::CheckSuiteFinished,
                EventKind::StatusSet,
                EventKind::WorkflowRunFinished,
                EventKind::Installed,
                EventKind::InstallationChanged,
                EventKind::RepositoriesAdded,
            ],
            reacts: Reacts::Level,
            only: Only::All,
            expires: None,
        }],
        subjects: &[SubjectKind::Commit, SubjectKind::Repo],
        every: None,
        view: View::None,
        loudest: Loudness::Internal,
        permissions: &["contents: read", "pull_requests: read", "issues: read"],
        verdicts: &["spread", "nothing"],
    };

    fn decide(&self, input: &Input<'_>, params: &Params) -> Result<Decision, Halt> {
        match (&input.event.subject, &input.event.detail) {
            (Subject::Commit(sha), _) => commit(input, sha),
            (Subject::Repo, Detail::Tick { due, cursor, .. }) => {
                page(input, due, cursor.clone(), params)
            }
            // A repository that came into reach: everybody looks at what is open, once.
            (Subject::Repo, Detail::Nothing | Detail::Push { .. }) => {
                let everybody: Vec<_> = params.keys().map(AgentName::new).collect();
                page(input, &everybody, None, params)
            }
            _ => Ok(Decision::because(
                "nothing",
                Reason::leaf("subject_is_wide", false),
            )),
        }
    }
}

fn commit(input: &Input<'_>, sha: &Sha) -> Result<Decision, Halt> {
    let pulls = input.ask(&AskPullsOfCommit(sha.clone()))?;
    let agents: Vec<AgentName> = super::all()
        .map(super::Agent::manifest)
        .filter(|m| m.subjects.contains(&SubjectKind::Pull))
        .filter(|m| m.reacts_to(input.event.kind).is_some())
        .map(|m| AgentName::new(m.name))
        .collect();
    let count = i64::try_from(pulls.rows.len()).unwrap_or(i64::MAX);
    let found = Reason::leaf("is_head_of_open_pull_requests", count > 0)
        .saw("pull_requests", Fact::Count(count));
    let whole = whole(pulls.complete);
    let because = Reason::all("hand_on_commit", vec![found, whole]);
    let mut decision = Decision::because(if count > 0 { "spread" } else { "nothing" }, because);
    for number in &pulls.rows {
        let look = Enqueue::Look {
            subject: Subject::Pull(*number),
            agents: agents.clone(),
        };
        decision = decision.then(Action::Enqueue(look), "its head is this commit");
    }
    if !pulls.complete {
        decision = decision.recheck_at(input.now + Span::minutes(10));
    }
    Ok(decision)
}

fn page(
    input: &Input<'_>,
    due: &[AgentName],
    cursor: Option<String>,
    params: &Params,
) -> Result<Decision, Halt> {
    let page = input.ask(&AskOpenItems(cursor))?;
    let agents = super::all().filter(|agent| {
        due.iter()
            .any(|name| name.as_str() == agent.manifest().name)
            && params.contains_key(agent.manifest().name)
    });
    let mut looks = Vec::new();
    for row in &page.rows {
        let subject = if row.pull {
            Subject::Pull(row.number)
        } else {
            Subject::Issue(row.number)
        };
        let mut takers = Vec::new();
        for agent in agents.clone() {
            let manifest = agent.manifest();
            let Some(section) = params.get(manifest.name) else {
                continue;
            };
            if manifest.looks_at(&subject) && agent.wants(row, section, input.now)? {
                takers.push(AgentName::new(manifest.name));
            }
        }
        if !takers.is_empty() {
            looks.push(Enqueue::Look {
                subject,
                agents: takers,
            });
        }
    }
    let count = |n: usize| Fact::Count(i64::try_from(n).unwrap_or(i64::MAX));
    let because = Reason::leaf("somebody_wants_a_row", !looks.is_empty())
        .saw("rows", count(page.rows.len()))
        .saw("wanted", count(looks.len()))
        .saw("last_page", Fact::Flag(page.next.is_none()));
    let verdict = if looks.is_empty() && page.next.is_none() {
        "nothing"
    } else {
        "spread"
    };
    let mut decision = Decision::because(verdict, because);
    for look in looks {
        decision = decision.then(Action::Enqueue(look), "a due agent wants to see it");
    }
    if let Some(cursor) = page.next.clone() {
        decision = decision.then(
            Action::Enqueue(Enqueue::Continue {
                cursor,
                due: due.to_vec(),
            }),
            "there are more items",
        );
    }
    Ok(decision)
}

fn whole(complete: bool) -> Reason {
    Reason::result(
        "whole_listing_was_read",
        if complete {
            Holds::Holds
        } else {
            Holds::Unknown
        },
    )
}
