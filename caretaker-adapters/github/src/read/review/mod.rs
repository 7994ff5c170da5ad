//! Reviews of a pull request and what was said in them.

mod comments;
pub(crate) mod given;
pub(crate) mod requested;
pub(crate) mod threads;

use caretaker_core::{
    model::{ReviewAnswer, ReviewQuery},
    ports::PortError,
};

use crate::scope::Scope;

/// Answers one question about reviews.
pub(super) async fn answer(
    scope: Scope<'_>,
    query: &ReviewQuery,
) -> Result<ReviewAnswer, PortError> {
    match query {
        ReviewQuery::Reviews(number) => given::all(scope, *number).await.map(ReviewAnswer::Reviews),
        ReviewQuery::Comments(number) => comments::all(scope, *number)
            .await
            .map(ReviewAnswer::Comments),
        ReviewQuery::Threads(number) => threads::all(scope, *number)
            .await
            .map(ReviewAnswer::Threads),
        ReviewQuery::Requested(number) => requested::all(scope, *number)
            .await
            .map(ReviewAnswer::Requested),
    }
}
