//! `caretaker doctor`: is everything there that a server needs? One line for each finding.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use caretaker_core::drive::known_config;
use caretaker_core::model::{ConfigState, Span, Timestamp};
use caretaker_core::ports::{Kind, PortError};
use caretaker_wiring::forge::Identity;
use caretaker_wiring::storage::{self, Access, OpenError, StorageConfig};
use clap::Args;
use serde::Serialize;

use super::Exit;
use super::out::Out;
use super::pause;
use super::store::Store;
use crate::settings::{Settings, StorageKind};
use crate::webhook_secret;

/// How far our clock may be from the forge's: tokens of an App are refused beyond that.
const SKEW: Span = Span::seconds(60);

/// Look for what keeps the server from working, and say how to mend it
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  caretaker doctor
  caretaker doctor --config caretaker.yaml --json

Checks the store, the webhook secret, credentials, the API, the clock, pauses,
and the configurations of known repositories. Works while the server runs;
changes nothing.

Exit codes: 0 nothing is wrong; 1 something is; 2 the settings are not valid.")]
pub(super) struct Doctor {}

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Level {
    Good,
    Note,
    Wrong,
}

#[derive(Serialize)]
struct Finding {
    check: &'static str,
    level: Level,
    found: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<String>,
}

#[derive(Default, Serialize)]
struct Findings {
    findings: Vec<Finding>,
}

impl Doctor {
    pub(super) async fn run(&self, settings: &Settings, out: Out) -> anyhow::Result<Exit> {
        let mut findings = Findings::default();
        let store = store(settings, &mut findings).await?;
        secret(settings, &mut findings);
        senders(settings, &mut findings);
        credentials(&store, &mut findings).await;
        api(&store, &mut findings).await;
        match pause::all(&store).await {
            Err(error) => {
                findings.wrong("pauses", error.to_string(), "see the line about the store");
            }
            Ok(paused) => {
                for view in paused {
                    let fix = format!("`{}` ends it", view.undo());
                    findings.note("paused", view.said(), Some(fix));
                }
            }
        }
        if let Err(error) = repositories(&store, &mut findings).await {
            findings.wrong(
                "configurations",
                error.to_string(),
                "see the line about the store",
            );
        }
        out.show(&findings, Findings::text)?;
        let wrong = findings.findings.iter().any(|f| f.level == Level::Wrong);
        Ok(if wrong { Exit::No } else { Exit::Good })
    }
}

/// Looks at the store; where there is none that opens, the rest is looked at over an empty memory.
async fn store(settings: &Settings, findings: &mut Findings) -> anyhow::Result<Store> {
    let dir = settings.data_dir.display();
    if settings.storage == StorageKind::Memory {
        findings.note(
            "store",
            "in memory, gone with the process".to_owned(),
            Some("set `storage: sqlite` to keep it".to_owned()),
        );
    } else {
        match Store::open(settings).await {
            Ok(store) => {
                match (writable(&settings.data_dir), store.serving) {
                    (Err(error), _) => findings.wrong(
                        "store",
                        format!("{dir} cannot be written: {error}"),
                        "give the directory to the user that runs caretaker, and free space",
                    ),
                    (Ok(()), Some(pid)) => {
                        findings.good("store", format!("{dir}, served by process {pid}"));
                    }
                    (Ok(()), None) => findings.good("store", format!("{dir}, writable")),
                }
                return Ok(store);
            }
            Err(error) => match error.downcast_ref() {
                Some(OpenError::Missing { .. }) => match writable(existing(&settings.data_dir)) {
                    Ok(()) => findings.note(
                        "store",
                        format!("none in {dir} yet"),
                        Some("`caretaker serve` makes it".to_owned()),
                    ),
                    Err(error) => findings.wrong(
                        "store",
                        format!("{dir} cannot be made: {error}"),
                        "choose another --data-dir, or give its parent to this user",
                    ),
                },
                _ => findings.wrong("store", error.to_string(), "choose another --data-dir"),
            },
        }
    }
    let memory = storage::connect(&StorageConfig::Memory, Access::Serve).await?;
    Store::over(settings, memory)
}

