#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| caretaker_laws::code_owners::holds(bytes));
