//! The log on stderr. Results go to stdout and never here.

use std::io;

use tracing_subscriber::EnvFilter;

use crate::settings::{Log, LogFormat};

/// Starts writing the log. A second call changes nothing.
pub fn init(log: Log) {
    // Our own crates at the level asked for; the libraries below only when something is wrong.
    let level = log.level.name();
    let filter = EnvFilter::new(format!(
        "warn,caretaker={level},caretaker_server={level},caretaker_core={level},caretaker_github={level},caretaker_sqlite={level},caretaker_wiring={level}"
    ));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr);
    let started = match log.format {
        LogFormat::Text => builder.with_ansi(false).with_target(false).try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
    if let Err(already) = started {
        tracing::debug!(error = %already, "the log is written already");
    }
}
