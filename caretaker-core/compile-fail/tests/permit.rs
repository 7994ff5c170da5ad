//! What must not compile: the right to merge is built by the gate alone, and only it merges.
//!
//! Each program is an honest attempt by another crate; beside it stands what the compiler says.
//! After an intended change: `TRYBUILD=overwrite cargo test -p caretaker-core-compile-fail`, then
//! read the difference.

#[test]
fn nothing_but_the_gate_builds_a_permit_and_nothing_but_a_permit_merges() {
    trybuild::TestCases::new().compile_fail("tests/cases/*.rs");
}
