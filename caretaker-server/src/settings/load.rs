//! The sources in their order: defaults, file, environment, flags. Reports everything wrong at once.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::PathBuf;

use caretaker_core::model::Secret;

use super::file::{self, Value};
use super::table::{Draft, Kind, Setting, every};
use super::{App, Settings, secrets};

/// Where settings come from. The default is nothing at all. What is printed of it are names: any
/// value may be a secret.
#[derive(Clone, Default)]
pub struct Sources {
    /// Name and text of the settings file.
    pub file: Option<(String, String)>,
    /// The environment.
    pub env: BTreeMap<String, String>,
    /// Key of a setting that has a flag, and what the flag says.
    pub flags: Vec<(&'static str, String)>,
}

impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let flags = self.flags.iter().map(|(key, _)| key);
        f.debug_struct("Sources")
            .field("file", &self.file.as_ref().map(|(name, _)| name))
            .field("env", &self.env.keys())
            .field("flags", &flags.collect::<Vec<_>>())
            .finish()
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where: `caretaker.yaml line 3`, a variable, or a flag.
    pub place: String,
    /// What, and what to do about it. Holds no secret.
    pub message: String,
}

/// Everything that is wrong; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the settings are not valid")?;
        for problem in &self.0 {
            write!(f, "\n  {problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

impl Settings {
    /// Puts the settings together: defaults, then the file, then the environment, then flags.
    /// Variables that are empty count as not set. Reads the key file that is named, if one is.
    ///
    /// # Errors
    /// Everything that is wrong, with its place and what to do.
    pub fn load(sources: &Sources) -> Result<Self, Problems> {
        let mut draft = Draft::default();
        let mut problems = Vec::new();
        if let Some((name, text)) = &sources.file {
            from_file(name, text, &mut draft, &mut problems);
        }
        for setting in every() {
            if let Some(text) = set(&sources.env, setting.env) {
                apply(
                    setting,
                    text,
                    &mut draft,
                    || setting.env.to_owned(),
                    &mut problems,
                );
            }
        }
        for (key, text) in &sources.flags {
            let setting = every()
                .find(|setting| setting.key == *key)
                .expect("invariant: flags are named after rows of the table");
            let place = || setting.flag.unwrap_or(setting.key).to_owned();
            apply(setting, text, &mut draft, place, &mut problems);
        }
        let settings = finish(draft, &sources.env, &mut problems);
        if problems.is_empty() {
            Ok(settings)
        } else {
            Err(Problems(problems))
        }
    }
}

/// A variable, unless it is empty.
fn set<'a>(env: &'a BTreeMap<String, String>, name: &str) -> Option<&'a str> {
    env.get(name)
        .map(String::as_str)
        .filter(|text| !text.trim().is_empty())
}

fn apply(
    setting: &Setting,
    text: &str,
    draft: &mut Draft,
    place: impl FnOnce() -> String,
    problems: &mut Vec<Problem>,
) {
    if let Err(message) = (setting.read)(draft, text) {
        problems.push(Problem {
            place: place(),
            message,
        });
    }
}

fn from_file(name: &str, text: &str, draft: &mut Draft, problems: &mut Vec<Problem>) {
    let entries = match file::read(text) {
        Ok(entries) => entries,
        Err((line, what)) => {
            problems.push(Problem {
                place: line.map_or_else(|| name.to_owned(), |line| format!("{name} line {line}")),
                message: format!(
                    "{what}; write `key: value` lines as in docs/settings.md, each key once"
                ),
            });
            return;
        }
    };
    for entry in entries {
        let place = format!("{name} line {}", entry.line);
        let Some(setting) = every().find(|setting| setting.key == entry.key) else {
            let message = unknown(&entry.key);
            problems.push(Problem { place, message });
            continue;
        };
        let text = match (entry.value, setting.kind) {
            (Value::One(text), _) => text,
            (Value::Many(texts), Kind::List) => texts.join(","),
            (Value::Many(_), _) => {
                let message = format!("`{}` takes one value, not a sequence", entry.key);
                problems.push(Problem { place, message });
                continue;
            }
            (Value::Nothing, _) => {
                let message = format!(
                    "`{}` has no value; write one, or leave the line out",
                    entry.key
                );
                problems.push(Problem { place, message });
                continue;
            }
        };
        apply(setting, &text, draft, || place, problems);
    }
}

