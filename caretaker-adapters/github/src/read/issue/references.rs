//! From where an item was referred to, out of its timeline.

use caretaker_core::{
    model::{
        Listing, Number, Sha,
        issue::{Reference, Source},
    },
    ports::PortError,
};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    error::unintelligible,
    scope::Scope,
    shape::{UserShape, When},
};

const OP: &str = "forge.read.references";

#[derive(Debug, Deserialize)]
struct EntryShape {
    #[serde(default)]
    event: String,
    #[serde(default)]
    actor: Option<UserShape>,
    #[serde(default)]
    created_at: Option<When>,
    /// Entries of other kinds have fields of these names with other shapes.
    #[serde(default)]
    source: Value,
    #[serde(default)]
    commit_id: Value,
}

#[derive(Debug, Deserialize)]
struct MentionShape {
    issue: IssueShape,
}

#[derive(Debug, Deserialize)]
struct IssueShape {
    number: u64,
    state: String,
    repository_url: String,
    #[serde(default)]
    pull_request: Option<serde::de::IgnoredAny>,
}

pub(super) async fn of(scope: Scope<'_>, number: Number) -> Result<Listing<Reference>, PortError> {
    let listing: Listing<EntryShape> = scope
        .list(OP, &format!("/issues/{number}/timeline?per_page=100"))
        .await?;
    let mut rows = Vec::new();
    for entry in listing.rows {
        let from = match entry.event.as_str() {
            "cross-referenced" => mention(&entry.source),
            "referenced" => commit(&entry.commit_id),
            _ => continue,
        };
        let (Some(from), Some(at)) = (from, entry.created_at) else {
            return Err(unintelligible(
                OP,
                "a reference does not say from where or when",
            ));
        };
        rows.push(Reference {
            from,
            by: scope.us.author(entry.actor.as_ref(), None, None),
            at: at.0,
        });
    }
    rows.sort_by_key(|reference| reference.at);
    Ok(Listing {
        rows,
        complete: listing.complete,
    })
}

fn mention(source: &Value) -> Option<Source> {
    let MentionShape { issue } = MentionShape::deserialize(source).ok()?;
    let mut names = issue.repository_url.rsplit('/');
    let (name, owner) = (names.next()?, names.next()?);
    Some(Source::Item {
        repository: format!("{owner}/{name}"),
        number: Number::new(issue.number),
        pull: issue.pull_request.is_some(),
        open: issue.state == "open",
    })
}

fn commit(id: &Value) -> Option<Source> {
    Sha::parse(id.as_str()?).map(Source::Commit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_no_place_is_no_reference() {
        let whole = serde_json::json!({"type": "issue", "issue": {
            "number": 3, "state": "closed", "pull_request": {},
            "repository_url": "https://api.github.com/repos/octo/gadgets",
        }});
        let wanted = Source::Item {
            repository: "octo/gadgets".to_owned(),
            number: Number::new(3),
            pull: true,
            open: false,
        };
        assert_eq!(mention(&whole), Some(wanted));
        assert_eq!(mention(&serde_json::json!({"type": "issue"})), None);
        assert_eq!(commit(&Value::Null), None);
    }
}
