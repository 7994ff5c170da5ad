//! What agents need of an App: permissions from their manifests, webhook events from the routing
//! table. There is no other list of either.

use std::collections::{BTreeMap, BTreeSet};

use crate::agents::Agent;
use crate::model::EventKind;

/// Events that every App gets without asking; GitHub offers no subscription to them.
const UNASKED: [&str; 2] = ["installation", "installation_repositories"];

/// What some agents need, each need with the names of those who have it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Permissions as GitHub names them: `issues: write`. Reading is left out where somebody
    /// needs to write.
    pub permissions: BTreeMap<&'static str, BTreeSet<&'static str>>,
    /// Webhook events that the App has to be subscribed to.
    pub events: BTreeMap<&'static str, BTreeSet<&'static str>>,
}

/// What these agents need together.
pub fn needs(agents: impl IntoIterator<Item = &'static dyn Agent>) -> Needs {
    let mut needs = Needs::default();
    for agent in agents {
        let manifest = agent.manifest();
        for need in manifest.permissions {
            needs
                .permissions
                .entry(need)
                .or_default()
                .insert(manifest.name);
        }
        for kind in EventKind::ALL {
            let (event, _) = kind.webhook();
            let subscribed = event != "caretaker" && !UNASKED.contains(&event);
            if subscribed && manifest.reacts_to(*kind).is_some() {
                needs.events.entry(event).or_default().insert(manifest.name);
            }
        }
    }
    let written: Vec<_> = needs
        .permissions
        .keys()
        .filter_map(|need| need.strip_suffix(": write"))
        .collect();
    needs.permissions.retain(|need, _| {
        let read = need.strip_suffix(": read");
        read.is_none_or(|name| !written.contains(&name))
    });
    needs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::AGENTS;

    #[test]
    fn writing_takes_the_place_of_reading_and_nobody_subscribes_to_what_comes_unasked() {
        let needs = needs(AGENTS.iter().copied());
        assert!(needs.permissions["contents: write"].contains("pr"));
        assert!(!needs.permissions.contains_key("contents: read"));
        assert!(needs.permissions["members: read"].contains("pr"));
        assert!(needs.events["issue_comment"].contains("commands"));
        assert!(needs.events.keys().all(|event| !UNASKED.contains(event)));
        assert!(!needs.events.contains_key("caretaker"));
    }
}
