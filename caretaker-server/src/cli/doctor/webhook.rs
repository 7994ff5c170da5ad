//! Where GitHub sends deliveries, and what became of the last ones.

use caretaker_core::model::Timestamp;
use caretaker_core::model::app::{Attempt, Webhook};
use caretaker_core::ports::{AppForge, Kind};

use super::Findings;
use crate::cli::store::Store;

/// Where the door is.
const PATH: &str = "/webhooks/github";

/// The App's webhook and the newest page of its log.
pub(super) async fn webhook(store: &Store, findings: &mut Findings) {
    const CHECK: &str = "webhook";
    match store.forge.webhook().await {
        Ok(hook) => settings(&hook, findings),
        Err(error) if error.kind == Kind::NotFound => findings.wrong(
            CHECK,
            "the App has no webhook address".to_owned(),
            &format!(
                "in the App's settings at GitHub, set the Webhook URL to https://YOUR-HOST{PATH}, \
                 and the secret"
            ),
        ),
        Err(error) => findings.untold(CHECK, &error),
    }
    match store.forge.deliveries(None).await {
        Err(error) => findings.untold("deliveries", &error),
        Ok(page) => attempts(&page.rows, store.ports.clock.now(), findings),
    }
}

fn settings(hook: &Webhook, findings: &mut Findings) {
    const CHECK: &str = "webhook";
    const FIX: &str = "in the App's settings at GitHub, under Webhook, ";
    let mut wrong = |found: String, fix: &str| {
        findings.wrong(CHECK, found, &format!("{FIX}{fix}"));
    };
    let url = hook.url.as_deref().unwrap_or_default();
    // Shown without what may stand behind a question mark.
    let shown: String = url
        .split('?')
        .next()
        .unwrap_or_default()
        .chars()
        .take(200)
        .collect();
    let mut good = true;
    let loopback = ["http://127.0.0.1", "http://localhost", "http://[::1]"];
    if !url.starts_with("https://") && !loopback.iter().any(|local| url.starts_with(local)) {
        good = false;
        wrong(
            format!("{shown:?} is not encrypted"),
            "give an address with https://",
        );
    }
    if !shown.ends_with(PATH) {
        good = false;
        wrong(
            format!("{shown:?} does not end in {PATH}, where deliveries are taken"),
            &format!(
                "let the address end in {PATH}, unless something before the server rewrites it"
            ),
        );
    }
    if !hook.has_secret {
        good = false;
        wrong(
            "deliveries are not signed: every one is refused with 401".to_owned(),
            "set the secret that `caretaker webhook-secret` shows",
        );
    }
    if hook.insecure {
        good = false;
        wrong(
            "the server's certificate is not checked".to_owned(),
            "enable SSL verification",
        );
    }
    if !hook.json {
        good = false;
        wrong(
            "bodies are sent as forms".to_owned(),
            "choose the content type application/json",
        );
    }
    if good {
        findings.good(CHECK, format!("{shown}, signed"));
    }
}

/// What the newest attempts came to: the last one tells how it is now.
fn attempts(rows: &[Attempt], now: Timestamp, findings: &mut Findings) {
    const CHECK: &str = "deliveries";
    let Some(last) = rows.first() else {
        let found = "none in the last three days".to_owned();
        let fix = "in the App's settings at GitHub, under Advanced, redeliver a ping";
        return findings.note(CHECK, found, Some(fix.to_owned()));
    };
    let ago = now.since(last.at);
    let failed = rows.iter().filter(|row| !row.arrived()).count();
    let of = rows.len();
    if last.arrived() {
        let found = format!("the last, {ago} ago, was taken ({})", last.status);
        return if failed == 0 {
            findings.good(CHECK, found);
        } else {
            let found = format!("{found}; {failed} of the last {of} were not");
            let fix = "the server fetches what it misses; the log names what it could not";
            findings.note(CHECK, found, Some(fix.to_owned()));
        };
    }
    let found = format!(
        "the last, {ago} ago, was not taken ({}), nor were {} more of the last {of}",
        last.status,
        failed - 1
    );
    findings.wrong(CHECK, found, remedy(last.status));
}

/// What to do about a status that the door, or what stands before it, answers with.
fn remedy(status: u16) -> &'static str {
    match status {
        401 => {
            "the secret at GitHub is not the server's: set the one that `caretaker webhook-secret` \
             shows"
        }
        403 => "the sender is not in webhook.allow_list, or something before the server forbids it",
        404 | 405 => "the address does not lead to the server: let it end in /webhooks/github",
        413 => "raise webhook.max_body_bytes, or the limit of what stands before the server",
        400 => "the server did not understand it: choose the content type application/json",
        503 => "the server turned it away: `caretaker status` tells whether its queue is full",
        0 | 502 | 504 => {
            "GitHub does not reach the server: check that it runs, its name, firewall and \
             certificate"
        }
        _ => "see the answer in the App's settings at GitHub, under Advanced",
    }
}
