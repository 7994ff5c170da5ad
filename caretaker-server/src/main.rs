//! The binary `caretaker`; everything is in the library beside it.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    caretaker_wiring::bootstrap::init_crypto();
    caretaker_server::cli::main().await
}