/// What to say about a key that the table does not hold: its known siblings.
fn unknown(key: &str) -> String {
    let shown: String = key.chars().filter(|c| !c.is_control()).take(60).collect();
    let siblings = |path: &str| -> Vec<&'static str> {
        let mut names: Vec<_> = every()
            .filter_map(|setting| {
                let rest = if path.is_empty() {
                    setting.key
                } else {
                    setting.key.strip_prefix(path)?.strip_prefix('.')?
                };
                rest.split('.').next()
            })
            .collect();
        names.dedup();
        names
    };
    let mut path = key;
    loop {
        path = path.rsplit_once('.').map_or("", |(above, _)| above);
        let names = siblings(path);
        if !names.is_empty() {
            let place = if path.is_empty() {
                "here".to_owned()
            } else {
                format!("under `{path}`")
            };
            let names = names.join(", ");
            return format!("`{shown}` is no setting; {place} there are: {names}");
        }
    }
}

/// A setting names a variable that holds nothing.
fn unset(key: &str, name: &str) -> Problem {
    Problem {
        place: key.to_owned(),
        message: format!("the variable `{name}` that it names is not set; set it, or name another"),
    }
}

fn finish(draft: Draft, env: &BTreeMap<String, String>, problems: &mut Vec<Problem>) -> Settings {
    let mut settings = draft.settings;
    let problem = |place: &str, message: String| Problem {
        place: place.to_owned(),
        message,
    };
    if let (None, Some(name)) = (&settings.webhook.secret, draft.webhook_secret_env) {
        match set(env, &name) {
            Some(secret) => settings.webhook.secret = Some(Secret::new(secret)),
            None => problems.push(unset("webhook.secret_env", &name)),
        }
    }
    match secrets::resolve(&draft.webhook_secrets, env) {
        Ok(secrets) => settings.webhook.secrets = secrets,
        Err(message) => problems.push(problem("webhook.secrets", message)),
    }
    let person = (
        draft.user_token,
        draft.user_token_path,
        draft.user_token_env,
    );
    if let Err(found) = user_token(&mut settings, person, env) {
        problems.push(found);
    }
    let key_path = draft
        .app_key_path
        .clone()
        .filter(|_| draft.app_key.is_none());
    let key = match (draft.app_key, &draft.app_key_path) {
        (Some(key), _) => Some(key),
        (None, None) => {
            if let Some(name) = draft.app_key_env {
                let Some(key) = set(env, &name) else {
                    problems.push(unset("github.app.private_key_env", &name));
                    return settings;
                };
                Some(Secret::new(key.replace("\\n", "\n")))
            } else {
                None
            }
        }
        (None, Some(path)) => match fs::read_to_string(path) {
            Ok(text) => Some(Secret::new(text)),
            Err(error) => {
                problems.push(problem(
                    "github.app.private_key_path",
                    format!(
                        "{} cannot be read: {error}; give its right place",
                        path.display()
                    ),
                ));
                return settings;
            }
        },
    };
    match (draft.app_id, key) {
        (Some(id), Some(key)) => settings.github.app = Some(App { id, key, key_path }),
        (None, None) => {}
        (Some(_), None) => problems.push(problem(
            "github.app.id",
            "an App needs its private key too; set github.app.private_key_path \
             (CARETAKER_GITHUB_APP_PRIVATE_KEY_PATH)"
                .to_owned(),
        )),
        (None, Some(_)) => problems.push(problem(
            "github.app.private_key",
            "a private key needs the number of its App too; set github.app.id \
             (CARETAKER_GITHUB_APP_ID)"
                .to_owned(),
        )),
    }
    settings
}

/// Token, file and variable, each before the next.
type Lent = (Option<Secret>, Option<PathBuf>, Option<String>);

fn user_token(
    settings: &mut Settings,
    lent: Lent,
    env: &BTreeMap<String, String>,
) -> Result<(), Problem> {
    let token = match lent {
        (Some(token), _, _) => token,
        (None, Some(path), _) => {
            let text = fs::read_to_string(&path).map_err(|error| Problem {
                place: "github.user_token_path".to_owned(),
                message: format!(
                    "{} cannot be read: {error}; give its right place",
                    path.display()
                ),
            })?;
            settings.github.user_token_path = Some(path);
            Secret::new(text.trim())
        }
        (None, None, Some(name)) => {
            let held = set(env, &name).ok_or_else(|| unset("github.user_token_env", &name))?;
            Secret::new(held.trim())
        }
        (None, None, None) => return Ok(()),
    };
    settings.github.user_token = Some(token);
    Ok(())
}
