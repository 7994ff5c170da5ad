//! Agents and the key table agree: what a section hands over is what its agent decodes.

use caretaker_core::agents::{AGENTS, Agent, ParamsFrom};
use caretaker_core::config::{Config, Status, active_keys, keys};
use caretaker_core::model::{Author, Item, Json, Number, Timestamp};
use serde_json::{Value, json};

fn sections() -> Vec<(&'static dyn Agent, &'static str)> {
    let section = |agent: &&'static dyn Agent| match agent.manifest().params {
        ParamsFrom::Section(section) => Some((*agent, section)),
        ParamsFrom::AllSections | ParamsFrom::Nothing => None,
    };
    AGENTS.iter().filter_map(section).collect()
}

fn decodes(agent: &dyn Agent, params: &Value) -> bool {
    let then = Timestamp::default();
    let row = Item {
        number: Number::new(1),
        pull: false,
        open: true,
        draft: false,
        author: Author::Us,
        labels: Vec::new(),
        assigned: false,
        milestone: false,
        created_at: then,
        updated_at: then,
        merged_at: None,
    };
    agent.wants(&row, &Json::from_value(params), then).is_ok()
}

#[test]
fn every_agent_decodes_its_section_and_every_key_of_it() {
    for (agent, section) in sections() {
        let params = Config::default().section(section).value();
        assert!(decodes(agent, &params), "{section}: {params}");
        for key in active_keys(section) {
            let pointer = format!("/{}", key.replace('.', "/"));
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
    for (agent, section) in sections() {
        let mut params = Config::default().section(section).value();
        params["surplus"] = json!(1);
        assert!(
            !decodes(agent, &params),
            "{section} takes unknown keys; write deny_unknown_fields"
        );
    }
}

#[test]
fn every_agent_can_be_switched_and_limited() {
    for (agent, section) in sections() {
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
