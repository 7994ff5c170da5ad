//! Items: issues and pull requests as their item page shows them.
//!
//! GitHub numbers the pages of open items, so a closed item moves all later ones up, over the edge
//! of the page that was read last. The cursor therefore names the page read last *and* its last
//! row: the next reading asks for that page again (a 304 where nothing moved, which costs no
//! limit) and goes on behind the row wherever it now is. What is closed or opened while somebody
//! walks is neither skipped nor shown twice; only an item that is reopened behind the cursor's
//! back waits for the next walk.

use caretaker_core::{
    model::{Item, Number, Page, Timestamp},
    ports::{Kind, PortError},
};
use serde::Deserialize;

use crate::{
    error::unintelligible,
    pages::{self, Next},
    scope::Scope,
    shape::{AppShape, LabelShape, UserShape, When},
};

/// An issue as GitHub writes it, or a pull request as an issue.
#[derive(Debug, Deserialize)]
pub(crate) struct ItemShape {
    number: u64,
    state: String,
    #[serde(default)]
    draft: bool,
    user: Option<UserShape>,
    #[serde(default)]
    performed_via_github_app: Option<AppShape>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    labels: Vec<LabelShape>,
    #[serde(default)]
    assignee: Option<serde::de::IgnoredAny>,
    #[serde(default)]
    assignees: Vec<serde::de::IgnoredAny>,
    #[serde(default)]
    milestone: Option<serde::de::IgnoredAny>,
    created_at: When,
    updated_at: When,
    #[serde(default)]
    pull_request: Option<PullPart>,
    /// Stands here in pull requests, and within `pull_request` in issues.
    #[serde(default)]
    merged_at: Option<When>,
}

#[derive(Debug, Deserialize)]
struct PullPart {
    #[serde(default)]
    merged_at: Option<When>,
}

impl ItemShape {
    /// The facts; `pull` says that it comes from a route of pull requests only.
    pub(crate) fn item(self, scope: Scope<'_>, pull: bool) -> Item {
        let author = scope.us.author(
            self.user.as_ref(),
            self.performed_via_github_app.as_ref(),
            self.body.as_deref(),
        );
        Item {
            number: Number::new(self.number),
            pull: pull || self.pull_request.is_some(),
            open: self.state == "open",
            draft: self.draft,
            author,
            labels: self
                .labels
                .into_iter()
                .filter_map(LabelShape::label)
                .collect(),
            assigned: self.assignee.is_some() || !self.assignees.is_empty(),
            milestone: self.milestone.is_some(),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
            merged_at: self
                .merged_at
                .or(self.pull_request.and_then(|part| part.merged_at))
                .map(|when| when.0),
        }
    }
}

pub(crate) async fn item(scope: Scope<'_>, number: Number) -> Result<Item, PortError> {
    const OP: &str = "forge.read.item";
    let shape: ItemShape = scope.ask(OP, &format!("/issues/{number}")).await?;
    Ok(shape.item(scope, false))
}

/// A page of open items by ascending creation, behind the cursor.
pub(crate) async fn open(
    scope: Scope<'_>,
    after: Option<&str>,
    limit: u32,
) -> Result<Page, PortError> {
    let Some(after) = after else {
        let size = limit.clamp(1, 100);
        let (rows, more) = page(scope, size, 1).await?;
        let next = match rows.last() {
            Some(last) if more => Some(Cursor::behind(last, size, 1).text()),
            Some(_) | None => None,
        };
        return Ok(Page { rows, next });
    };
    let cursor = Cursor::parse(after).ok_or_else(|| {
        PortError::new(OPEN_ITEMS, Kind::Invalid).detail("the cursor is none of ours")
    })?;
    let mut at = cursor.page;
    let (mut rows, mut more) = page(scope, cursor.size, at).await?;
    // So much was closed that the page begins behind the cursor: look further up.
    while at > 1 && rows.first().is_none_or(|row| cursor.is_before(row)) {
        at -= 1;
        (rows, more) = page(scope, cursor.size, at).await?;
    }
    for _ in 0..FORWARD {
        rows.retain(|row| cursor.is_before(row));
        if !rows.is_empty() || !more {
            break;
        }
        at += 1;
        (rows, more) = page(scope, cursor.size, at).await?;
    }
    rows.retain(|row| cursor.is_before(row));
    let next = more.then(|| match rows.last() {
        Some(last) => Cursor::behind(last, cursor.size, at).text(),
        None => Cursor { page: at, ..cursor }.text(),
    });
    Ok(Page { rows, next })
}

const OPEN_ITEMS: &str = "forge.read.open_items";
/// Pages without a new row that one reading goes through before it hands the cursor back.
const FORWARD: usize = 5;

async fn page(scope: Scope<'_>, size: u32, at: u32) -> Result<(Vec<Item>, bool), PortError> {
    let path = scope.path(&format!(
        "/issues?state=open&sort=created&direction=asc&per_page={size}&page={at}"
    ));
    let reply = scope.reply(OPEN_ITEMS, path).await?;
    let more = match pages::next(scope.client.base(), reply.link.as_deref()) {
        Next::None => false,
        Next::At(_) => true,
        Next::Unknown => {
            return Err(unintelligible(OPEN_ITEMS, "the address of the next page"));
        }
    };
    let shapes: Vec<ItemShape> = reply.parse(OPEN_ITEMS)?;
    let rows = shapes.into_iter().map(|shape| shape.item(scope, false));
    Ok((rows.collect(), more))
}

/// Where a walk over open items stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cursor {
    /// Rows of a page.
    size: u32,
    /// The page read last.
    page: u32,
    /// When its last row was opened.
    created: Timestamp,
    /// The number of that row.
    number: u64,
}

impl Cursor {
    fn behind(row: &Item, size: u32, page: u32) -> Self {
        Self {
            size,
            page,
            created: row.created_at,
            number: row.number.value(),
        }
    }

    fn is_before(&self, row: &Item) -> bool {
        (row.created_at, row.number.value()) > (self.created, self.number)
    }

    fn text(self) -> String {
        let created = self.created.as_millis();
        format!("{}.{}.{created}.{}", self.size, self.page, self.number)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let cursor = Self {
            size: parts.next()?.parse().ok()?,
            page: parts.next()?.parse().ok()?,
            created: Timestamp::from_millis(parts.next()?.parse().ok()?),
            number: parts.next()?.parse().ok()?,
        };
        let sound = parts.next().is_none() && (1..=100).contains(&cursor.size) && cursor.page > 0;
        sound.then_some(cursor)
    }
}
