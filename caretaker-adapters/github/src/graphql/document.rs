//! The documents, one file each in `graphql/`. What is in them is checked against GitHub's published
//! schema by `make test-contract`.

/// A GraphQL document with one operation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Document {
    pub(crate) text: &'static str,
}

/// The reviews of a pull request, and what is reported on its head.
pub(crate) const EVALUATION: Document = Document {
    text: include_str!("../../graphql/evaluation.graphql"),
};
/// Further reviews of a pull request.
pub(crate) const REVIEWS: Document = Document {
    text: include_str!("../../graphql/reviews.graphql"),
};
/// Further checks and statuses of a pull request's head.
pub(crate) const REPORTS: Document = Document {
    text: include_str!("../../graphql/reports.graphql"),
};
