//! Just enough of JSON Schema to hold our schema against files.

use serde_json::Value;

use crate::config::schema;

/// The words of JSON Schema that our schema uses; any other is a failure.
pub(super) fn allows(schema: &Value, value: &Value) -> bool {
    let known = |name: &str| matches!(value, Value::Object(map) if map.contains_key(name));
    let is = |kind: &Value| match kind.as_str().unwrap() {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("unknown type {other}"),
    };
    let number = value.as_f64();
    let items: Option<u64> = value.as_array().map(|rows| rows.len().try_into().unwrap());
    let length: Option<u64> = value
        .as_str()
        .map(|text| text.chars().count().try_into().unwrap());
    schema
        .as_object()
        .unwrap()
        .iter()
        .all(|(word, rule)| match word.as_str() {
            "$schema" | "$defs" | "title" | "description" | "default" | "deprecated" => true,
            "type" => rule
                .as_array()
                .map_or_else(|| is(rule), |kinds| kinds.iter().any(is)),
            "enum" => rule.as_array().unwrap().contains(value),
            "minimum" => number.is_none_or(|n| n >= rule.as_f64().unwrap()),
            "maximum" => number.is_none_or(|n| n <= rule.as_f64().unwrap()),
            "minLength" => length.is_none_or(|n| n >= rule.as_u64().unwrap()),
            "maxLength" => length.is_none_or(|n| n <= rule.as_u64().unwrap()),
            "items" => value
                .as_array()
                .is_none_or(|rows| rows.iter().all(|v| allows(rule, v))),
            "minItems" => items.is_none_or(|n| n >= rule.as_u64().unwrap()),
            "maxItems" => items.is_none_or(|n| n <= rule.as_u64().unwrap()),
            "$ref" => {
                assert_eq!(rule, "#/$defs/review_rule");
                allows(&schema::value()["$defs"]["review_rule"], value)
            }
            "required" => rule
                .as_array()
                .unwrap()
                .iter()
                .all(|name| known(name.as_str().unwrap())),
            "anyOf" => rule.as_array().unwrap().iter().any(|r| allows(r, value)),
            "oneOf" => {
                rule.as_array()
                    .unwrap()
                    .iter()
                    .filter(|r| allows(r, value))
                    .count()
                    == 1
            }
            "not" => !rule["required"]
                .as_array()
                .unwrap()
                .iter()
                .all(|n| known(n.as_str().unwrap())),
            "properties" => value.as_object().is_none_or(|map| {
                map.iter()
                    .all(|(name, v)| rule.get(name).is_none_or(|rule| allows(rule, v)))
            }),
            "additionalProperties" => value.as_object().is_none_or(|map| {
                let named = |name: &String| {
                    schema
                        .get("properties")
                        .is_some_and(|p| p.get(name).is_some())
                };
                map.iter()
                    .filter(|(name, _)| !named(name))
                    .all(|(_, v)| match rule {
                        Value::Bool(open) => *open,
                        rule => allows(rule, v),
                    })
            }),
            other => panic!("unknown word {other}"),
        })
}
