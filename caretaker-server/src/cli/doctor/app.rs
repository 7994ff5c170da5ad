//! What the App may and hears, against what the active agents need.

use std::collections::BTreeSet;

use caretaker_core::model::app::OwnApp;
use caretaker_core::ports::AppForge;
use caretaker_core::route::needs::{Needs, needs};

use super::Findings;
use super::installations;
use super::repositories::Known;
use crate::cli::store::Store;
use crate::settings::Settings;

/// The App, and where it is installed.
pub(super) async fn app(
    store: &Store,
    settings: &Settings,
    known: &Known,
    findings: &mut Findings,
) {
    let needs = needs(known.active.iter().copied());
    match store.forge.app().await {
        Err(error) => findings.untold("app", &error),
        Ok(app) => {
            permissions(&needs, &app, findings);
            events(&needs, &app.events, findings);
            installations::installations(store, settings, &needs, &app, findings).await;
        }
    }
}

fn permissions(needs: &Needs, app: &OwnApp, findings: &mut Findings) {
    let mut missing = false;
    for (need, agents) in &needs.permissions {
        if !app.grants.meet(need) {
            missing = true;
            findings.wrong(
                "permissions",
                format!(
                    "the App does not ask for `{need}`; needed by {}",
                    names(agents)
                ),
                &format!(
                    "in the App's settings at GitHub, under Permissions & events, set `{need}`; \
                     then let the owner of each installation accept it"
                ),
            );
        }
    }
    if !missing {
        let (count, agents) = (needs.permissions.len(), everybody(needs));
        findings.good(
            "permissions",
            format!("all {count} that {agents} need are asked for"),
        );
    }
}

fn events(needs: &Needs, subscribed: &BTreeSet<String>, findings: &mut Findings) {
    let mut missing = false;
    for (event, agents) in &needs.events {
        if !subscribed.contains(*event) {
            missing = true;
            findings.wrong(
                "events",
                format!(
                    "the App is not subscribed to `{event}`; heard by {}",
                    names(agents)
                ),
                &format!(
                    "in the App's settings at GitHub, under Permissions & events, subscribe to \
                     `{event}`"
                ),
            );
        }
    }
    if !missing {
        let (count, agents) = (needs.events.len(), everybody(needs));
        findings.good(
            "events",
            format!("all {count} that {agents} hear are subscribed to"),
        );
    }
}

/// Names in a row.
pub(super) fn names(agents: &BTreeSet<&'static str>) -> String {
    agents.iter().copied().collect::<Vec<_>>().join(", ")
}

fn everybody(needs: &Needs) -> String {
    names(&needs.permissions.values().flatten().copied().collect())
}
