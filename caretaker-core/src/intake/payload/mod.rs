//! What each family of webhooks says: one file per family. A reader gives `None` for a body that
//! does not fit the family; the order and form of events is `project`'s affair.

mod alerts;
mod checks;
mod comments;
mod installation;
mod issues;
mod pull_request;
mod push;
mod repository;
mod reviews;
mod status;
mod workflow_run;

use std::borrow::Cow;

use crate::model::Timestamp;

use super::draft::{Identity, Reading};
use super::inbound::Inbound;
use super::part::Part;

/// Reads one family's bodies.
pub(super) type Family = fn(&Inbound<'_>) -> Option<Reading>;

/// The readers of webhook events, by the event's name.
const FAMILIES: &[(&str, Family)] = &[
    ("pull_request", pull_request::read),
    ("pull_request_review", reviews::read),
    ("pull_request_review_comment", comments::read_on_diff),
    ("issues", issues::read),
    ("issue_comment", comments::read),
    ("check_run", checks::read_run),
    ("check_suite", checks::read_suite),
    ("status", status::read),
    ("workflow_run", workflow_run::read),
    ("dependabot_alert", alerts::read_dependabot),
    ("code_scanning_alert", alerts::read_code_scanning),
    ("secret_scanning_alert", alerts::read_secret_scanning),
    ("repository_advisory", alerts::read_repository_advisory),
    ("security_advisory", alerts::read_security_advisory),
    ("push", push::read),
    ("installation", installation::read),
    ("installation_repositories", installation::read_repositories),
    ("repository", repository::read),
];

/// The reader of a webhook event; `None` for events that no kind stands for.
pub(super) fn family(event: &str) -> Option<Family> {
    let mut named = FAMILIES.iter();
    named
        .find(|(name, _)| *name == event)
        .map(|(_, read)| *read)
}

/// A webhook event's name as ours: one of a known few, which may stand in a metric's label, or
/// `None`.
pub fn event_name(event: &str) -> Option<&'static str> {
    let mut names = FAMILIES.iter().map(|(name, _)| *name);
    names.find(|name| name.eq_ignore_ascii_case(event))
}

/// A time as a part of an identity.
fn time_part(at: Option<Timestamp>) -> Option<String> {
    at.map(|at| at.to_string())
}

/// A number as a part of an identity.
fn id_part(id: Part<'_>) -> Option<String> {
    id.id().map(|id| id.to_string())
}

/// When somebody acted on a pull request or issue, and what that act is known by. A label act is
/// label, actor and the item's time; opening and closing have times of their own.
fn item_act(
    inbound: &Inbound<'_>,
    item: Part<'_>,
    label: Part<'_>,
) -> (Option<Timestamp>, Identity) {
    let [created, closed, updated] = item.fields(["created_at", "closed_at", "updated_at"]);
    let sender = || inbound.sender_part();
    match inbound.action() {
        "opened" => (created.time(), vec![time_part(created.time())]),
        "closed" => (closed.time(), vec![time_part(closed.time())]),
        "labeled" | "unlabeled" => {
            let name = label.field("name").name().map(Cow::into_owned);
            (
                updated.time(),
                vec![name, sender(), time_part(updated.time())],
            )
        }
        _ => (updated.time(), vec![sender(), time_part(updated.time())]),
    }
}

/// Acts on pull requests and issues that come back as echoes when our bot user did them: labels,
/// assignees, edits. Opening, pushing and closing are heard whoever did them.
fn may_echo(action: &str) -> bool {
    matches!(
        action,
        "labeled" | "unlabeled" | "assigned" | "unassigned" | "edited"
    )
}
