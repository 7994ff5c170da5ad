//! Alerts: what scanners have found, and that one is off.

use caretaker_core::model::alert::{Severity, Validity, Watch};
use caretaker_core::model::{AlertAnswer, AlertQuery, Answer, ForgeQuery};
use caretaker_core::ports::{Kind, PortError};

use super::Rig;
use super::stage::SECRET;
use crate::world::Scanner;

async fn asked(rig: &Rig, query: AlertQuery) -> Result<AlertAnswer, PortError> {
    match rig.ask(ForgeQuery::Alert(query)).await? {
        Answer::Alert(answer) => Ok(*answer),
        other => panic!("no alerts: {other:?}"),
    }
}

const SCANNERS: [(AlertQuery, Scanner, &str); 3] = [
    (AlertQuery::CodeScanning, Scanner::Code, "security_events"),
    (
        AlertQuery::SecretScanning,
        Scanner::Secret,
        "secret_scanning_alerts",
    ),
    (
        AlertQuery::Dependabot,
        Scanner::Dependabot,
        "vulnerability_alerts",
    ),
];

fn is_off(answer: &AlertAnswer) -> bool {
    match answer {
        AlertAnswer::CodeScanning(watch) => *watch == Watch::Off,
        AlertAnswer::SecretScanning(watch) => *watch == Watch::Off,
        AlertAnswer::Dependabot(watch) => *watch == Watch::Off,
    }
}

fn count(answer: &AlertAnswer) -> Option<usize> {
    fn rows<T>(watch: &Watch<T>) -> Option<usize> {
        match watch {
            Watch::On(listing) => listing.complete.then_some(listing.rows.len()),
            Watch::Off => None,
        }
    }
    match answer {
        AlertAnswer::CodeScanning(watch) => rows(watch),
        AlertAnswer::SecretScanning(watch) => rows(watch),
        AlertAnswer::Dependabot(watch) => rows(watch),
    }
}

/// What is switched off is a fact, and neither "nothing found" nor "we may not".
pub async fn a_scanner_that_is_off_is_a_fact(rig: &Rig) {
    for (query, scanner, permission) in SCANNERS {
        let off = asked(rig, query.clone()).await.expect("a fact");
        assert!(is_off(&off), "{off:?}");
        rig.world.scan(scanner, true);
        let on = asked(rig, query.clone()).await.expect("a fact");
        assert_eq!(count(&on), Some(0), "{on:?}");
        rig.world.permit(permission, "");
        for on in [true, false] {
            rig.world.scan(scanner, on);
            let denied = asked(rig, query.clone()).await.expect_err("we may not");
            assert_eq!(denied.kind, Kind::Denied, "{denied}");
        }
    }
}

/// Each with what decides about it; what was mended is not among them.
pub async fn open_alerts_are_told(rig: &Rig) {
    rig.stage();
    let answer = asked(rig, AlertQuery::CodeScanning).await;
    let Ok(AlertAnswer::CodeScanning(Watch::On(code))) = answer else {
        panic!("{answer:?}");
    };
    let alert = &code.rows[0];
    assert_eq!(alert.severity, Some(Severity::High));
    assert_eq!(alert.path.as_deref(), Some("src/widget.rs"));
    assert_eq!((alert.number, alert.line), (1, Some(3)));
    let answer = asked(rig, AlertQuery::Dependabot).await;
    let Ok(AlertAnswer::Dependabot(Watch::On(weak))) = answer else {
        panic!("{answer:?}");
    };
    let alert = &weak.rows[0];
    assert_eq!(
        (alert.package.as_str(), alert.ecosystem.as_str()),
        ("lodash", "npm")
    );
    assert_eq!(alert.severity, Some(Severity::Critical));
    assert_eq!(alert.patched.as_deref(), Some("4.17.21"));
    for (query, scanner, _) in SCANNERS {
        rig.world.mend(scanner, 1);
        let answer = asked(rig, query).await.expect("it is on");
        assert_eq!(count(&answer), Some(0), "{answer:?}");
    }
}

/// That there is one is a fact, what it is stays where it is.
pub async fn a_found_secret_is_not_told(rig: &Rig) {
    rig.stage();
    let answer = asked(rig, AlertQuery::SecretScanning).await;
    let answer = answer.expect("it is on");
    let told = serde_json::to_string(&answer).expect("answers can be written");
    assert!(!told.contains(SECRET), "{told}");
    let AlertAnswer::SecretScanning(Watch::On(found)) = answer else {
        panic!("{answer:?}");
    };
    assert_eq!(found.rows[0].validity, Validity::Active);
    assert_eq!(found.rows[0].kind, "github_personal_access_token");
}
