//! Agents and the key table agree: what a section hands over is what its agent decodes.

use caretaker_core::agents::{AGENTS, Agent, ParamsFrom};
use caretaker_core::config::{Config, Status, active_keys, keys};
use caretaker_core::model::Json;
use caretaker_core::{route, scenario};
use serde_json::{Value, json};

/// Every section of every agent that has any, with where its parameters hold it.
fn sections() -> Vec<(&'static dyn Agent, &'static str, String)> {
    let sections = |agent: &&'static dyn Agent| {
        let agent = *agent;
        let from = agent.manifest().params;
        from.sections().into_iter().map(move |name| {
            let several = matches!(from, ParamsFrom::Sections(_));
            let place = if several {
                format!("/{name}")
            } else {
                String::new()
            };
            (agent, name, place)
        })
    };
    AGENTS.iter().flat_map(sections).collect()
}

/// With one name of the file's choice wherever it may choose, so that every key is there.
fn params_of(agent: &dyn Agent) -> Value {
    let text =
        "executor: {agents: {some: {}}, features: {ci_fix: {provider: some, agent: foundry}}}";
    let config = Config::parse(text).config.expect("it is valid");
    route::params(agent, &config).value()
}

fn decodes(agent: &dyn Agent, params: &Value) -> bool {
    let issue = scenario::issue(1);
    let row = &issue.snapshot().pull.item;
    let wants = agent.wants(row, &Json::from_value(params), scenario::NOW);
    wants.is_ok()
}

#[test]
fn every_agent_decodes_its_section_and_every_key_of_it() {
    for (agent, section, place) in sections() {
        let params = params_of(agent);
        assert!(decodes(agent, &params), "{section}: {params}");
        for key in active_keys(section) {
            let key = key
                .replace("agents.*", "agents.some")
                .replace('*', "ci_fix");
            let pointer = format!("{place}/{}", key.replace('.', "/"));
            let mut without = params.clone();
            *without.pointer_mut(&pointer).unwrap() = json!({ "not": "a value" });
            assert!(
                !decodes(agent, &without),
                "{section}.{key} is marked active, but the agent does not decode it"
            );
        }
    }
}

#[test]
fn every_agent_refuses_what_its_section_does_not_hold() {
    for (agent, section, place) in sections() {
        let mut params = params_of(agent);
        params.pointer_mut(&place).unwrap()["surplus"] = json!(1);
        assert!(
            !decodes(agent, &params),
            "{section} takes unknown keys; write deny_unknown_fields"
        );
    }
}

#[test]
fn every_agent_can_be_switched_and_limited() {
    let switched = AGENTS
        .iter()
        .filter_map(|a| Some((a, a.manifest().params.switch()?)));
    for (agent, section) in switched {
        assert!(Config::default().enabled(section), "{section}");
        let limit = format!("safety.agents.{}", agent.manifest().name);
        assert!(
            keys()
                .iter()
                .any(|k| k.path == limit && k.status == Status::Active),
            "`{limit}` must be an active key"
        );
    }
}
