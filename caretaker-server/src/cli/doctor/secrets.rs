//! Are the webhook secret and the App's private key there, and nobody else's to read?

use std::fs;

use super::Findings;
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
    const CHECK: &str = "private key";
    let path = settings
        .github
        .app
        .as_ref()
        .and_then(|app| app.key_path.as_ref());
    let Some(path) = path else { return };
    let place = path.display();
    match fs::metadata(path) {
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
        Ok(_) => findings.good(CHECK, format!("in {place}")),
    }
}
