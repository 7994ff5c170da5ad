//! What an operator may set about this process; one table says how each setting is called.
//!
//! Defaults are overridden by a YAML file, that by the environment, that by flags. Nothing has to
//! be set. What a repository sets for itself is not here: that is `caretaker_core::config`.
//!
//! | Module | What |
//! |---|---|
//! | `secrets` | further webhook secrets, by reference |
//! | `table` | every setting: key, variable, flag, default, meaning, and how its text is read |
//! | `file` | YAML into keys and texts with their lines |
//! | `load` | the sources in their order, and all problems at once |
//! | `page` | renders `docs/settings.md` |

mod file;
mod http;
mod load;
pub mod page;
mod secrets;
mod table;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use caretaker_core::model::{AppId, BacklogLimits, Mode, Retention, Secret, Span};

pub use http::Http;
pub use load::{Problem, Problems, Sources};
pub use secrets::HookSecret;
pub use table::{Kind, Setting, every};

/// The settings of one process. Its `Debug` shows no secrets.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where the door listens. Port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where the store and the generated webhook secret lie.
    pub data_dir: PathBuf,
    /// What connections may cost.
    pub http: Http,
    /// What remembers.
    pub storage: StorageKind,
    /// How large the store may grow, in bytes.
    pub storage_max_bytes: Option<u64>,
    /// Room in bytes under which the disk counts as almost full.
    pub storage_least_room_bytes: u64,
    /// How the forge is reached.
    pub github: Github,
    /// What the door accepts.
    pub webhook: Webhook,
    /// For how long what has ended is kept.
    pub retention: Retention,
    /// How the forge's own log of deliveries is read.
    pub delivery_log: DeliveryLog,
    /// What is done with accepted deliveries.
    pub dispatch_mode: DispatchMode,
    /// The operator's own limit on every repository; see [`Settings::ceiling`].
    pub mode_ceiling: Option<Mode>,
    /// Whether nothing may leave the process, whatever else is set.
    pub dry_run: bool,
    /// Whether scheduled agents get their ticks.
    pub scheduler_enabled: bool,
    /// How the log is written.
    pub log: Log,
    /// Where numbers about the process are told.
    pub metrics: MetricsAt,
}

/// Where numbers about the process are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricsAt {
    /// Nobody asked: at the usual place, if it is free.
    Usual,
    /// There, or the server does not start.
    Asked(SocketAddr),
    /// Not at all.
    Nowhere,
}

/// What remembers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StorageKind {
    /// One file in the data directory.
    Sqlite,
    /// The process; gone when it ends.
    Memory,
}

/// How the forge is reached.
#[derive(Clone, Debug)]
pub struct Github {
    /// Base address of the REST API.
    pub api_url: String,
    /// Address of GraphQL, or `off`; beside the REST API where nothing is said.
    pub graphql_url: Option<String>,
    /// A personal access token; used where no App is set.
    pub token: Option<Secret>,
    /// The App that we are.
    pub app: Option<App>,
    /// A person's token beside the App, shown only where GitHub takes something from a person alone.
    pub user_token: Option<Secret>,
    /// The file that it was read from, where it was.
    pub user_token_path: Option<PathBuf>,
    /// What lies between two writes of one installation that make content.
    pub write_pace: Duration,
}

/// A GitHub App's identity.
#[derive(Clone, Debug)]
pub struct App {
    /// Its number.
    pub id: AppId,
    /// Its private key in PEM form.
    pub key: Secret,
    /// The file that it was read from, where it was.
    pub key_path: Option<PathBuf>,
}

/// What the door accepts.
#[derive(Clone, Debug)]
pub struct Webhook {
    /// What GitHub signs with; `None` means the generated one in the data directory, unless one of
    /// the further ones serves every hook.
    pub secret: Option<Secret>,
    /// Further secrets in force, as while they are rotated.
    pub secrets: Vec<HookSecret>,
    /// Largest body, in bytes.
    pub max_body_bytes: usize,
    /// Who may send; empty means everybody, observed only.
    pub allow_list: Vec<String>,
    /// How much may wait before the door turns others away.
    pub backlog: BacklogLimits,
}

/// How the forge's own log of deliveries is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeliveryLog {
    /// How often; `None`: never.
    pub interval: Option<Span>,
    /// How far back.
    pub reach: Span,
    /// Pages at a time.
    pub pages: u32,
}

/// What is done with accepted deliveries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DispatchMode {
    /// They are kept; nothing is handled.
    Off,
    /// They are handled, and nothing leaves the process.
    Shadow,
    /// They are handled.
    Active,
}

/// How the log is written to stderr.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Log {
    /// In which form.
    pub format: LogFormat,
    /// The least important lines that are written.
    pub level: LogLevel,
}

/// Form of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object for each line.
    Json,
}

/// Importance of lines in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    /// Failures that somebody has to look at.
    Error,
    /// What is odd and handled.
    Warn,
    /// One line for each closed run, and what the process does.
    Info,
    /// What it does in between.
    Debug,
    /// Everything.
    Trace,
}

impl LogLevel {
    /// As filters spell it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }
}

impl DispatchMode {
    /// As settings spell it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Shadow => "shadow",
            Self::Active => "active",
        }
    }
}

impl Settings {
    /// The server's own limit on every repository: the operator's, else `act` for a configured
    /// allow-list and `observe` without one. Shadow dispatch and a dry run mean `observe`.
    pub fn ceiling(&self) -> Mode {
        if self.dry_run || self.dispatch_mode == DispatchMode::Shadow {
            return Mode::Observe;
        }
        self.mode_ceiling
            .unwrap_or(if self.webhook.allow_list.is_empty() {
                Mode::Observe
            } else {
                Mode::Act
            })
    }

    /// Whether there is anything to show to the forge.
    pub fn has_credentials(&self) -> bool {
        self.github.app.is_some() || self.github.token.is_some()
    }
}

/// No settings at all.
impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8000)),
            data_dir: PathBuf::from("./caretaker-data"),
            http: Http::default(),
            storage: StorageKind::Sqlite,
            storage_max_bytes: None,
            storage_least_room_bytes: 64 * 1024 * 1024,
            github: Github {
                api_url: "https://api.github.com".to_owned(),
                write_pace: Duration::from_secs(1),
                graphql_url: None,
                token: None,
                app: None,
                user_token: None,
                user_token_path: None,
            },
            webhook: Webhook {
                secret: None,
                secrets: Vec::new(),
                max_body_bytes: 25 * 1024 * 1024,
                allow_list: Vec::new(),
                backlog: BacklogLimits {
                    deliveries: 100_000,
                    bytes: 2 * 1024 * 1024 * 1024,
                    age: Span::days(7),
                },
            },
            retention: Retention::USUAL,
            delivery_log: DeliveryLog {
                interval: Some(Span::minutes(5)),
                reach: Span::hours(72),
                pages: 50,
            },
            dispatch_mode: DispatchMode::Active,
            mode_ceiling: None,
            dry_run: false,
            scheduler_enabled: true,
            log: Log {
                format: LogFormat::Text,
                level: LogLevel::Info,
            },
            metrics: MetricsAt::Usual,
        }
    }
}

#[cfg(test)]
mod tests;
