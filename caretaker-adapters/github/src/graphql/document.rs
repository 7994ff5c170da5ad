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
/// The review threads of a pull request.
pub(crate) const THREADS: Document = Document {
    text: include_str!("../../graphql/threads.graphql"),
};
/// Whether a pull request waits in the merge queue.
pub(crate) const QUEUED: Document = Document {
    text: include_str!("../../graphql/queued.graphql"),
};
/// Puts a pull request into the merge queue.
pub(crate) const ENQUEUE: Document = Document {
    text: include_str!("../../graphql/enqueue.graphql"),
};
/// Resolves a review thread.
pub(crate) const RESOLVE_THREAD: Document = Document {
    text: include_str!("../../graphql/resolve_thread.graphql"),
};
/// Makes a draft ready for review.
pub(crate) const READY: Document = Document {
    text: include_str!("../../graphql/ready.graphql"),
};
/// Makes a pull request a draft.
pub(crate) const DRAFT: Document = Document {
    text: include_str!("../../graphql/draft.graphql"),
};
/// Has a pull request no longer merge by itself.
pub(crate) const DISABLE_AUTO_MERGE: Document = Document {
    text: include_str!("../../graphql/disable_auto_merge.graphql"),
};
/// Whether comments are folded away.
pub(crate) const MINIMIZED: Document = Document {
    text: include_str!("../../graphql/minimized.graphql"),
};
/// Folds a comment away.
pub(crate) const MINIMIZE: Document = Document {
    text: include_str!("../../graphql/minimize.graphql"),
};
