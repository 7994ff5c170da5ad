//! What sorts items: labels and milestones of the repository, and the parts of an issue.

use caretaker_core::{
    model::{
        Label, Listing, Number,
        issue::{LabelDef, Milestone},
    },
    ports::PortError,
};
use serde::Deserialize;

use crate::{scope::Scope, shape::When};

#[derive(Debug, Deserialize)]
pub(crate) struct LabelDefShape {
    pub(crate) name: String,
    pub(crate) color: String,
    #[serde(default)]
    pub(crate) description: Option<String>,
}

/// A milestone as GitHub shows it.
#[derive(Debug, Deserialize)]
pub(crate) struct MilestoneShape {
    pub(crate) number: u64,
    pub(crate) title: String,
    #[serde(default)]
    description: Option<String>,
    state: String,
    #[serde(default)]
    due_on: Option<When>,
    open_issues: u64,
    closed_issues: u64,
}

#[derive(Debug, Deserialize)]
struct PartShape {
    number: u64,
}

pub(super) async fn labels(scope: Scope<'_>) -> Result<Listing<LabelDef>, PortError> {
    let listing: Listing<LabelDefShape> = scope
        .list("forge.read.labels", "/labels?per_page=100")
        .await?;
    let mut rows: Vec<LabelDef> = listing
        .rows
        .into_iter()
        .map(|shape| LabelDef {
            label: Label::new(shape.name),
            color: shape.color,
            description: shape.description.filter(|text| !text.is_empty()),
        })
        .collect();
    rows.sort_by_key(|def| def.label.as_str().to_lowercase());
    Ok(Listing {
        rows,
        complete: listing.complete,
    })
}

/// Open and closed ones as GitHub shows them.
pub(crate) async fn listed(scope: Scope<'_>) -> Result<Listing<MilestoneShape>, PortError> {
    scope
        .list(
            "forge.read.milestones",
            "/milestones?state=all&per_page=100",
        )
        .await
}

pub(super) async fn milestones(scope: Scope<'_>) -> Result<Listing<Milestone>, PortError> {
    let listing = listed(scope).await?;
    let mut rows: Vec<Milestone> = listing
        .rows
        .into_iter()
        .map(|shape| Milestone {
            number: shape.number,
            title: shape.title,
            description: shape.description.filter(|text| !text.is_empty()),
            open: shape.state == "open",
            due_at: shape.due_on.map(|due| due.0),
            open_items: shape.open_issues,
            closed_items: shape.closed_issues,
        })
        .collect();
    rows.sort_by_key(|milestone| milestone.number);
    Ok(Listing {
        rows,
        complete: listing.complete,
    })
}

/// Issues that are parts of an issue, in its order.
pub(crate) async fn parts(scope: Scope<'_>, number: Number) -> Result<Listing<Number>, PortError> {
    let listing: Listing<PartShape> = scope
        .list(
            "forge.read.sub_issues",
            &format!("/issues/{number}/sub_issues?per_page=100"),
        )
        .await?;
    let rows = listing.rows.iter().map(|part| Number::new(part.number));
    Ok(Listing {
        rows: rows.collect(),
        complete: listing.complete,
    })
}
