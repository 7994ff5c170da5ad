//! Are the webhook secret, the App's private key and a person's token there, and nobody else's to read?

use std::fs;
use std::path::Path;

use caretaker_core::config::Config;
use caretaker_core::executor::{Feature, Outcome, Params, Provider, Request, select};

use super::Findings;
use super::repositories::Known;
use crate::settings::Settings;
use crate::webhook_secret;

/// The webhook secret.
pub(super) fn secret(settings: &Settings, findings: &mut Findings) {
    const CHECK: &str = "webhook secret";
    let more = &settings.webhook.secrets;
    if !more.is_empty() {
        let from: Vec<_> = more.iter().map(|one| one.from.as_str()).collect();
        findings.good(CHECK, format!("further ones accepted: {}", from.join(", ")));
    }
    if !settings.webhook.needs_generated() {
        if settings.webhook.secret.is_some() {
            findings.good(CHECK, "set".to_owned());
        }
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

/// The file with the App's private key, where there is one.
pub(super) fn private_key(settings: &Settings, findings: &mut Findings) {
    let app = settings.github.app.as_ref();
    if let Some(path) = app.and_then(|app| app.key_path.as_ref()) {
        file("private key", path, findings);
    }
}

/// The token of a person that an App is lent, where somebody needs it.
pub(super) fn user_token(settings: &Settings, known: &Known, findings: &mut Findings) {
    const CHECK: &str = "user token";
    let github = &settings.github;
    if let Some(path) = &github.user_token_path {
        file(CHECK, path, findings);
        return;
    }
    let asks_copilot = |config: &Config| {
        let params = config.section("executor").decode::<Params>();
        let plan = params.map(|params| select(&Request::new(Feature::IssueFix), &params));
        plan.is_ok_and(|plan| match plan.outcome {
            Outcome::Dispatch(chain) => chain.first.provider == Provider::Copilot,
            Outcome::Refuse(_) => false,
        })
    };
    let mut asking = known.some.iter().filter(|(_, config)| asks_copilot(config));
    match (&github.user_token, asking.next()) {
        (Some(_), _) => findings.good(CHECK, "set".to_owned()),
        (None, Some((repo, _))) => findings.note(
            CHECK,
            format!(
                "none; {} would give issues to Copilot, which GitHub lets only a person do",
                repo.full_name()
            ),
            Some("set github.user_token to the token of a person who may write there".to_owned()),
        ),
        (None, None) => {}
    }
}

fn file(check: &'static str, path: &Path, findings: &mut Findings) {
    let place = path.display();
    match fs::metadata(path) {
        Err(error) => findings.wrong(
            check,
            format!("{place} cannot be read: {error}"),
            "give the file to the user that runs caretaker",
        ),
        Ok(metadata) if open_to_others(&metadata) => findings.wrong(
            check,
            format!("{place} can be read by others"),
            &format!("chmod 600 {place}"),
        ),
        Ok(_) => findings.good(check, format!("in {place}")),
    }
}
