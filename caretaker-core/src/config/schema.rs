//! Renders `docs/config.schema.json` (JSON Schema, draft 2020-12) from the key table.
//!
//! It says the same as `validate`, for editors; the validator decides.

use serde_json::{Map, Value, json};

use super::merge::{MAX_PATTERNS, MAX_WINDOWS};
use super::table::{Bounds, Branch, Key, Kind, Status};
use super::validate::EXCLUSIVE;
use crate::merge_gate::rules::{MAX_NAMES, MAX_NEEDED};
use crate::model::Json;

const REVIEW_RULE: &str = "#/$defs/review_rule";

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
        root.insert("$defs".into(), json!({ "review_rule": review_rule() }));
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
        Kind::Windows => texts(MAX_WINDOWS),
        Kind::Patterns => texts(MAX_PATTERNS),
        Kind::Reviews => json!({ "anyOf": [{ "$ref": REVIEW_RULE }] }),
        Kind::TextMaps => json!({
            "type": "array",
            "items": { "type": "object", "additionalProperties": { "type": "string" } },
        }),
    };
    if key.nullable {
        match schema.get_mut("anyOf") {
            Some(Value::Array(kinds)) => kinds.push(json!({ "type": "null" })),
            _ => schema["type"] = json!([schema["type"], "null"]),
        }
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

fn texts(most: usize) -> Value {
    json!({ "type": "array", "items": { "type": "string" }, "maxItems": most })
}

/// A rule, which may hold rules. Which words go together is left to the validator.
fn review_rule() -> Value {
    let rules = json!({ "type": "array", "items": { "$ref": REVIEW_RULE }, "minItems": 1 });
    let kinds = ["all", "any", "approvals", "code_owners"];
    json!({
        "type": "object",
        "additionalProperties": false,
        "oneOf": kinds.map(|kind| json!({ "required": [kind] })),
        "properties": {
            "all": rules,
            "any": rules,
            "approvals": { "type": "integer", "minimum": 1, "maximum": MAX_NEEDED },
            "code_owners": { "type": "boolean", "enum": [true] },
            "from": {
                "type": "array", "minItems": 1, "maxItems": MAX_NAMES, "items": { "type": "string" },
            },
            "not": {
                "type": "array",
                "minItems": 1,
                "items": { "type": "string", "enum": ["author", "committers"] },
            },
        },
    })
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
