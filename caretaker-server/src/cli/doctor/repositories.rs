//! Who may send, and are the configurations of known repositories valid?

use caretaker_core::agents::{self, Agent};
use caretaker_core::config::Config;
use caretaker_core::drive::known_config;
use caretaker_core::model::{ConfigState, RepoRef};
use caretaker_core::ports::PortError;
use caretaker_core::route;

use super::Findings;
use crate::cli::store::Store;
use crate::settings::Settings;

/// Repositories that are looked at one by one.
const SOME: usize = 1_000;

/// What our memory tells of repositories.
#[derive(Default)]
pub(super) struct Known {
    /// Agents that are switched on in some repository, or by default where none is known; those
    /// that are built in always.
    pub(super) active: Vec<&'static dyn Agent>,
    /// Some repositories with what is in force there.
    pub(super) some: Vec<(RepoRef, Config)>,
}

/// The allow-list.
pub(super) fn senders(settings: &Settings, findings: &mut Findings) {
    let list = &settings.webhook.allow_list;
    let limit = settings.ceiling().name();
    if list.is_empty() {
        findings.note(
            "allow-list",
            format!("none: everybody may send; agents may {limit}"),
            Some("name your accounts in webhook.allow_list".to_owned()),
        );
    } else {
        let names = list.join(", ");
        findings.good("allow-list", format!("{names}; agents may {limit}"));
    }
}

/// Their configurations, as the server knows them.
pub(super) async fn repositories(
    store: &Store,
    findings: &mut Findings,
) -> Result<Known, PortError> {
    const PAGE: u32 = 500;
    let (mut after, mut seen, mut invalid) = (None, 0_u32, 0_u32);
    let mut known = Known::default();
    let mut configs = 0_u32;
    let mut switched_on = std::collections::BTreeSet::new();
    loop {
        let page = store.ports.storage.list(after.as_ref(), PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.repo.key.clone());
        for row in page.iter().filter(|row| row.off.is_none()) {
            seen += 1;
            let key = &row.repo.key;
            let Some((_, config)) = known_config::remembered(&store.ports, key).await? else {
                continue;
            };
            configs += 1;
            let in_force = config.config();
            let on = agents::all().filter(|agent| route::enabled(*agent, &in_force));
            switched_on.extend(on.map(|agent| agent.manifest().name));
            if known.some.len() < SOME {
                known.some.push((row.repo.clone(), in_force));
            }
            if matches!(
                config.state,
                ConfigState::LastGood | ConfigState::NeverValid
            ) {
                invalid += 1;
                let first = config.problems.first().map_or("invalid", String::as_str);
                findings.wrong(
                    "configuration",
                    format!("{}: {first}", row.repo.full_name()),
                    "mend the file; `caretaker config check FILE` tells all problems",
                );
            }
        }
    }
    if invalid == 0 {
        findings.good(
            "configurations",
            format!("{seen} repositories known, none invalid"),
        );
    }
    let by_default = Config::default();
    let active = agents::all().filter(|agent| {
        switched_on.contains(agent.manifest().name)
            || (configs == 0 && route::enabled(*agent, &by_default))
    });
    known.active = active.collect();
    Ok(known)
}
