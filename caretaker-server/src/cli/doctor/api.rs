//! Does GitHub answer, does it take our credentials, and do our clocks agree?

use caretaker_core::model::{Span, Timestamp};
use caretaker_core::ports::Kind;
use caretaker_wiring::forge::Identity;

use super::Findings;
use crate::cli::store::Store;

/// How far our clock may be from the forge's: tokens of an App are refused beyond that.
const SKEW: Span = Span::seconds(60);

/// Whether GitHub takes them; true when we are an App.
pub(super) async fn credentials(store: &Store, findings: &mut Findings) -> bool {
    const CHECK: &str = "credentials";
    if !store.forge.has_credentials() {
        findings.wrong(
            CHECK,
            "none: deliveries are recorded, nothing can be read or written".to_owned(),
            "set CARETAKER_GITHUB_APP_ID and CARETAKER_GITHUB_APP_PRIVATE_KEY_PATH, or GITHUB_TOKEN",
        );
        return false;
    }
    match store.forge.identity().await {
        Ok(Identity::App { id, bot }) => {
            findings.good(CHECK, format!("App {id}, {bot}"));
            return true;
        }
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
    false
}

/// Whether it answers, and what it says the time is.
pub(super) async fn api(store: &Store, findings: &mut Findings) {
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

#[cfg(test)]
mod tests {
    use super::super::Level;
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
}
