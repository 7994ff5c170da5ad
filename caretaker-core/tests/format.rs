//! What stands in a record can be read for ever, and is written as it always was.
//!
//! `golden/variants.jsonl` holds at least one line for every variant of every enum a record can
//! contain, as it was written when the variant came. Lines are added by hand, with the variant,
//! and never changed: a line that does not round-trip is a broken promise to old journals.

use std::collections::BTreeSet;

use caretaker_core::model::alert::{Severity, Validity};
use caretaker_core::model::issue::{CloseReason, FoldReason, LockReason, Source};
use caretaker_core::model::repository::Visibility;
use caretaker_core::model::{
    ActKind, Action, AlertAnswer, AlertQuery, AnnotationLevel, Answer, Association, Author,
    CheckState, CiAction, CiAnswer, CiQuery, Conclusion, ConfigState, Detail, EffectResult,
    Enqueue, EventKind, Fact, Failure, ForgeAction, ForgeQuery, GitAction, GitAnswer, GitQuery,
    HaltKind, Holds, IssueAction, IssueAnswer, IssueQuery, LookVerdict, Marker, MergeState, Mode,
    Outcome, Owner, Permission, Query, Reaction, Refusal, RepositoryAnswer, RepositoryQuery,
    ReviewAction, ReviewAnswer, ReviewQuery, ReviewState, Revision, Scope, Stage, StatusState,
    Subject, Verb,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

const GOLDEN: &str = include_str!("golden/variants.jsonl");

#[derive(Deserialize)]
struct Line<'a> {
    #[serde(rename = "type")]
    name: &'a str,
    #[serde(borrow)]
    value: &'a RawValue,
}

fn lines(name: &str) -> Vec<&'static str> {
    let parsed = GOLDEN.lines().map(|line| {
        serde_json::from_str::<Line<'static>>(line).expect("a line has type and value")
    });
    parsed
        .filter(|line| line.name == name)
        .map(|line| line.value.get())
        .collect()
}

/// The variants a type has today, from what its reader says to a word that is none. `tag` is
/// empty for enums that are bare words.
fn variants<T: DeserializeOwned>(tag: &str) -> BTreeSet<String> {
    let none = if tag.is_empty() {
        "\"?\"".to_owned()
    } else {
        format!("{{\"{tag}\":\"?\"}}")
    };
    let Err(error) = serde_json::from_str::<T>(&none) else {
        panic!("? is a variant")
    };
    let text = error.to_string();
    let (_, expected) = text
        .split_once("expected")
        .expect("serde names the variants");
    expected
        .split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

/// The variant a line shows.
fn variant(tag: &str, line: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(line).expect("a value");
    let word = if tag.is_empty() { &value } else { &value[tag] };
    word.as_str().expect("a tag is a word").to_owned()
}

fn holds<T: Serialize + DeserializeOwned>(name: &str, tag: &str) {
    let mut shown = BTreeSet::new();
    for line in lines(name) {
        let value: T = serde_json::from_str(line).unwrap_or_else(|why| panic!("{line}: {why}"));
        assert_eq!(
            serde_json::to_string(&value).expect("it is written"),
            line,
            "{name} is written otherwise"
        );
        shown.insert(variant(tag, line));
    }
    let missing: Vec<_> = variants::<T>(tag).difference(&shown).cloned().collect();
    assert!(
        missing.is_empty(),
        "add a line to golden/variants.jsonl for each of {missing:?} of {name}"
    );
}

macro_rules! frozen {
    ($($name:ident: $type:ident $tag:literal;)*) => {
        $(#[test]
        fn $name() {
            holds::<$type>(stringify!($type), $tag);
        })*

        #[test]
        fn every_line_is_of_a_type_that_is_looked_at() {
            for line in GOLDEN.lines() {
                let line: Line<'_> = serde_json::from_str(line).unwrap();
                assert!([$(stringify!($type)),*].contains(&line.name), "{}", line.name);
            }
        }
    };
}

/// Each variant has an example, and every example reads back as it was written.
fn is_shown<T>(tag: &str, examples: &[T])
where
    T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug,
{
    let mut shown = BTreeSet::new();
    for example in examples {
        let line = serde_json::to_string(example).expect("it is written");
        let read: T = serde_json::from_str(&line).unwrap_or_else(|why| panic!("{line}: {why}"));
        assert_eq!(read, *example, "{line}");
        shown.insert(variant(tag, &line));
    }
    let missing: Vec<_> = variants::<T>(tag).difference(&shown).cloned().collect();
    assert!(missing.is_empty(), "no example shows {missing:?}");
}

#[test]
fn every_question_has_an_example() {
    let stage = Stage::default();
    is_shown("get", &ForgeQuery::examples(&stage));
    is_shown("get", &CiQuery::examples(&stage));
    is_shown("get", &IssueQuery::examples(&stage));
    is_shown("get", AlertQuery::ALL);
    is_shown("get", RepositoryQuery::ALL);
}

#[test]
fn every_action_has_an_example() {
    is_shown("op", &IssueAction::examples(&Stage::default()));
    let stage = Stage::default();
    is_shown("op", &ForgeAction::examples(&stage));
    is_shown("op", &CiAction::examples(&stage));
}

frozen! {
    acts: ActKind "did";
    actions: Action "do";
    alert_answers: AlertAnswer "a";
    alert_queries: AlertQuery "get";
    answers: Answer "a";
    associations: Association "";
    authors: Author "who";
    check_states: CheckState "";
    ci_actions: CiAction "op";
    ci_answers: CiAnswer "a";
    ci_queries: CiQuery "get";
    annotation_levels: AnnotationLevel "";
    status_states: StatusState "";
    conclusions: Conclusion "";
    config_states: ConfigState "";
    details: Detail "with";
    effect_results: EffectResult "came";
    enqueues: Enqueue "what";
    event_kinds: EventKind "";
    facts: Fact "is";
    failures: Failure "";
    forge_actions: ForgeAction "op";
    forge_queries: ForgeQuery "get";
    git_actions: GitAction "op";
    git_answers: GitAnswer "a";
    git_queries: GitQuery "get";
    halts: HaltKind "why";
    holding: Holds "";
    close_reasons: CloseReason "";
    fold_reasons: FoldReason "";
    issue_actions: IssueAction "op";
    issue_answers: IssueAnswer "a";
    lock_reasons: LockReason "";
    issue_queries: IssueQuery "get";
    look_verdicts: LookVerdict "look";
    markers: Marker "";
    merge_states: MergeState "";
    modes: Mode "";
    outcomes: Outcome "was";
    owners: Owner "";
    permissions: Permission "";
    queries: Query "from";
    reactions: Reaction "";
    refusals: Refusal "held";
    review_actions: ReviewAction "op";
    review_answers: ReviewAnswer "a";
    review_queries: ReviewQuery "get";
    repository_answers: RepositoryAnswer "a";
    repository_queries: RepositoryQuery "get";
    review_states: ReviewState "";
    revisions: Revision "by";
    scopes: Scope "of";
    severities: Severity "";
    subjects: Subject "is";
    sources: Source "is";
    validities: Validity "";
    verbs: Verb "";
    visibilities: Visibility "";
}
