//! What may happen to the store under a server that runs: full, locked, gone, read-only.
//!
//! Each time: a clear error, nothing accepted that is not kept, and work goes on when the cause has
//! ended. What needs a volume or a clock of its own is in `live/faults.rs`.

#[path = "faults/store.rs"]
mod store;

#[expect(dead_code, reason = "the tests of a server with GitHub use the rest")]
mod running;
