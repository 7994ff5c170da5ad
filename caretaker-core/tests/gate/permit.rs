//! What a permit is good for: one head of one pull request into one branch, for a minute.

use caretaker_core::merge_gate::{MergePermit, VALID_FOR};
use caretaker_core::model::{Branch, MergeMethod, Number, RepoKey};
use caretaker_core::scenario::{NOW, sha};

use crate::case::{Case, mergeable};

fn permit(case: &Case) -> MergePermit {
    case.verdict().expect("nothing stands against it")
}

#[test]
fn it_names_what_was_looked_at_and_nothing_else() {
    let permit = permit(&mergeable());
    assert_eq!(permit.repo(), &RepoKey::github(1));
    assert_eq!(permit.number(), Number::new(7));
    assert_eq!(permit.head(), &sha('a'));
    assert_eq!(permit.base(), &Branch::new("main"));
    assert_eq!(permit.method(), MergeMethod::Squash);
    assert_eq!(permit.config(), Some(&sha('c')));
}

#[test]
fn it_ends_after_a_minute() {
    assert_eq!(VALID_FOR.whole_seconds(), 60);
    assert_eq!(permit(&mergeable()).not_after(), NOW + VALID_FOR);
}

#[test]
fn it_pins_the_base_where_the_head_has_to_contain_it() {
    assert_eq!(permit(&mergeable()).base_sha(), None);
    let demanded = mergeable().snapshot(|seen| {
        seen.required.get_or_insert_default().up_to_date = true;
    });
    assert_eq!(permit(&demanded).base_sha(), Some(&sha('b')));
}
