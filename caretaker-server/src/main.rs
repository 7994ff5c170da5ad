//! The binary `caretaker`; everything is in the library beside it.

use std::process::ExitCode;

fn main() -> ExitCode {
    caretaker_wiring::bootstrap::init_crypto();
    caretaker_server::cli::main()
}
