//! Further webhook secrets, named by reference: `env:NAME`, `file:PATH`, `app/123=env:NAME`.
//!
//! A list holds references and no secrets, so that it may be shown; a text that is no reference may
//! be a secret by mistake and is never quoted.

use std::collections::BTreeMap;
use std::fs;

use caretaker_core::model::{AppId, Secret};

use super::Webhook;

/// Secrets in force at once, at most: each costs a pass over every body.
const MOST: usize = 8;

/// A further secret.
#[derive(Clone, Debug)]
pub struct HookSecret {
    /// Whose deliveries it is for; `None`: those of every hook that has none of its own.
    pub app: Option<AppId>,
    /// The secret.
    pub secret: Secret,
    /// Where it comes from, as it was configured.
    pub from: String,
}

impl Webhook {
    /// Whether the generated secret is needed: no other serves every hook.
    pub fn needs_generated(&self) -> bool {
        self.secret.is_none() && self.secrets.iter().all(|one| one.app.is_some())
    }
}

/// Finds what the references name, in their order.
pub(super) fn resolve(
    references: &[String],
    env: &BTreeMap<String, String>,
) -> Result<Vec<HookSecret>, String> {
    if references.len() > MOST {
        return Err(format!(
            "{} are too many; name at most {MOST}",
            references.len()
        ));
    }
    let numbered = references.iter().zip(1..);
    numbered
        .map(|(one, place)| resolve_one(one, place, env))
        .collect()
}

fn resolve_one(
    reference: &str,
    place: usize,
    env: &BTreeMap<String, String>,
) -> Result<HookSecret, String> {
    let none =
        || format!("entry {place} is no reference; write env:NAME, file:PATH or app/123=env:NAME");
    let (app, source) = match reference.strip_prefix("app/") {
        None => (None, reference),
        Some(rest) => {
            let (id, source) = rest.split_once('=').ok_or_else(none)?;
            let id = id.parse().ok().filter(|id| *id > 0).ok_or_else(none)?;
            (Some(AppId::new(id)), source)
        }
    };
    let secret = if let Some(name) = source.strip_prefix("env:") {
        let text = env.get(name).map(String::as_str).unwrap_or_default();
        Secret::new(text)
    } else if let Some(path) = source.strip_prefix("file:") {
        let text = fs::read_to_string(path).map_err(|error| {
            format!("{path} that entry {place} names cannot be read: {error}; give its right place")
        })?;
        Secret::new(text.trim_end_matches(['\r', '\n']))
    } else {
        return Err(none());
    };
    if secret.expose().trim().is_empty() {
        return Err(format!(
            "what entry {place} names ({source}) is empty or not set; set it"
        ));
    }
    Ok(HookSecret {
        app,
        secret,
        from: reference.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(references: &[&str]) -> Result<Vec<(Option<u64>, String)>, String> {
        let env = [("OLD", "one"), ("EMPTY", " ")];
        let env = env.map(|(name, text)| (name.to_owned(), text.to_owned()));
        let references: Vec<_> = references.iter().map(|text| (*text).to_owned()).collect();
        let found = resolve(&references, &BTreeMap::from(env))?;
        let shown = |one: HookSecret| (one.app.map(AppId::value), one.secret.expose().to_owned());
        Ok(found.into_iter().map(shown).collect())
    }

    #[test]
    fn variables_and_files_are_named_for_all_hooks_or_for_one_app() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("secret");
        fs::write(&file, "two\n").unwrap();
        let file = format!("app/77=file:{}", file.display());
        let found = read(&["env:OLD", &file]).unwrap();
        assert_eq!(
            found,
            [(None, "one".to_owned()), (Some(77), "two".to_owned())]
        );
    }

    #[test]
    fn what_names_no_secret_is_an_error_that_quotes_none() {
        for wrong in [
            "hunter2",
            "app/0=env:OLD",
            "app/x=env:OLD",
            "app/7",
            "app/7=hunter2",
        ] {
            let error = read(&["env:OLD", wrong]).unwrap_err();
            assert!(error.starts_with("entry 2 is no reference"), "{error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
        for empty in ["env:NONE", "env:EMPTY"] {
            assert!(read(&[empty]).unwrap_err().contains("empty or not set"));
        }
        assert!(
            read(&["file:nowhere/at-all"])
                .unwrap_err()
                .contains("cannot be read")
        );
        assert!(read(&["env:OLD"; 9]).unwrap_err().contains("too many"));
    }
}
