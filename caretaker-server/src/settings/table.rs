//! Every setting, once: key in the file, variable, flag, default, meaning, and how its text is read.
//!
//! Each section has its file and is a line of [`SECTIONS`]; a new setting is a row there.

mod delivery_log;
mod dispatch;
mod github;
mod http;
mod log;
mod metrics;
mod retention;
mod server;
mod webhook;

use std::path::PathBuf;

use caretaker_core::model::{AppId, Secret};

use super::Settings;

/// One setting.
#[derive(Debug)]
pub struct Setting {
    /// Dotted path in the file.
    pub key: &'static str,
    /// Variable of the environment.
    pub env: &'static str,
    /// Flag of the command line, where there is one.
    pub flag: Option<&'static str>,
    /// What its text may be.
    pub kind: Kind,
    /// What holds when nobody sets it, for people.
    pub default: &'static str,
    /// What it is for.
    pub meaning: &'static str,
    /// Reads its text.
    pub(super) read: fn(&mut Draft, &str) -> Result<(), String>,
}

/// What a setting's text may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `HOST:PORT` in numbers.
    Address,
    /// A place in the file system, relative to where the process is started.
    Path,
    /// `http://…` or `https://…`.
    Url,
    /// One of these words.
    Word(&'static [&'static str]),
    /// `true` or `false`.
    Switch,
    /// A whole number.
    Number,
    /// Any text.
    Text,
    /// Text that is never shown.
    Secret,
    /// A sequence in the file, separated by commas elsewhere.
    List,
}

/// Settings while they are put together.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) settings: Settings,
    pub(super) webhook_secret_env: Option<String>,
    /// References to further secrets; see [`super::secrets`].
    pub(super) webhook_secrets: Vec<String>,
    pub(super) app_id: Option<AppId>,
    pub(super) app_key: Option<Secret>,
    pub(super) app_key_path: Option<PathBuf>,
    pub(super) app_key_env: Option<String>,
    pub(super) user_token: Option<Secret>,
    pub(super) user_token_path: Option<PathBuf>,
    pub(super) user_token_env: Option<String>,
}

/// The sections, in the order of the page.
const SECTIONS: &[&[Setting]] = &[
    server::ROWS,
    http::ROWS,
    github::ROWS,
    webhook::ROWS,
    retention::ROWS,
    delivery_log::ROWS,
    dispatch::ROWS,
    log::ROWS,
    metrics::ROWS,
];

/// Every setting, in the order of the page.
pub fn every() -> impl Iterator<Item = &'static Setting> {
    SECTIONS.iter().copied().flatten()
}

fn word<T: Copy>(text: &str, words: &[(&str, T)]) -> Result<T, String> {
    let found = words.iter().find(|(name, _)| *name == text);
    found.map(|(_, value)| *value).ok_or_else(|| {
        let names: Vec<_> = words.iter().map(|(name, _)| *name).collect();
        format!(
            "`{text}` is none of its words; write one of {}",
            names.join(", ")
        )
    })
}

fn switch(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Ok(true),
        "false" | "0" | "no" | "off" => Ok(false),
        _ => Err(format!("`{text}` is no switch; write true or false")),
    }
}

fn number(text: &str, least: u64) -> Result<u64, String> {
    let read = text.replace('_', "").parse().ok();
    read.filter(|n| *n >= least)
        .ok_or_else(|| format!("`{text}` is not it; write a whole number of at least {least}"))
}
