//! What can be asked about the repository as a whole.

pub mod answer;
pub mod query;

pub use answer::{Release, RepositoryAnswer, RepositorySettings, Tag, Visibility};
pub use query::RepositoryQuery;
