//! House rules of the source text that no compiler or linter knows.
//!
//! Every rule is a pure function from text to problems, in a file of its own below `tidy/`, with tests
//! that break it once; here they meet the files of the repository. A message says what to do.

#[path = "tidy/adr.rs"]
mod adr;
#[path = "tidy/boundary.rs"]
mod boundary;
#[path = "tidy/hygiene.rs"]
mod hygiene;
#[path = "tidy/links.rs"]
mod links;
#[path = "tidy/manifests.rs"]
mod manifests;
#[path = "tidy/repo.rs"]
mod repo;
#[path = "tidy/snapshots.rs"]
mod snapshots;
#[path = "tidy/threats.rs"]
mod threats;

use repo::{File, Repo};

#[test]
fn files_are_short_or_say_why_not() {
    each(hygiene::long);
}

#[test]
fn no_path_of_somebodys_machine_is_committed() {
    each(hygiene::machine_paths);
}

#[test]
fn no_registry_host_is_committed() {
    each(hygiene::registry_hosts);
}

#[test]
fn nothing_unfinished_or_ignored_without_a_reason() {
    each(hygiene::unfinished);
}

#[test]
fn scripts_wait_for_events_not_for_time() {
    each(hygiene::sleeping_scripts);
}

#[test]
fn npm_locks_name_no_addresses() {
    each(hygiene::npm_addresses);
}

#[test]
fn workflow_actions_are_pinned_by_commit() {
    each(hygiene::floating_actions);
}

#[test]
fn relative_links_lead_somewhere() {
    hold(links::broken);
}

#[test]
fn snapshot_files_belong_to_a_test() {
    hold(snapshots::orphans);
}

#[test]
fn labels_and_markers_are_spelled_in_model_only() {
    each(boundary::literals);
}

#[test]
fn only_apply_writes_on_the_forge() {
    each(boundary::writes);
}

#[test]
fn only_the_last_look_gives_the_right_to_merge() {
    each(boundary::permits);
}

#[test]
fn core_keeps_no_state_for_the_whole_process() {
    each(boundary::cells);
}

#[test]
fn the_driver_stays_small() {
    hold(boundary::driver);
}

#[test]
fn every_crate_takes_lints_and_versions_from_the_workspace() {
    each(manifests::inherited);
}

#[test]
fn the_clippy_files_agree_on_what_they_share() {
    hold(manifests::clippy_shared);
}

#[test]
fn decisions_are_held_by_something_that_exists() {
    hold(adr::held_by);
}

#[test]
fn threats_are_held_by_something_that_exists() {
    hold(threats::held);
}

#[test]
fn decisions_are_numbered_without_gap_and_complete() {
    hold(adr::shape);
}

/// Applies a rule that looks at one file at a time.
#[track_caller]
fn each(rule: fn(&File) -> Vec<String>) {
    let repo = Repo::here();
    report(&repo.files().flat_map(rule).collect::<Vec<_>>());
}

/// Applies a rule that needs to see the repository.
#[track_caller]
fn hold(rule: fn(&Repo) -> Vec<String>) {
    report(&rule(&Repo::here()));
}

#[track_caller]
fn report(problems: &[String]) {
    assert!(
        problems.is_empty(),
        "{} to mend:\n{}\n",
        problems.len(),
        problems.join("\n")
    );
}
