//! The testkit's suite on a fresh file for each case.

use std::sync::Arc;

use caretaker_core::ports::Storage;
use caretaker_sqlite::{Opening, SqliteStorage};
use tempfile::TempDir;

async fn storage() -> (Arc<dyn Storage>, TempDir) {
    let dir = tempfile::tempdir().expect("a temporary directory can be made");
    let storage = SqliteStorage::open(dir.path(), Opening::Serve)
        .await
        .expect("an empty directory opens");
    (Arc::new(storage), dir)
}

caretaker_testkit::storage_conformance!(storage());
