//! What happened to an item, from its timeline.

use caretaker_core::{
    model::{Act, ActKind, Listing, Marker, Number, Timestamp},
    ports::PortError,
};
use serde::Deserialize;

use crate::{
    error::unintelligible,
    identity::Identity,
    scope::Scope,
    shape::{AppShape, LabelShape, UserShape, When},
};

/// One entry; which fields it has depends on what happened.
#[derive(Debug, Deserialize)]
struct EntryShape {
    /// Missing in nothing GitHub documents; an entry without it is none we know.
    #[serde(default)]
    event: String,
    #[serde(default)]
    actor: Option<UserShape>,
    #[serde(default)]
    user: Option<UserShape>,
    #[serde(default)]
    performed_via_github_app: Option<AppShape>,
    #[serde(default)]
    created_at: Option<When>,
    #[serde(default)]
    submitted_at: Option<When>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    label: Option<LabelShape>,
    /// Of a commit.
    #[serde(default)]
    committer: Option<CommitterShape>,
    /// Of remarks on lines.
    #[serde(default)]
    comments: Vec<RemarkShape>,
}

#[derive(Debug, Deserialize)]
struct CommitterShape {
    #[serde(default)]
    date: Option<When>,
}

#[derive(Debug, Deserialize)]
struct RemarkShape {
    #[serde(default)]
    user: Option<UserShape>,
    created_at: When,
    #[serde(default)]
    performed_via_github_app: Option<AppShape>,
    #[serde(default)]
    body: Option<String>,
}

pub(crate) async fn of(scope: Scope<'_>, number: Number) -> Result<Listing<Act>, PortError> {
    const OP: &str = "forge.read.activity";
    let listing: Listing<EntryShape> = scope
        .list(OP, &format!("/issues/{number}/timeline?per_page=100"))
        .await?;
    let mut rows = Vec::with_capacity(listing.rows.len());
    for entry in listing.rows {
        acts(scope.us, entry, &mut rows)
            .ok_or_else(|| unintelligible(OP, "an entry of the timeline has no time"))?;
    }
    // Commits stand where they were pushed, with the time at which they were made.
    rows.sort_by_key(|act| act.at);
    Ok(Listing {
        rows,
        complete: listing.complete,
    })
}

/// The acts of one entry; `None` where something that counts has no time.
fn acts(us: &Identity, entry: EntryShape, rows: &mut Vec<Act>) -> Option<()> {
    if matches!(entry.event.as_str(), "line-commented" | "commit-commented") {
        rows.extend(entry.comments.into_iter().map(|remark| {
            comment(
                us,
                remark.user.as_ref(),
                remark.performed_via_github_app.as_ref(),
                remark.body.as_deref(),
                remark.created_at.0,
            )
        }));
        return Some(());
    }
    let user = entry.actor.as_ref().or(entry.user.as_ref());
    let via = entry.performed_via_github_app.as_ref();
    let created = entry.created_at.map(|when| when.0);
    if entry.event == "commented" {
        rows.push(comment(us, user, via, entry.body.as_deref(), created?));
        return Some(());
    }
    let label = entry.label.and_then(LabelShape::label);
    let (what, at) = match (entry.event.as_str(), label) {
        ("labeled", Some(label)) => (ActKind::Labeled(label), created?),
        ("unlabeled", Some(label)) => (ActKind::Unlabeled(label), created?),
        ("closed", _) => (ActKind::Closed, created?),
        ("reopened", _) => (ActKind::Reopened, created?),
        ("reviewed", _) => (
            ActKind::Reviewed,
            entry.submitted_at.map(|when| when.0).or(created)?,
        ),
        // Says who only as git does, which anybody can write: nobody we know.
        ("committed", _) => (ActKind::Committed, entry.committer?.date?.0),
        ("head_ref_force_pushed", _) => (ActKind::Committed, created?),
        (
            "renamed"
            | "assigned"
            | "unassigned"
            | "milestoned"
            | "demilestoned"
            | "ready_for_review"
            | "convert_to_draft"
            | "converted_to_draft"
            | "review_requested"
            | "review_request_removed"
            | "base_ref_changed"
            | "added_to_project_v2"
            | "locked"
            | "unlocked"
            | "pinned"
            | "unpinned",
            _,
        ) => (ActKind::Edited, created?),
        // Entries that we do not know may lack a time; they are no sign of anything.
        (_, _) => match created {
            Some(at) => (ActKind::Other, at),
            None => return Some(()),
        },
    };
    rows.push(Act {
        at,
        by: us.act_author(user, via, None),
        what,
    });
    Some(())
}

fn comment(
    us: &Identity,
    user: Option<&UserShape>,
    via: Option<&AppShape>,
    body: Option<&str>,
    at: Timestamp,
) -> Act {
    let text = body.unwrap_or_default();
    Act {
        at,
        by: us.act_author(user, via, body),
        what: ActKind::Commented {
            marker: Marker::find(text),
            marked_at: Marker::time(text),
        },
    }
}

#[cfg(test)]
mod tests {
    use caretaker_core::model::{AppId, Author, Login};

    use super::*;

    fn read(text: &str) -> Option<Vec<Act>> {
        let us = Identity::App {
            id: AppId::new(7),
            bot: Login::new("caretaker[bot]"),
        };
        let mut rows = Vec::new();
        let entries: Vec<EntryShape> = serde_json::from_str(text).unwrap();
        for entry in entries {
            acts(&us, entry, &mut rows)?;
        }
        Some(rows)
    }

    #[test]
    fn entries_become_acts_with_their_authors() {
        let rows = read(
            r#"[
            {"event":"commented","actor":{"login":"caretaker[bot]","id":2,"type":"Bot"},
             "created_at":"2024-01-01T00:00:00Z","body":"<!-- caretaker:stale-warning at=2024-01-01T00:00:00Z -->\nhi"},
            {"event":"labeled","actor":null,"created_at":"2024-01-02T00:00:00Z","label":{"name":"stale","color":"x"}},
            {"event":"reviewed","user":{"login":"ann","id":3,"type":"User"},"submitted_at":"2024-01-03T00:00:00Z","state":"approved"},
            {"event":"committed","sha":"x","author":{"name":"a","date":"2024-01-04T00:00:00Z"},"committer":{"date":"2024-01-04T00:00:00Z"}},
            {"event":"renamed","actor":{"login":"ann","id":3,"type":"User"},"created_at":"2024-01-05T00:00:00Z","rename":{}},
            {"event":"line-commented","comments":[{"user":{"login":"bob","id":4,"type":"User"},"created_at":"2024-01-06T00:00:00Z","body":"x"}]},
            {"event":"subscribed","actor":{"login":"ann","id":3,"type":"User"},"created_at":"2024-01-07T00:00:00Z"},
            {"event":"something-new"}
            ]"#,
        )
        .unwrap();
        let attention: Vec<bool> = rows.iter().map(|a| a.what.shows_attention()).collect();
        assert_eq!(attention, [true, true, true, true, true, true, false]);
        assert_eq!(rows[0].by, Author::Us);
        let ActKind::Commented { marker, marked_at } = &rows[0].what else {
            panic!("{:?}", rows[0]);
        };
        assert_eq!(*marker, Some(Marker::StaleWarning));
        assert_eq!(*marked_at, Some(rows[0].at));
        assert_eq!(rows[1].by.login(), Login::new("ghost"));
        assert!(rows[5].by.is_human());
    }

    #[test]
    fn a_comment_without_a_time_is_not_left_out() {
        assert!(read(r#"[{"event":"commented","body":"x"}]"#).is_none());
    }
}
