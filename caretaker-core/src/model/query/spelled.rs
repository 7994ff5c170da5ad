//! Questions as people write them: a name and what it is about, or the journal's JSON.

use serde_json::{Value, json};

use super::ForgeQuery;
use crate::model::Stage;

/// Why a text is no question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unspelled {
    /// There is no question of that name.
    Unknown {
        /// The names that were probably meant, nearest first; none where nothing is near.
        near: Vec<String>,
    },
    /// The name is known, but what it is about is missing or of another form.
    Argument {
        /// A question of that name as [`ForgeQuery::spelled`] takes it: name, and what it is about.
        example: (String, Option<String>),
    },
    /// It begins like JSON and is none, or has fields that no question has.
    Json(String),
}

/// Names shown of those that were probably meant.
const NEAR: usize = 3;

impl ForgeQuery {
    /// Its name: the word of its kind; where that is a family, with the kind within it behind a
    /// dot.
    pub fn name(&self) -> String {
        name(&value(self))
    }

    /// The name, and what it is about as one argument of a command line: [`Self::spelled`] reads
    /// both back.
    pub fn spelling(&self) -> (String, Option<String>) {
        let value = value(self);
        let about = match about(&value) {
            None | Some(Value::Null) => None,
            // Text that reads as something else keeps its quotes.
            Some(Value::String(text)) if serde_json::from_str::<Value>(text).is_err() => {
                Some(text.clone())
            }
            Some(other) => Some(other.to_string()),
        };
        (name(&value), about)
    }

    /// Reads a question from its JSON as the journal spells it, or from its name and what it is
    /// about: JSON, or bare text where that is what the question takes.
    ///
    /// # Errors
    /// Why it is no question, with what was probably meant.
    pub fn spelled(text: &str, about: Option<&str>) -> Result<Self, Unspelled> {
        let text = text.trim();
        if text.starts_with('{') {
            let read = serde_json::from_str(text);
            return read.map_err(|error| Unspelled::Json(error.to_string()));
        }
        let examples = Self::examples(&Stage::default());
        let Some(example) = examples.iter().find(|example| example.name() == text) else {
            return Err(Unspelled::Unknown {
                near: near(text, &examples),
            });
        };
        let read = |about: Option<Value>| serde_json::from_value(nested(text, about)).ok();
        let query = match about {
            None => read(None),
            Some(about) => {
                let bare = || read(Some(Value::String(about.to_owned())));
                let parsed = serde_json::from_str(about).ok();
                parsed.and_then(|parsed| read(Some(parsed))).or_else(bare)
            }
        };
        query.ok_or_else(|| Unspelled::Argument {
            example: example.spelling(),
        })
    }
}

fn value(query: &ForgeQuery) -> Value {
    serde_json::to_value(query).expect("invariant: questions have only string keys")
}

fn family(value: &Value) -> Option<&Value> {
    value.get("v").filter(|inner| inner["get"].is_string())
}

fn name(value: &Value) -> String {
    let word = value["get"].as_str().unwrap_or_default();
    match family(value) {
        Some(inner) => format!("{word}.{}", name(inner)),
        None => word.to_owned(),
    }
}

fn about(value: &Value) -> Option<&Value> {
    match family(value) {
        Some(inner) => about(inner),
        None => value.get("v"),
    }
}

/// The JSON of a name, what it is about innermost.
fn nested(name: &str, about: Option<Value>) -> Value {
    let (word, inner) = match name.split_once('.') {
        Some((word, rest)) => (word, Some(nested(rest, about))),
        None => (name, about),
    };
    match inner {
        Some(inner) => json!({"get": word, "v": inner}),
        None => json!({"get": word}),
    }
}

fn near(text: &str, examples: &[ForgeQuery]) -> Vec<String> {
    let mut names: Vec<String> = examples.iter().map(ForgeQuery::name).collect();
    names.dedup();
    let mut near = Vec::new();
    while near.len() < NEAR {
        let left = names.iter().map(String::as_str);
        let Some(found) = crate::config::nearest(text, left) else {
            break;
        };
        let found = found.to_owned();
        names.retain(|name| *name != found);
        near.push(found);
    }
    // Whoever leaves out the family, or names nothing but it.
    let within = |name: &&String| {
        let mut parts = name.split('.');
        parts.any(|part| part == text)
    };
    let more: Vec<_> = names.iter().filter(within).cloned().collect();
    near.extend(more);
    near
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Branch, Number};

    #[test]
    fn every_example_is_read_back_from_its_spelling_and_from_its_json() {
        for example in ForgeQuery::examples(&Stage::default()) {
            let (name, about) = example.spelling();
            let read = ForgeQuery::spelled(&name, about.as_deref());
            assert_eq!(read, Ok(example.clone()), "{name} {about:?}");
            let json = value(&example).to_string();
            assert_eq!(ForgeQuery::spelled(&json, None), Ok(example), "{json}");
        }
    }

    #[test]
    fn what_it_is_about_needs_no_quotes() {
        let branch = |name| Ok(ForgeQuery::Branch(Branch::new(name)));
        assert_eq!(ForgeQuery::spelled("branch", Some("main")), branch("main"));
        // A branch may be called like a number.
        assert_eq!(ForgeQuery::spelled("branch", Some("7")), branch("7"));
        assert_eq!(ForgeQuery::spelled("branch", Some("\"7\"")), branch("7"));
        let item = Ok(ForgeQuery::Item(Number::new(7)));
        assert_eq!(ForgeQuery::spelled(" item ", Some("7")), item);
    }

    #[test]
    fn what_is_no_question_says_what_was_meant() {
        let near = |text| match ForgeQuery::spelled(text, None) {
            Err(Unspelled::Unknown { near }) => near,
            other => panic!("{other:?}"),
        };
        assert_eq!(near("items"), ["item"]);
        assert_eq!(near("config-file"), ["config_file"]);
        assert_eq!(near("weather"), Vec::<String>::new());
        let wrong = ForgeQuery::spelled("item", Some("seven"));
        let example = ("item".to_owned(), Some("2".to_owned()));
        assert_eq!(wrong, Err(Unspelled::Argument { example }));
        let surplus = ForgeQuery::spelled("config_file", Some("7"));
        assert!(matches!(surplus, Err(Unspelled::Argument { .. })));
        let json = ForgeQuery::spelled(r#"{"get":"?"}"#, None);
        assert!(matches!(json, Err(Unspelled::Json(_))));
    }
}
