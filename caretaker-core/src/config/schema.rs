//! Renders `docs/config.schema.json` (JSON Schema, draft 2020-12) from the key table.
//!
//! It says the same as `validate`, for editors; the validator decides.

use serde_json::{Map, Value, json};

use super::table::{Bounds, Branch, Key, Kind, Status};
use super::validate::EXCLUSIVE;
use crate::model::Json;

/// The schema, as indented text with sorted keys.
pub fn render() -> String {
    let mut text = serde_json::to_string_pretty(&Json::from_value(&value()))
        .expect("invariant: a value tree always has a text form");
    text.push('\n');
    text
}

pub(super) fn value() -> Value {
    let mut root = mapping(Branch::root(), "");
    if let Value::Object(root) = &mut root {
        root.insert(
            "$schema".into(),
            json!("https://json-schema.org/draft/2020-12/schema"),
        );
        root.insert(
            "title".into(),
            json!("Caretaker: .github/maintainer/config.yml"),
        );
    }
    root
}

fn mapping(branch: &Branch, path: &str) -> Value {
    let below = |name: &str, child: &Branch| {
        let path = if path.is_empty() {
            name.to_owned()
        } else {
            format!("{path}.{name}")
        };
        child.key.map_or_else(|| mapping(child, &path), leaf)
    };
    let properties: Map<String, Value> = branch
        .children
        .iter()
        .map(|(name, child)| ((*name).to_owned(), below(name, child)))
        .collect();
    let others = branch
        .any
        .as_deref()
        .map_or(json!(false), |child| below("*", child));
    let mut schema = json!({ "type": "object", "additionalProperties": others });
    if !properties.is_empty() {
        schema["properties"] = Value::Object(properties);
    }
    let pair = EXCLUSIVE.iter().find_map(|(one, other)| {
        let here = |key: &&'static str| {
            let (section, name) = key.rsplit_once('.')?;
            (section == path).then_some(name)
        };
        Some([here(one)?, here(other)?])
    });
    if let Some(pair) = pair {
        schema["not"] = json!({ "required": pair });
    }
    schema
}

fn leaf(key: &'static Key) -> Value {
    let mut schema = match &key.kind {
        Kind::Switch => json!({ "type": "boolean" }),
        Kind::Whole(bounds) => limited("integer", *bounds, ["minimum", "maximum"]),
        Kind::Decimal(bounds) => limited("number", *bounds, ["minimum", "maximum"]),
        Kind::Text(bounds) => limited("string", *bounds, ["minLength", "maxLength"]),
        Kind::Choice(choices) => json!({ "type": "string", "enum": choices }),
        Kind::Texts => json!({ "type": "array", "items": { "type": "string" } }),
        Kind::TextMaps => json!({
            "type": "array",
            "items": { "type": "object", "additionalProperties": { "type": "string" } },
        }),
    };
    if key.nullable {
        schema["type"] = json!([schema["type"], "null"]);
    }
    if let Some(default) = &key.default {
        schema["default"] = default.clone();
    }
    schema["description"] = match key.status {
        Status::Active => json!(key.meaning),
        Status::Later => json!(format!("{} (nothing reads it yet)", key.meaning)),
        Status::Dead => json!(format!("{} (no effect)", key.meaning)),
    };
    if key.status == Status::Dead {
        schema["deprecated"] = json!(true);
    }
    schema
}

fn limited(kind: &str, bounds: Bounds, names: [&str; 2]) -> Value {
    let mut schema = json!({ "type": kind });
    for (name, bound) in names.into_iter().zip([bounds.min, bounds.max]) {
        if let Some(bound) = bound {
            schema[name] = json!(bound);
        }
    }
    schema
}
