//! Answers that outlive the process: what a conditional request needs after a restart.
//!
//! Where they are kept is somebody else's business. Nothing depends on it: an answer that is
//! forgotten is asked for in full, and none is used before GitHub itself has said "unchanged".

use async_trait::async_trait;
use bytes::Bytes;

/// One answer of GitHub, as far as asking again needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptAnswer {
    /// How GitHub names this state of it.
    pub etag: String,
    /// Where the next page is, as the answer's `link` header said.
    pub link: Option<String>,
    /// The body.
    pub body: Bytes,
}

/// Keeps answers beyond the process. Bounded, and free to forget: it never makes a question fail
/// or wait for a write.
///
/// A key names GitHub's address, what the credential in use is (never a secret itself) and what it
/// covers, the form of the answer and the path, so that no credential is shown what another one
/// was told.
#[async_trait]
pub trait AnswerStore: Send + Sync {
    /// The answer kept under a key; `None` where there is none or it cannot be read now.
    async fn find(&self, key: &str) -> Option<KeptAnswer>;

    /// Keeps an answer in place of the one before; in the background.
    fn keep(&self, key: &str, answer: &KeptAnswer);

    /// Forgets one; in the background.
    fn forget(&self, key: &str);
}
