//! Assignees, milestones, and the definitions of labels.

use caretaker_core::{
    model::{Label, Login, Number},
    ports::{Kind, PortError},
};
use reqwest::Method;
use serde_json::{Value, json};

use super::{IssueShape, Plan, issue, step};
use crate::{
    address::escape,
    error::unintelligible,
    read::issue::sorting::{self, LabelDefShape, MilestoneShape},
    scope::Scope,
};

const ASSIGN: &str = "forge.write.assignee";
const MILESTONE: &str = "forge.write.milestone";
const LABEL: &str = "forge.write.label_definition";

fn is_assigned(there: &IssueShape, login: &Login) -> bool {
    let mut people = there.assignees.iter();
    people.any(|user| Login::new(&user.login).same(login))
}

/// GitHub drops without a word whom it cannot assign, so that is asked first.
pub(super) async fn assign(
    scope: Scope<'_>,
    number: Number,
    login: &Login,
) -> Result<Plan, PortError> {
    let there = issue(scope, ASSIGN, number).await?;
    if is_assigned(&there, login) {
        return Ok(Plan::nothing());
    }
    let name = escape(login.as_str());
    let path = scope.path(&format!("/assignees/{name}"));
    match scope.reply(ASSIGN, path).await {
        Ok(_) => {}
        Err(error) if error.kind == Kind::NotFound => {
            scope.visible().await?;
            return Err(PortError::new(ASSIGN, Kind::Refused(422))
                .detail("nothing here can be assigned to that account"));
        }
        Err(error) => return Err(error),
    }
    let rest = format!("/issues/{number}/assignees");
    let body = json!({"assignees": [login.as_str()]});
    Ok(step(false, ASSIGN, Method::POST, rest, body))
}

pub(super) async fn unassign(
    scope: Scope<'_>,
    number: Number,
    login: &Login,
) -> Result<Plan, PortError> {
    let there = issue(scope, ASSIGN, number).await?;
    let rest = format!("/issues/{number}/assignees");
    let body = json!({"assignees": [login.as_str()]});
    let done = !is_assigned(&there, login);
    Ok(step(done, ASSIGN, Method::DELETE, rest, body))
}

/// The milestone with this title; titles are unique in a repository.
async fn named(scope: Scope<'_>, title: &str) -> Result<Option<MilestoneShape>, PortError> {
    let listing = sorting::listed(scope).await?;
    let complete = listing.complete;
    let found = listing.rows.into_iter().find(|row| row.title == title);
    if found.is_none() && !complete {
        return Err(unintelligible(
            MILESTONE,
            "the repository has more milestones than are read",
        ));
    }
    Ok(found)
}

pub(super) async fn create_milestone(
    scope: Scope<'_>,
    title: &str,
    description: Option<&str>,
) -> Result<Plan, PortError> {
    let there = named(scope, title).await?.is_some();
    let mut body = json!({"title": title});
    if let Some(description) = description {
        body["description"] = json!(description);
    }
    let rest = "/milestones".to_owned();
    Ok(step(there, MILESTONE, Method::POST, rest, body))
}

pub(super) async fn set_milestone(
    scope: Scope<'_>,
    number: Number,
    title: Option<&str>,
) -> Result<Plan, PortError> {
    let there = issue(scope, MILESTONE, number).await?;
    if there.milestone.map(|known| known.title).as_deref() == title {
        return Ok(Plan::nothing());
    }
    let wanted = match title {
        None => Value::Null,
        Some(title) => match named(scope, title).await? {
            Some(known) => json!(known.number),
            None => {
                return Err(PortError::new(MILESTONE, Kind::Refused(422))
                    .detail("there is no milestone of that title"));
            }
        },
    };
    let rest = format!("/issues/{number}");
    let body = json!({"milestone": wanted});
    Ok(step(false, MILESTONE, Method::PATCH, rest, body))
}

/// The definition of a label; `None` where there is none.
async fn defined(scope: Scope<'_>, label: &Label) -> Result<Option<LabelDefShape>, PortError> {
    let rest = format!("/labels/{}", escape(label.as_str()));
    match scope.ask(LABEL, &rest).await {
        Ok(known) => Ok(Some(known)),
        Err(error) if error.kind == Kind::NotFound => scope.visible().await.map(|()| None),
        Err(error) => Err(error),
    }
}

/// A label keeps the spelling of its name that it has.
pub(super) async fn define_label(
    scope: Scope<'_>,
    label: &Label,
    color: &str,
    description: Option<&str>,
) -> Result<Plan, PortError> {
    let text = description.unwrap_or_default();
    let Some(known) = defined(scope, label).await? else {
        let body = json!({"name": label.as_str(), "color": color, "description": text});
        let rest = "/labels".to_owned();
        return Ok(step(false, LABEL, Method::POST, rest, body));
    };
    let same = known.color.eq_ignore_ascii_case(color)
        && known.description.as_deref().unwrap_or_default() == text;
    let rest = format!("/labels/{}", escape(&known.name));
    let body = json!({"color": color, "description": text});
    Ok(step(same, LABEL, Method::PATCH, rest, body))
}

pub(super) async fn delete_label(scope: Scope<'_>, label: &Label) -> Result<Plan, PortError> {
    let there = defined(scope, label).await?;
    let rest = format!("/labels/{}", escape(label.as_str()));
    let nothing: Option<Value> = None;
    Ok(step(there.is_none(), LABEL, Method::DELETE, rest, nothing))
}
