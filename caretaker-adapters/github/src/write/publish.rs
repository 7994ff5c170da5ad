//! Findings on commits: a check run as an App, a commit status as a user, who may not write
//! check runs.

use caretaker_core::{
    model::{AppId, Conclusion, Publish},
    ports::PortError,
};
use reqwest::Method;
use serde_json::{Value, json};

use super::{Plan, Step};
use crate::{
    address::escape,
    error::unintelligible,
    identity::Identity,
    read::checks::{self, RunShape},
    scope::Scope,
};

const OP: &str = "forge.write.publish";
/// GitHub's bounds, in characters; the summary's is of bytes and left some room.
pub(super) const DESCRIPTION: usize = 140;
pub(super) const TITLE: usize = 255;
const SUMMARY: usize = 65_000;

pub(super) async fn plan(scope: Scope<'_>, publish: &Publish) -> Result<Plan, PortError> {
    match scope.us {
        Identity::App { id, .. } => as_check_run(scope, *id, publish).await,
        Identity::User { .. } => as_status(scope, publish).await,
    }
}

async fn as_check_run(scope: Scope<'_>, app: AppId, publish: &Publish) -> Result<Plan, PortError> {
    let known = known_run(scope, app, publish).await?;
    let mut wanted = wanted_run(publish);
    let step = match known {
        Some(run) if is_as_wanted(&run, publish) => None,
        // What was completed is not begun again in place; a new run replaces it.
        Some(run) if run.status != "completed" || publish.conclusion != Conclusion::InProgress => {
            Some((Method::PATCH, format!("/check-runs/{}", run.id)))
        }
        Some(_) | None => {
            wanted["head_sha"] = json!(publish.sha.as_str());
            Some((Method::POST, "/check-runs".to_owned()))
        }
    };
    Ok(Plan {
        steps: step
            .map(|(method, rest)| Step {
                op: OP,
                method,
                rest,
                body: Some(wanted),
                done: &[],
            })
            .into_iter()
            .collect(),
        via: Some("check_run"),
        ..Plan::default()
    })
}

/// Our youngest check run of that name on that commit.
pub(super) async fn known_run(
    scope: Scope<'_>,
    app: AppId,
    publish: &Publish,
) -> Result<Option<RunShape>, PortError> {
    let name = escape(&publish.name);
    let filter = format!("&check_name={name}&app_id={app}");
    let runs = checks::runs(scope, &publish.sha, &filter).await?;
    if !runs.complete {
        return Err(unintelligible(
            OP,
            "the commit has more checks than are read",
        ));
    }
    Ok(runs
        .rows
        .into_iter()
        .filter(|run| run.name == publish.name)
        .filter(|run| run.app.as_ref().map(crate::shape::AppShape::id) == Some(app))
        .max_by_key(|run| run.id))
}

/// GitHub fills in when it was completed.
pub(super) fn wanted_run(publish: &Publish) -> Value {
    let output = json!({
        "title": cut(&publish.title, TITLE),
        "summary": cut_bytes(&publish.summary, SUMMARY),
    });
    match publish.conclusion {
        Conclusion::InProgress => json!({
            "name": publish.name,
            "status": "in_progress",
            "output": output,
        }),
        Conclusion::Success | Conclusion::Neutral | Conclusion::Failure => json!({
            "name": publish.name,
            "status": "completed",
            "conclusion": publish.conclusion.word(),
            "output": output,
        }),
    }
}

pub(super) fn is_as_wanted(run: &RunShape, publish: &Publish) -> bool {
    let (status, conclusion) = match publish.conclusion {
        Conclusion::InProgress => ("in_progress", None),
        Conclusion::Success | Conclusion::Neutral | Conclusion::Failure => {
            ("completed", Some(publish.conclusion.word()))
        }
    };
    let shown = |text: Option<&String>| text.map(|text| text.trim().to_owned()).unwrap_or_default();
    let title = shown(run.output.as_ref().and_then(|o| o.title.as_ref()));
    let summary = shown(run.output.as_ref().and_then(|o| o.summary.as_ref()));
    run.status == status
        && run.conclusion.as_deref() == conclusion
        && title == cut(&publish.title, TITLE).trim()
        && summary.replace("\r\n", "\n") == cut_bytes(&publish.summary, SUMMARY).trim()
}

async fn as_status(scope: Scope<'_>, publish: &Publish) -> Result<Plan, PortError> {
    let state = match publish.conclusion {
        Conclusion::Success => "success",
        Conclusion::Failure => "failure",
        Conclusion::InProgress | Conclusion::Neutral => "pending",
    };
    let description = cut(&publish.title, DESCRIPTION);
    let statuses = checks::statuses(scope, &publish.sha).await?;
    let known = checks::newest_status(&statuses.rows, &publish.name);
    // An unread rest is older: statuses are listed youngest first.
    let same = known.is_some_and(|status| {
        status.state == state
            && status.description.as_deref().unwrap_or_default().trim() == description.trim()
    });
    let mut plan = if same {
        Plan::nothing()
    } else {
        Plan::one(Step {
            op: OP,
            method: Method::POST,
            rest: format!("/statuses/{}", publish.sha),
            body: Some(json!({
                "state": state,
                "context": publish.name,
                "description": description,
            })),
            done: &[],
        })
    };
    plan.via = Some("status");
    Ok(plan)
}

/// At most so many characters, the last an ellipsis where something was cut off.
pub(super) fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 1).chain(['…']).collect()
}

pub(super) fn cut_bytes(text: &str, most: usize) -> &str {
    let mut end = text.len().min(most);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_title_is_cut_at_a_character() {
        let long = "ü".repeat(200);
        assert_eq!(cut(&long, DESCRIPTION).chars().count(), DESCRIPTION);
        assert!(cut(&long, DESCRIPTION).ends_with('…'));
        assert_eq!(cut("short", DESCRIPTION), "short");
        assert_eq!(cut_bytes(&long, 3), "ü");
    }
}
