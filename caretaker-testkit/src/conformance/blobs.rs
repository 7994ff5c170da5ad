//! Large answers, kept by content.

use std::sync::Arc;

use caretaker_core::model::{BlobRef, ids};
use caretaker_core::ports::{Kind, Storage, Write, Wrote};

use super::worker::Worker;
use crate::samples::run;

fn blob(text: &str) -> Write {
    Write::Blob {
        blob: BlobRef {
            sha256: ids::content_hash(text.as_bytes()),
            bytes: text.len() as u64,
        },
        text: text.to_owned(),
    }
}

async fn read(storage: &Arc<dyn Storage>, text: &str) -> Option<String> {
    let found = storage.blob(&ids::content_hash(text.as_bytes())).await;
    found.expect("blobs can be read")
}

/// A text is kept under its hash, any number of times, as it was.
pub async fn a_text_is_kept_by_its_content(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    let text = format!("\"{}\u{1f980}\\u0000\"", "0123456789".repeat(10_000));
    assert_eq!(read(&storage, &text).await, None);
    assert_eq!(
        worker.commit(vec![blob(&text), blob("{}")]).await,
        [Wrote::Done, Wrote::Done]
    );
    assert_eq!(worker.write(blob(&text)).await, Wrote::Done);
    assert_eq!(read(&storage, &text).await, Some(text));
    assert_eq!(read(&storage, "{}").await, Some("{}".to_owned()));
    assert_eq!(read(&storage, "[]").await, None);
}

/// A failed commit keeps no text either.
pub async fn a_failed_commit_keeps_no_text(storage: Arc<dyn Storage>) {
    let worker = Worker::start(&storage).await;
    let open = Write::Close(Box::new(run("a", "stale")));
    assert_eq!(worker.refused(vec![blob("{}"), open]).await, Kind::Invalid);
    assert_eq!(read(&storage, "{}").await, None);
}
