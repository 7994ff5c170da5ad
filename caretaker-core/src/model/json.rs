//! JSON as canonical text, so that equal values are equal bytes.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// A JSON value held as its canonical text: sorted keys, no spaces.
///
/// `serde_json::Value` is kept out of records because its key order depends on whether any crate
/// of the build turns `preserve_order` on; this type sorts for itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Json(String);

impl Json {
    /// The canonical form of a value.
    pub fn from_value(value: &Value) -> Self {
        let mut text = String::new();
        write_sorted(value, &mut text);
        Self(text)
    }

    /// The canonical form of anything that serialises.
    ///
    /// # Errors
    /// When the value has no JSON form (a map with keys that are not strings).
    pub fn of<T: Serialize>(value: &T) -> Result<Self, String> {
        serde_json::to_value(value)
            .map(|v| Self::from_value(&v))
            .map_err(|e| e.to_string())
    }

    /// Reads JSON text of any layout.
    ///
    /// # Errors
    /// When the text is not JSON; says where.
    pub fn parse(text: &str) -> Result<Self, String> {
        serde_json::from_str(text)
            .map(|v| Self::from_value(&v))
            .map_err(|e| e.to_string())
    }

    /// `{}`.
    pub fn empty_object() -> Self {
        Self("{}".to_owned())
    }

    /// An object of these members; of equal names the last counts.
    pub fn object<N: Into<String>>(members: impl IntoIterator<Item = (N, Self)>) -> Self {
        let members = members
            .into_iter()
            .map(|(name, json)| (name.into(), json.value()));
        Self::from_value(&Value::Object(members.collect()))
    }

    /// The canonical text.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// Reads it as a type of ours.
    ///
    /// # Errors
    /// Says which field does not fit.
    pub fn decode<T: DeserializeOwned>(&self) -> Result<T, String> {
        serde_json::from_str(&self.0).map_err(|e| e.to_string())
    }

    /// As a value tree, for walking.
    pub fn value(&self) -> Value {
        serde_json::from_str(&self.0).expect("canonical text was made from a value")
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Sorted(&self.value()).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(|v| Self::from_value(&v))
    }
}

struct Sorted<'a>(&'a Value);

impl Serialize for Sorted<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Object(map) => {
                let mut keys: Vec<_> = map.keys().collect();
                keys.sort();
                serializer.collect_map(keys.into_iter().map(|k| (k, Sorted(&map[k]))))
            }
            Value::Array(rows) => serializer.collect_seq(rows.iter().map(Sorted)),
            plain @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => {
                plain.serialize(serializer)
            }
        }
    }
}

fn write_sorted(value: &Value, out: &mut String) {
    out.push_str(
        &serde_json::to_string(&Sorted(value)).expect("a value tree always has a text form"),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layout_and_key_order_do_not_matter() {
        let a = Json::parse(r#"{ "b": [1, {"z":null,"a":true}], "a": "x" }"#).unwrap();
        assert_eq!(a.text(), r#"{"a":"x","b":[1,{"a":true,"z":null}]}"#);
        assert_eq!(serde_json::to_string(&a).unwrap(), a.text());
        assert_eq!(serde_json::from_str::<Json>(a.text()).unwrap(), a);
    }
}
