//! What nobody could understand is refused as such, before anything that is missing is named.

use super::Desk;

#[test]
fn a_malformed_argument_is_told_before_a_missing_store() {
    let desk = Desk::new();
    for (args, hint) in [
        (&["runs", "--repo", "octo"][..], "write owner/repo"),
        (&["runs", "--limit", "0"], "--limit"),
        (&["journal", "export", "--repo", "octo"], "write owner/repo"),
        (&["journal", "export", "--since", "soon"], "7d, 12h or 30m"),
        (&["pause", "--repo", "octo"], "write owner/repo"),
        (&["resume", "--repo", "octo"], "write owner/repo"),
        (&["run", "--repo", "octo"], "write owner/repo"),
        (&["explain", "o/r#1", "--at", "once"], "7d, 12h or 30m"),
        (&["explain", "3fa29c", "--at", "1h"], "--at goes with"),
    ] {
        let said = desk.call(args);
        assert!(said.complaint().contains(hint), "{args:?}: {said:?}");
        assert!(!said.err.contains("database"), "{args:?}: {said:?}");
    }
    assert!(!desk.data().exists());
}

#[test]
fn a_repository_may_be_named_by_its_key() {
    let said = Desk::new().call(&["resume", "--repo", "github:1"]);
    assert!(said.complaint().contains("caretaker serve"), "{said:?}");
}

#[test]
fn an_empty_word_about_a_task_is_refused() {
    let desk = Desk::new();
    for flag in [
        "--label",
        "--label-by-other",
        "--label-by-unknown",
        "--path",
    ] {
        for empty in ["", " "] {
            let said = desk.call(&["route", "--feature", "ci_fix", flag, empty]);
            assert!(said.complaint().contains(flag), "{said:?}");
            assert!(said.err.contains("leave the flag out"), "{said:?}");
        }
    }
}
