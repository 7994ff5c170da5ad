//! A settings file into keys and texts, each with its line. What the keys mean is in `table`.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{Options, Spanned, from_str_with_options};

/// What stands under one key.
#[derive(Debug)]
pub(super) struct Entry {
    /// Dotted path.
    pub(super) key: String,
    /// Line of the key, from 1.
    pub(super) line: u64,
    /// Its texts: one, or those of a sequence.
    pub(super) value: Value,
}

/// What stands under a key that is no mapping.
#[derive(Debug)]
pub(super) enum Value {
    /// A scalar, as it is written.
    One(String),
    /// A sequence of scalars.
    Many(Vec<String>),
    /// Nothing.
    Nothing,
}

/// Reads a file: its entries in order, or why it is no YAML mapping, with a line where there is
/// one. The message quotes nothing of the file, which may hold secrets.
pub(super) fn read(text: &str) -> Result<Vec<Entry>, (Option<u64>, String)> {
    let mut options = Options::default();
    options.with_snippet = false;
    // `off` is a word of ours, not the switch that YAML 1.1 takes it for.
    options.strict_booleans = true;
    let root: Spanned<Node> = from_str_with_options(text, options).map_err(|error| {
        let line = error.location().map(|at| at.line());
        (line, "this is not YAML that we read".to_owned())
    })?;
    let mut entries = Vec::new();
    match root.value {
        Node::Nothing => {}
        Node::Map(below) => flatten("", below, &mut entries),
        Node::One(_) | Node::Many(_) => {
            return Err((Some(1), "the file is no mapping of settings".to_owned()));
        }
    }
    Ok(entries)
}

fn flatten(path: &str, below: Vec<(Spanned<String>, Node)>, entries: &mut Vec<Entry>) {
    for (name, node) in below {
        let key = if path.is_empty() {
            name.value
        } else {
            format!("{path}.{}", name.value)
        };
        let value = match node {
            Node::Map(below) => {
                flatten(&key, below, entries);
                continue;
            }
            Node::Nothing => Value::Nothing,
            Node::One(text) => Value::One(text),
            Node::Many(texts) => Value::Many(texts),
        };
        entries.push(Entry {
            key,
            line: name.referenced.line(),
            value,
        });
    }
}

enum Node {
    Nothing,
    One(String),
    Many(Vec<String>),
    Map(Vec<(Spanned<String>, Self)>),
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Any)
    }
}

struct Any;

impl<'de> Visitor<'de> for Any {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a setting")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Nothing)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::One(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::One(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::One(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        Ok(Node::One(value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::One(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Node, A::Error> {
        let mut texts = Vec::new();
        while let Some(node) = seq.next_element()? {
            match node {
                Node::One(text) => texts.push(text),
                Node::Nothing | Node::Many(_) | Node::Map(_) => {
                    return Err(A::Error::custom("a sequence holds texts only"));
                }
            }
        }
        Ok(Node::Many(texts))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut below = Vec::new();
        while let Some(entry) = map.next_entry()? {
            below.push(entry);
        }
        Ok(Node::Map(below))
    }
}