/// The directory itself, or the nearest one above it that exists.
fn existing(dir: &Path) -> &Path {
    let mut dir = dir;
    while !dir.exists() {
        dir = match dir.parent() {
            Some(above) if above.as_os_str().is_empty() => Path::new("."),
            Some(above) => above,
            None => return dir,
        };
    }
    dir
}

fn writable(dir: &Path) -> std::io::Result<()> {
    let probe: PathBuf = dir.join(format!(".doctor.{}", std::process::id()));
    fs::write(&probe, b"writable")?;
    fs::remove_file(&probe)
}

fn secret(settings: &Settings, findings: &mut Findings) {
    const CHECK: &str = "webhook secret";
    if settings.webhook.secret.is_some() {
        findings.good(CHECK, "set".to_owned());
        return;
    }
    let path = webhook_secret::path(&settings.data_dir);
    let place = path.display();
    match fs::metadata(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => findings.note(
            CHECK,
            "none yet, one is made at the first start".to_owned(),
            Some("`caretaker webhook-secret` makes and shows it".to_owned()),
        ),
        Err(error) => findings.wrong(
            CHECK,
            format!("{place} cannot be read: {error}"),
            "give the file to the user that runs caretaker",
        ),
        Ok(metadata) if open_to_others(&metadata) => findings.wrong(
            CHECK,
            format!("{place} can be read by others"),
            &format!("chmod 600 {place}"),
        ),
        Ok(_) => match fs::read_to_string(&path) {
            Ok(text) if !text.trim().is_empty() => findings.good(CHECK, format!("in {place}")),
            Ok(_) => findings.wrong(CHECK, format!("{place} is empty"), "remove the file"),
            Err(error) => findings.wrong(
                CHECK,
                format!("{place} cannot be read: {error}"),
                "give the file to the user that runs caretaker",
            ),
        },
    }
}

#[cfg(unix)]
fn open_to_others(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    metadata.permissions().mode() & 0o077 != 0
}

#[cfg(not(unix))]
fn open_to_others(_metadata: &fs::Metadata) -> bool {
    false
}

fn senders(settings: &Settings, findings: &mut Findings) {
    let list = &settings.webhook.allow_list;
    let limit = settings.ceiling().name();
    if list.is_empty() {
        findings.note(
            "allow-list",
            format!("none: everybody may send; agents may {limit}"),
            Some("name your accounts in webhook.allow_list".to_owned()),
        );
    } else {
        let names = list.join(", ");
        findings.good("allow-list", format!("{names}; agents may {limit}"));
    }
}

async fn credentials(store: &Store, findings: &mut Findings) {
    const CHECK: &str = "credentials";
    if !store.forge.has_credentials() {
        findings.wrong(
            CHECK,
            "none: deliveries are recorded, nothing can be read or written".to_owned(),
            "set CARETAKER_GITHUB_APP_ID and CARETAKER_GITHUB_APP_PRIVATE_KEY_PATH, or GITHUB_TOKEN",
        );
        return;
    }
    match store.forge.identity().await {
        Ok(Identity::App { id, bot }) => findings.good(CHECK, format!("App {id}, {bot}")),
        Ok(Identity::User { login, .. }) => findings.note(
            CHECK,
            format!("personal token of {login}"),
            Some("use an App to tell our own doing from that person's".to_owned()),
        ),
        // Whether they are good is not known then.
        Err(error) if error.kind == Kind::Unavailable => findings.wrong(
            CHECK,
            format!("set, not confirmed: {error}"),
            "see the line about the API",
        ),
        Err(error) => findings.wrong(
            CHECK,
            error.to_string(),
            "check the App's number and key, or the token and its expiry",
        ),
    }
}

