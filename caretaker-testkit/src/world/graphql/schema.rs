//! The schema's parts as one, and documents that fit it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use apollo_compiler::validation::Valid;
use apollo_compiler::{ExecutableDocument, Schema};
use serde_json::{Value, json};

/// Name and text of each part; a family adds its own.
const PARTS: &[(&str, &str)] = &[
    ("base", include_str!("schema/base.graphql")),
    ("pulls", include_str!("schema/pulls.graphql")),
    ("talk", include_str!("schema/talk.graphql")),
    ("threads", include_str!("schema/threads.graphql")),
    ("commits", include_str!("schema/commits.graphql")),
];

/// Documents that were read before: programs send the same few again and again.
static READ: Mutex<BTreeMap<String, Arc<Valid<ExecutableDocument>>>> = Mutex::new(BTreeMap::new());
/// More are a client that writes values into its documents; they are read anew each time.
const KEPT: usize = 64;

pub(super) fn schema() -> &'static Valid<Schema> {
    static WHOLE: OnceLock<Valid<Schema>> = OnceLock::new();
    WHOLE.get_or_init(|| {
        let parts = PARTS
            .iter()
            .fold(Schema::builder(), |builder, (name, text)| {
                builder.parse(*text, format!("{name}.graphql"))
            });
        let whole = parts.build().and_then(Schema::validate);
        whole.expect("invariant: the tests read the same files")
    })
}

/// The parts as one text, to be compared with GitHub's own.
pub(in crate::world) fn text() -> String {
    PARTS.iter().map(|(_, text)| *text).collect()
}

/// A document that fits the schema, or GitHub's errors about it.
pub(super) fn read(text: &str) -> Result<Arc<Valid<ExecutableDocument>>, Vec<Value>> {
    let mut known = READ.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(document) = known.get(text) {
        return Ok(Arc::clone(document));
    }
    let document = ExecutableDocument::parse_and_validate(schema(), text, "request.graphql")
        .map_err(|unfit| {
            let errors = unfit.errors.iter();
            errors
                .map(|error| {
                    let message = error
                        .error
                        .unstable_compat_message()
                        .unwrap_or_else(|| error.to_json().message);
                    // GitHub tells many codes apart; clients branch on there being one.
                    let code = error.error.unstable_error_name().unwrap_or("parseError");
                    json!({"message": message, "extensions": {"code": code}})
                })
                .collect::<Vec<_>>()
        })?;
    let document = Arc::new(document);
    if known.len() < KEPT {
        known.insert(text.to_owned(), Arc::clone(&document));
    }
    Ok(document)
}
