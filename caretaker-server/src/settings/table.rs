//! Every setting, once: key in the file, variable, flag, default, meaning, and how its text is read.

use std::net::SocketAddr;
use std::path::PathBuf;

use caretaker_core::intake::AllowList;
use caretaker_core::model::{AppId, Mode, Secret};

use super::{DispatchMode, LogFormat, LogLevel, Settings, StorageKind};

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
    pub(super) app_id: Option<AppId>,
    pub(super) app_key: Option<Secret>,
    pub(super) app_key_path: Option<PathBuf>,
}

/// Every setting, in the order of the page.
pub const TABLE: &[Setting] = &[
    Setting {
        key: "listen",
        env: "CARETAKER_LISTEN",
        flag: Some("--listen"),
        kind: Kind::Address,
        default: "127.0.0.1:8000",
        meaning: "Where the server listens. Port 0 takes a free one and prints it.",
        read: |draft, text| {
            let address: SocketAddr = text.parse().map_err(|_unread| {
                format!("`{text}` is no address; write one like 127.0.0.1:8000")
            })?;
            draft.settings.listen = address;
            Ok(())
        },
    },
    Setting {
        key: "data_dir",
        env: "CARETAKER_DATA_DIR",
        flag: Some("--data-dir"),
        kind: Kind::Path,
        default: "./caretaker-data",
        meaning: "Where the store and the generated webhook secret lie.",
        read: |draft, text| {
            draft.settings.data_dir = PathBuf::from(text);
            Ok(())
        },
    },
    Setting {
        key: "storage",
        env: "CARETAKER_STORAGE",
        flag: None,
        kind: Kind::Word(&["sqlite", "memory"]),
        default: "sqlite",
        meaning: "What remembers: one file in `data_dir`, or only the process (for looking around).",
        read: |draft, text| {
            let words = [
                ("sqlite", StorageKind::Sqlite),
                ("memory", StorageKind::Memory),
            ];
            draft.settings.storage = word(text, &words)?;
            Ok(())
        },
    },
    Setting {
        key: "github.api_url",
        env: "CARETAKER_GITHUB_API_URL",
        flag: None,
        kind: Kind::Url,
        default: "https://api.github.com",
        meaning: "Base address of GitHub's REST API; `https://HOST/api/v3` for GitHub Enterprise.",
        read: |draft, text| {
            let host = ["https://", "http://"]
                .iter()
                .find_map(|scheme| text.strip_prefix(scheme));
            if host.is_none_or(|host| host.is_empty() || host.starts_with('/')) {
                return Err(format!(
                    "`{text}` is no address of an API; write one like https://api.github.com"
                ));
            }
            text.trim_end_matches('/')
                .clone_into(&mut draft.settings.github.api_url);
            Ok(())
        },
    },
    Setting {
        key: "github.token",
        env: "GITHUB_TOKEN",
        flag: None,
        kind: Kind::Secret,
        default: "none",
        meaning: "Personal access token, for trying things out; an App is used before it.",
        read: |draft, text| {
            draft.settings.github.token = Some(Secret::new(text.trim()));
            Ok(())
        },
    },
    Setting {
        key: "github.app.id",
        env: "CARETAKER_GITHUB_APP_ID",
        flag: None,
        kind: Kind::Number,
        default: "none",
        meaning: "The GitHub App's number (“App ID” on its page).",
        read: |draft, text| {
            draft.app_id = Some(AppId::new(number(text, 1)?));
            Ok(())
        },
    },
    Setting {
        key: "github.app.private_key",
        env: "CARETAKER_GITHUB_APP_PRIVATE_KEY",
        flag: None,
        kind: Kind::Secret,
        default: "none",
        meaning: "The App's private key in PEM form; `\\n` may stand for a line break.",
        read: |draft, text| {
            draft.app_key = Some(Secret::new(text.replace("\\n", "\n")));
            Ok(())
        },
    },
    Setting {
        key: "github.app.private_key_path",
        env: "CARETAKER_GITHUB_APP_PRIVATE_KEY_PATH",
        flag: None,
        kind: Kind::Path,
        default: "none",
        meaning: "File with that key; the key itself is used before it.",
        read: |draft, text| {
            draft.app_key_path = Some(PathBuf::from(text));
            Ok(())
        },
    },
    Setting {
        key: "webhook.secret",
        env: "CARETAKER_GITHUB_APP_WEBHOOK_SECRET",
        flag: None,
        kind: Kind::Secret,
        default: "generated, see `caretaker webhook-secret`",
        meaning: "What GitHub signs deliveries with.",
        read: |draft, text| {
            draft.settings.webhook.secret = Some(Secret::new(text));
            Ok(())
        },
    },
    Setting {
        key: "webhook.secret_env",
        env: "CARETAKER_GITHUB_APP_WEBHOOK_SECRET_ENV",
        flag: None,
        kind: Kind::Text,
        default: "none",
        meaning: "Name of the variable that holds that secret; the secret itself is used before it.",
        read: |draft, text| {
            draft.webhook_secret_env = Some(text.to_owned());
            Ok(())
        },
    },
    Setting {
        key: "webhook.allow_list",
        env: "CARETAKER_WEBHOOK_ALLOW_LIST",
        flag: None,
        kind: Kind::List,
        default: "empty: everybody, observed only",
        meaning: "Who may send: `owner`, `owner/repo` or `installation:123`. Others get 403.",
        read: |draft, text| {
            let entries: Vec<String> = text
                .split(',')
                .map(|entry| entry.trim().to_owned())
                .filter(|entry| !entry.is_empty())
                .collect();
            AllowList::parse(&entries).map_err(|wrong| {
                let wrong: Vec<_> = wrong.iter().map(ToString::to_string).collect();
                wrong.join("; ")
            })?;
            draft.settings.webhook.allow_list = entries;
            Ok(())
        },
    },
    Setting {
        key: "webhook.max_body_bytes",
        env: "CARETAKER_WEBHOOK_MAX_BODY_BYTES",
        flag: None,
        kind: Kind::Number,
        default: "26214400",
        meaning: "Largest accepted body. GitHub sends at most 25 MiB. Larger ones get 413.",
        read: |draft, text| {
            draft.settings.webhook.max_body_bytes = usize::try_from(number(text, 1)?)
                .map_err(|_too_large| format!("`{text}` bytes do not fit into memory"))?;
            Ok(())
        },
    },
    Setting {
        key: "webhook.backlog_limit",
        env: "CARETAKER_WEBHOOK_BACKLOG_LIMIT",
        flag: None,
        kind: Kind::Number,
        default: "100000",
        meaning: "Accepted deliveries that may wait; beyond that the door answers 503.",
        read: |draft, text| {
            draft.settings.webhook.backlog_limit = number(text, 1)?;
            Ok(())
        },
    },
    Setting {
        key: "dispatch_mode",
        env: "CARETAKER_WEBHOOK_DISPATCH_MODE",
        flag: None,
        kind: Kind::Word(&["off", "shadow", "active"]),
        default: "active",
        meaning: "`off`: accept and keep, handle nothing. `shadow`: handle, and only observe. \
                  `active`: no limit of its own.",
        read: |draft, text| {
            let words = [
                DispatchMode::Off,
                DispatchMode::Shadow,
                DispatchMode::Active,
            ]
            .map(|mode| (mode.name(), mode));
            draft.settings.dispatch_mode = word(text, &words)?;
            Ok(())
        },
    },
    Setting {
        key: "mode_ceiling",
        env: "CARETAKER_MODE_CEILING",
        flag: None,
        kind: Kind::Word(&["observe", "propose", "act"]),
        default: "`act` with an allow-list, else `observe`",
        meaning: "How far agents may go anywhere; a repository's own `safety.mode` may only lower it.",
        read: |draft, text| {
            draft.settings.mode_ceiling =
                Some(word(text, &Mode::ALL.map(|mode| (mode.name(), mode)))?);
            Ok(())
        },
    },
    Setting {
        key: "dry_run",
        env: "CARETAKER_DRY_RUN",
        flag: None,
        kind: Kind::Switch,
        default: "false",
        meaning: "Observe only, whatever else is set.",
        read: |draft, text| {
            draft.settings.dry_run = switch(text)?;
            Ok(())
        },
    },
    Setting {
        key: "scheduler_enabled",
        env: "CARETAKER_SCHEDULER_ENABLED",
        flag: None,
        kind: Kind::Switch,
        default: "true",
        meaning: "Whether scheduled agents get their ticks.",
        read: |draft, text| {
            draft.settings.scheduler_enabled = switch(text)?;
            Ok(())
        },
    },
    Setting {
        key: "log.format",
        env: "CARETAKER_LOG_FORMAT",
        flag: None,
        kind: Kind::Word(&["text", "json"]),
        default: "text",
        meaning: "Form of the log on stderr.",
        read: |draft, text| {
            let words = [("text", LogFormat::Text), ("json", LogFormat::Json)];
            draft.settings.log.format = word(text, &words)?;
            Ok(())
        },
    },
    Setting {
        key: "log.level",
        env: "CARETAKER_LOG_LEVEL",
        flag: None,
        kind: Kind::Word(&["error", "warn", "info", "debug", "trace"]),
        default: "info",
        meaning: "The least important lines that are written.",
        read: |draft, text| {
            let words = [
                LogLevel::Error,
                LogLevel::Warn,
                LogLevel::Info,
                LogLevel::Debug,
                LogLevel::Trace,
            ]
            .map(|level| (level.name(), level));
            draft.settings.log.level = word(text, &words)?;
            Ok(())
        },
    },
];

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
