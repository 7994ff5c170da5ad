//! Review threads: REST knows their comments, only GraphQL whether they are resolved.

use caretaker_core::{
    model::{
        Listing, Login, Number, RemoteId,
        review::answer::{ReviewThread, Side},
    },
    ports::{Kind, PortError},
};
use serde::Deserialize;
use serde_json::json;

use crate::{
    error::{Doing, unintelligible},
    graphql::{
        document::THREADS,
        pages::{self, Connection},
    },
    scope::Scope,
};

const OP: &str = "forge.read.review_threads";

#[derive(Debug, Deserialize)]
struct AnswerShape {
    repository: Option<RepositoryShape>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RepositoryShape {
    pull_request: Option<PullShape>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PullShape {
    review_threads: Connection<ThreadShape>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ThreadShape {
    id: String,
    is_resolved: bool,
    is_outdated: bool,
    path: String,
    line: Option<u32>,
    start_line: Option<u32>,
    diff_side: String,
    subject_type: String,
    resolved_by: Option<LoginShape>,
    comments: Connection<CommentShape>,
}

#[derive(Debug, Deserialize)]
struct LoginShape {
    login: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CommentShape {
    /// A number beyond 32 bits, and therefore a text.
    full_database_id: Option<String>,
}

impl AnswerShape {
    fn threads(self) -> Option<Connection<ThreadShape>> {
        Some(self.repository?.pull_request?.review_threads)
    }
}

/// In the order in which they began, each with its first hundred comments.
pub(crate) async fn all(
    scope: Scope<'_>,
    number: Number,
) -> Result<Listing<ReviewThread>, PortError> {
    let variables = scope.named(json!({ "number": number.value() }));
    let answer: AnswerShape = scope.graphql(OP, Doing::Read, THREADS, &variables).await?;
    let first = answer.threads();
    let first = first.ok_or_else(|| PortError::new(OP, Kind::NotFound))?;
    let listing = pages::rest(scope, OP, THREADS, variables, first, AnswerShape::threads).await?;
    let rows: Result<Vec<_>, PortError> = listing.rows.into_iter().map(thread).collect();
    Ok(Listing {
        rows: rows?,
        complete: listing.complete,
    })
}

fn thread(shape: ThreadShape) -> Result<ReviewThread, PortError> {
    let whole = !shape.comments.page_info.has_next_page;
    let known = shape.comments.nodes.len();
    let ids = shape.comments.nodes.into_iter().flatten();
    let ids = ids.map(|comment| {
        let id = comment.full_database_id.and_then(|id| id.parse().ok());
        id.map(RemoteId::new)
            .ok_or_else(|| unintelligible(OP, "a comment has no number"))
    });
    let rows = ids.collect::<Result<Vec<_>, _>>()?;
    let whole_file = shape.subject_type == "FILE";
    Ok(ReviewThread {
        id: shape.id,
        resolved: shape.is_resolved,
        resolved_by: shape.resolved_by.map(|user| Login::new(user.login)),
        outdated: shape.is_outdated,
        path: shape.path,
        line: shape.line.filter(|_| !shape.is_outdated),
        start: shape.start_line.filter(|_| !shape.is_outdated),
        side: if shape.diff_side == "LEFT" {
            Side::Left
        } else {
            Side::Right
        },
        whole_file,
        comments: Listing {
            complete: whole && rows.len() == known,
            rows,
        },
    })
}