async fn api(store: &Store, findings: &mut Findings) {
    let before = store.ports.clock.now();
    match store.forge.reachable().await {
        Err(error) => {
            findings.wrong(
                "api",
                error.to_string(),
                "check github.api_url, DNS, proxy and firewall",
            );
            let found = "not compared: the API does not answer".to_owned();
            findings.note("clock", found, None);
        }
        Ok(reached) => {
            findings.good("api", "reachable".to_owned());
            match reached.server_time {
                Some(theirs) => clock(before, theirs, findings),
                None => findings.note("clock", "the API names no time".to_owned(), None),
            }
        }
    }
}

fn clock(ours: Timestamp, theirs: Timestamp, findings: &mut Findings) {
    let skew = ours.since(theirs).max(theirs.since(ours));
    if skew > SKEW {
        let found = format!("{skew} off the API's time");
        findings.wrong("clock", found, "synchronise this machine's clock (NTP)");
    } else {
        findings.good("clock", "agrees with the API's time".to_owned());
    }
}

async fn repositories(store: &Store, findings: &mut Findings) -> Result<(), PortError> {
    const PAGE: u32 = 500;
    let (mut after, mut seen, mut invalid) = (None, 0_u32, 0_u32);
    loop {
        let page = store.ports.storage.list(after.as_ref(), PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.repo.key.clone());
        for known in page.iter().filter(|known| known.off.is_none()) {
            seen += 1;
            let key = &known.repo.key;
            let Some((_, config)) = known_config::remembered(&store.ports, key).await? else {
                continue;
            };
            if matches!(
                config.state,
                ConfigState::LastGood | ConfigState::NeverValid
            ) {
                invalid += 1;
                let first = config.problems.first().map_or("invalid", String::as_str);
                findings.wrong(
                    "configuration",
                    format!("{}: {first}", known.repo.full_name()),
                    "mend the file; `caretaker config check FILE` tells all problems",
                );
            }
        }
    }
    if invalid == 0 {
        findings.good(
            "configurations",
            format!("{seen} repositories known, none invalid"),
        );
    }
    Ok(())
}

impl Findings {
    fn good(&mut self, check: &'static str, found: String) {
        self.add(check, Level::Good, found, None);
    }

    fn note(&mut self, check: &'static str, found: String, fix: Option<String>) {
        self.add(check, Level::Note, found, fix);
    }

    fn wrong(&mut self, check: &'static str, found: String, fix: &str) {
        self.add(check, Level::Wrong, found, Some(fix.to_owned()));
    }

    fn add(&mut self, check: &'static str, level: Level, found: String, fix: Option<String>) {
        self.findings.push(Finding {
            check,
            level,
            found,
            fix,
        });
    }

    fn text(&self) -> String {
        let mut text = String::new();
        for finding in &self.findings {
            let sign = match finding.level {
                Level::Good => '✓',
                Level::Note => '–',
                Level::Wrong => '✗',
            };
            let fix = finding.fix.as_ref().map(|fix| format!(" → {fix}"));
            writeln!(
                text,
                "{sign} {}: {}{}",
                finding.check,
                finding.found,
                fix.unwrap_or_default()
            )
            .expect("writing to a string cannot fail");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_more_than_a_minute_off_is_wrong_in_both_directions() {
        let now = Timestamp::from_millis(1_000_000_000);
        for (theirs, level) in [
            (now + Span::seconds(61), Level::Wrong),
            (now - Span::seconds(61), Level::Wrong),
            (now + Span::seconds(59), Level::Good),
        ] {
            let mut findings = Findings::default();
            clock(now, theirs, &mut findings);
            assert!(findings.findings[0].level == level);
        }
    }

    #[test]
    fn the_nearest_directory_that_exists_is_found() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(existing(&dir.path().join("a/b")), dir.path());
        assert_eq!(existing(Path::new("no-such-dir/x")), Path::new("."));
    }
}
