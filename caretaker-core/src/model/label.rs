//! Every label we read or write, with its meaning.

use super::Label;

/// Hands off: no effect of any kind on the item, our voice included.
pub const QUARANTINE: &str = "agent:quarantine";
/// A person has stopped merging.
pub const HOLD: &str = "caretaker:hold";
/// We are responsible for the pull request.
pub const OWNED: &str = "caretaker:owned";
/// A person with write access has opted the pull request in to merging.
pub const MERGE: &str = "caretaker:merge";
/// The change breaks users; people merge it.
pub const BREAKING: &str = "maintainer:breaking";
/// Handed to people; we only keep our comments up to date.
pub const ESCALATED: &str = "maintainer:escalated";
/// Nobody has touched the item for long.
pub const STALE: &str = "stale";
/// Prefix of labels by which people choose who works on an item.
pub const AGENT_PREFIX: &str = "agent:";

/// Labels that keep an item from going stale whatever the configuration says (spec 03 A1).
pub const NEVER_STALE: &[&str] = &[
    "pinned",
    "security",
    "security:finding",
    "dependencies:major-upgrade",
    "caretaker:self-heal",
    "devops:build-failure",
    ESCALATED,
    HOLD,
];

/// Whether `labels` has `name`, case aside.
pub fn has(labels: &[Label], name: &str) -> bool {
    // Most have none, and each decision asks for a dozen names.
    if labels.is_empty() {
        return false;
    }
    let wanted = Label::new(name);
    labels.iter().any(|label| label.same(&wanted))
}
