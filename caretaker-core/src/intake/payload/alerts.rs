//! Alerts of the three scanners, and security advisories. The scanners' bodies all say `alert`;
//! each is told from the others by a field of its own, since the event name is not signed.

use crate::model::{Number, Subject};

use super::super::draft::{Draft, Identity, Reading};
use super::super::inbound::Inbound;
use super::super::part::Part;
use super::time_part;

pub(super) fn read_dependabot(inbound: &Inbound<'_>) -> Option<Reading> {
    let alert = inbound.body.field("alert");
    alert.field("dependency").is_object().then_some(())?;
    alerted(inbound, alert)
}

pub(super) fn read_code_scanning(inbound: &Inbound<'_>) -> Option<Reading> {
    let alert = inbound.body.field("alert");
    alert.field("rule").is_object().then_some(())?;
    alerted(inbound, alert)
}

pub(super) fn read_secret_scanning(inbound: &Inbound<'_>) -> Option<Reading> {
    inbound.lacks(["location"])?;
    let alert = inbound.body.field("alert");
    alert.field("secret_type").text()?;
    alerted(inbound, alert)
}

/// An advisory of this repository. It has no number, so the subject is the repository.
pub(super) fn read_repository_advisory(inbound: &Inbound<'_>) -> Option<Reading> {
    inbound.repo()?;
    let advisory = inbound.body.field("repository_advisory");
    advised(inbound, advisory, Subject::Repo)
}

/// An advisory to the whole world: nobody's repository in particular.
pub(super) fn read_security_advisory(inbound: &Inbound<'_>) -> Option<Reading> {
    let advisory = inbound.body.field("security_advisory");
    advised(inbound, advisory, Subject::None)
}

fn alerted(inbound: &Inbound<'_>, alert: Part<'_>) -> Option<Reading> {
    inbound.repo()?;
    let [number, updated] = alert.fields(["number", "updated_at"]);
    let draft = Draft::about(Subject::Alert(Number::new(number.id()?)))
        .at(updated.time())
        .known_by(changed(inbound, updated));
    Some(Reading::one(draft))
}

fn advised(inbound: &Inbound<'_>, advisory: Part<'_>, subject: Subject) -> Option<Reading> {
    let [name, updated] = advisory.fields(["ghsa_id", "updated_at"]);
    let mut identity = changed(inbound, updated);
    identity.push(Some(name.name()?.into_owned()));
    let draft = Draft::about(subject).at(updated.time()).known_by(identity);
    Some(Reading::one(draft))
}

fn changed(inbound: &Inbound<'_>, updated: Part<'_>) -> Identity {
    vec![Some(inbound.action().to_owned()), time_part(updated.time())]
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::model::{EventKind, Number, Scope, Subject};

    use super::super::super::sample::{only, why_unheard};

    fn alert(own: &str, value: Value) -> Value {
        let mut body = json!({"action": "created", "alert": {"number": 3}});
        body["alert"][own] = value;
        body
    }

    #[test]
    fn an_alert_is_read_only_under_the_name_of_its_scanner() {
        let bodies = [
            (
                "dependabot_alert",
                alert("dependency", json!({})),
                EventKind::DependabotAlerted,
            ),
            (
                "code_scanning_alert",
                alert("rule", json!({})),
                EventKind::CodeScanningAlerted,
            ),
            (
                "secret_scanning_alert",
                alert("secret_type", json!("token")),
                EventKind::SecretScanningAlerted,
            ),
        ];
        for (name, _, _) in &bodies {
            for (own, body, kind) in &bodies {
                if name == own {
                    let event = only(name, body.clone());
                    assert_eq!(event.kind, *kind);
                    assert_eq!(event.subject, Subject::Alert(Number::new(3)));
                } else {
                    assert_eq!(why_unheard(name, body.clone()), Some("does_not_fit"));
                }
            }
        }
    }

    #[test]
    fn a_repositorys_advisory_is_its_affair_and_the_worlds_is_the_apps() {
        let body = json!({"action": "published", "repository_advisory": {"ghsa_id": "GHSA-1"}});
        assert_eq!(only("repository_advisory", body).subject, Subject::Repo);
        let body = json!({"action": "published", "security_advisory": {"ghsa_id": "GHSA-1"},
            "repository": null, "sender": null});
        let event = only("security_advisory", body);
        assert_eq!((event.scope, event.subject), (Scope::App, Subject::None));
    }
}
