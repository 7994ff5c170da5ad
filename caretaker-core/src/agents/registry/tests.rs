//! What is refused, without touching the process's list; registering itself has a process of its
//! own in `tests/own_agent.rs`.

use super::*;
use crate::agents::{Input, Manifest, Only, Reacts, SubjectKind, Trigger, View};
use crate::model::{Decision, EventKind, Halt, Item, Json, Loudness, Reason, Timestamp};

/// An agent that is nothing but its manifest.
struct Named(Manifest);

impl Agent for Named {
    fn manifest(&self) -> &'static Manifest {
        let Manifest {
            name,
            params,
            hears,
            ..
        } = self.0;
        Box::leak(Box::new(Manifest {
            name,
            params,
            hears,
            ..plain()
        }))
    }

    fn decide(&self, _input: &Input<'_>) -> Result<Decision, Halt> {
        Ok(Decision::because("done", Reason::leaf("is_there", true)))
    }

    fn wants(&self, _row: &Item, _params: &Json, _now: Timestamp) -> Result<bool, Halt> {
        Ok(false)
    }
}

fn plain() -> Manifest {
    Manifest {
        name: "greeter",
        summary: "Greets.",
        revision: 1,
        params: ParamsFrom::Section("greeter_agent"),
        hears: &[Trigger {
            kinds: &[EventKind::IssueOpened],
            reacts: Reacts::Level,
            only: Only::All,
            expires: None,
        }],
        subjects: &[SubjectKind::Issue],
        every: None,
        view: View::Item,
        loudest: Loudness::Act,
        permissions: &[],
        verdicts: &["done"],
    }
}

const KEYS: &str = "greeter_agent.enabled\tbool\ttrue\t-\tactive\tSwitch it on";

fn own(keys: &'static str, change: impl FnOnce(&mut Manifest)) -> Own {
    let mut manifest = plain();
    change(&mut manifest);
    let agent = Box::leak(Box::new(Named(manifest)));
    Own { agent, keys }
}

#[track_caller]
fn refused(own: &[Own], says: &str) {
    let error = Registered::of(own)
        .err()
        .expect("must be refused")
        .to_string();
    assert!(error.contains(says), "{error}");
}

#[test]
fn an_agent_brings_its_section_and_its_mode() {
    let registered = Registered::of(&[own(KEYS, |_| {})]).unwrap();
    let paths: Vec<_> = registered.keys.iter().map(|key| key.path).collect();
    assert_eq!(paths, ["greeter_agent.enabled", "safety.agents.greeter"]);
}

#[test]
fn an_agent_without_parameters_brings_its_mode_only() {
    let registered = Registered::of(&[own("", |m| m.params = ParamsFrom::Nothing)]).unwrap();
    assert_eq!(registered.keys.len(), 1);
}

#[test]
fn names_that_are_taken_or_no_names_are_refused() {
    for (name, says) in [
        ("pr", "another agent has it"),
        ("intake", "another agent has it"),
        ("executor", "the configuration uses this word"),
        ("triage", "the configuration uses this word"),
        ("Greeter", "small letters"),
        ("greet-er", "small letters"),
        ("", "small letters"),
        ("1st", "small letters"),
    ] {
        refused(&[own(KEYS, |m| m.name = name)], says);
    }
    refused(
        &[own(KEYS, |_| {}), own(KEYS, |_| {})],
        "another agent has it",
    );
}

#[test]
fn manifests_that_cannot_be_an_own_agents_are_refused() {
    refused(&[own(KEYS, |m| m.hears = &[])], "hears nothing");
    for others in [ParamsFrom::AllSections, ParamsFrom::Of("pr")] {
        refused(
            &[own(KEYS, |m| m.params = others)],
            "`AllSections` and `Of`",
        );
    }
    let theirs = |m: &mut Manifest| m.params = ParamsFrom::Section("stale_agent");
    refused(&[own(KEYS, theirs)], "somebody else's");
    let dotted = |m: &mut Manifest| m.params = ParamsFrom::Section("greeter.agent");
    refused(&[own(KEYS, dotted)], "small letters");
    let second = own(KEYS, |m| m.name = "second");
    refused(&[own(KEYS, |_| {}), second], "somebody else's");
}

#[test]
fn keys_that_do_not_describe_the_section_are_refused() {
    for (keys, says) in [
        ("", "`greeter_agent.enabled`"),
        (
            "greeter_agent.enabled\tint\t1\t0..9\tactive\tx",
            "`greeter_agent.enabled`",
        ),
        (
            "greeter_agent.enabled\tbool\t-\t-\tactive\tx",
            "`greeter_agent.enabled`",
        ),
        ("greeter_agent.enabled\tbool\ttrue\t-\tlater\tx", "`active`"),
        ("greeter_agent.enabled\tbool\t1\t-\tactive\tx", "default"),
        ("greeter_agent.enabled bool true", "six cells"),
        ("pr_agent.enabled\tbool\ttrue\t-\tactive\tx", "not below"),
        ("greeter_agent.*.x\tbool\ttrue\t-\tactive\tx", "`*`"),
    ] {
        refused(&[own(keys, |_| {})], says);
    }
    let twice = "greeter_agent.enabled\tbool\ttrue\t-\tactive\tx\n\
                 greeter_agent.enabled\tbool\ttrue\t-\tactive\tx";
    refused(&[own(twice, |_| {})], "twice");
    let below = "greeter_agent.enabled\tbool\ttrue\t-\tactive\tx\n\
                 greeter_agent.enabled.more\tbool\ttrue\t-\tactive\tx";
    refused(&[own(below, |_| {})], "below");
    let needless = own(KEYS, |m| m.params = ParamsFrom::Nothing);
    refused(&[needless], "not below");
}

#[test]
fn what_has_been_looked_at_is_sealed() {
    assert!(all().count() >= AGENTS.len());
    assert_eq!(register(&[own(KEYS, |_| {})]), Err(RegisterError::Late));
    assert!(by_name("greeter").is_none());
}
