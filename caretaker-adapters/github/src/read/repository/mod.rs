//! The repository as a whole: how it is set up, releases, tags.

mod releases;
mod settings;

use caretaker_core::{
    model::{RepositoryAnswer, RepositoryQuery},
    ports::PortError,
};

use crate::scope::Scope;

pub(super) async fn answer(
    scope: Scope<'_>,
    query: &RepositoryQuery,
) -> Result<RepositoryAnswer, PortError> {
    Ok(match query {
        RepositoryQuery::Settings => RepositoryAnswer::Settings(settings::of(scope).await?),
        RepositoryQuery::Releases => RepositoryAnswer::Releases(releases::all(scope).await?),
        RepositoryQuery::Tags => RepositoryAnswer::Tags(releases::tags(scope).await?),
    })
}
