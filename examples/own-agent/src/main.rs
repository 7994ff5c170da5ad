//! The binary `caretaker` with one agent more: every command, the server included, knows it.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    own_agent::register().expect("invariant: nothing has been decided yet");
    caretaker_wiring::bootstrap::init_crypto();
    caretaker_server::cli::main().await
}
