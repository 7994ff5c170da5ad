//! The testkit's suite on the memory of the process.

use std::future::{Ready, ready};
use std::sync::Arc;

use caretaker_core::ports::Storage;
use caretaker_memory::MemoryStorage;

fn storage() -> Ready<(Arc<dyn Storage>, ())> {
    ready((Arc::new(MemoryStorage::new()), ()))
}

caretaker_testkit::storage_conformance!(storage());
