//! Alerts of the three scanners, and security advisories. The scanners' bodies all say `alert`;
//! each is told from the others by a field of its own, since the event name is not signed.

use crate::model::{Number, Subject};

use super::super::part::Part;
use super::super::project::{Draft, Identity, Inbound, Reading};
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
    inbound.lacks(["repository_advisory", "alert"])?;
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
