//! Renders `docs/routing.md` and `docs/agents.md` from the manifests.

use std::fmt::Write as _;

use crate::agents::{AGENTS, Reacts};
use crate::model::{EventKind, Loudness};

/// The routing table: every event and action we know, and who hears it.
pub fn routing() -> String {
    let mut out = String::from(
        "# Who hears what\n\n\
         Generated from the agents' manifests; `make docs` writes it anew.\n\n\
         A *level* listener decides from the state as it is: several such events that wait \
         together are answered by one look. An *edge* listener decides about each event for \
         itself, once. Events without a listener end as `unheard`. Events about a commit or a \
         whole repository go to `fan_out`, which hands single pull requests and issues on to \
         the others of the row.\n\n\
         | Webhook event | Action | Kind | Heard by |\n|---|---|---|---|\n",
    );
    for kind in EventKind::ALL {
        let (event, action) = kind.webhook();
        let heard: Vec<String> = AGENTS
            .iter()
            .filter_map(|agent| {
                let manifest = agent.manifest();
                let how = match manifest.reacts_to(*kind)? {
                    Reacts::Level => "level",
                    Reacts::Edge => "edge",
                };
                Some(format!("{} ({how})", manifest.name))
            })
            .collect();
        let heard = if heard.is_empty() {
            "nobody".to_owned()
        } else {
            heard.join(", ")
        };
        let action = if action == "*" { "any other" } else { action };
        writeln!(
            out,
            "| `{event}` | {action} | `{}` | {heard} |",
            kind.name()
        )
        .expect("writing to a string cannot fail");
    }
    out
}

/// One section for each agent.
pub fn agents() -> String {
    let mut out =
        String::from("# Agents\n\nGenerated from the manifests; `make docs` writes it anew.\n");
    for agent in AGENTS {
        let m = agent.manifest();
        let sections = m.params.sections().into_iter();
        let sections: Vec<String> = sections.map(|name| format!("`{name}`")).collect();
        let section = if sections.is_empty() {
            "built in, always on".to_owned()
        } else {
            format!("{} in the configuration", sections.join(", "))
        };
        let loudest = match m.loudest {
            Loudness::Internal => "nothing on GitHub",
            Loudness::Voice => "its own comment and published checks",
            Loudness::Act => "labels, comments, closing and other acts",
        };
        let every = m
            .every
            .map_or("never".to_owned(), |span| format!("every {span}"));
        let subjects: Vec<_> = m.subjects.iter().map(|kind| kind.word()).collect();
        write!(
            out,
            "\n## {}\n\n{}\n\n- Revision: {}\n- Settings: {section}\n- Looks at: {}\n\
             - Ticks: {every}\n- May write: {loudest}\n- Permissions: {}\n- Verdicts: {}\n",
            m.name,
            m.summary,
            m.revision,
            subjects.join(", "),
            m.permissions.join(", "),
            m.verdicts
                .iter()
                .map(|v| format!("`{v}`"))
                .collect::<Vec<_>>()
                .join(", "),
        )
        .expect("writing to a string cannot fail");
    }
    out
}
