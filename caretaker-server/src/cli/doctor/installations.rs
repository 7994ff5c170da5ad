//! Where the App is installed: what was granted there, whom it covers, what is left of limits.

use caretaker_core::intake::{AllowList, Verdict};
use caretaker_core::model::app::{Installation, OwnApp, RequestBudget, Selection};
use caretaker_core::model::{
    Account, DedupKey, Envelope, InstallationId, Login, RepoFacts, RepoRef,
};
use caretaker_core::ports::AppForge;
use caretaker_core::route::needs::Needs;

use super::Findings;
use super::app::names;
use crate::cli::store::Store;
use crate::settings::Settings;

/// Installations that are looked into at most; the rest is counted.
const LOOKED_INTO: usize = 50;

/// All of them.
pub(super) async fn installations(
    store: &Store,
    settings: &Settings,
    needs: &Needs,
    app: &OwnApp,
    findings: &mut Findings,
) {
    let listed = match store.forge.installations().await {
        Ok(listed) => listed,
        Err(error) => return findings.untold("installations", &error),
    };
    if listed.rows.is_empty() {
        let found = "the App is installed nowhere".to_owned();
        let fix = "in the App's settings at GitHub, under Install App, choose an account";
        findings.wrong("installations", found, fix);
    }
    let left_out = listed.rows.len().saturating_sub(LOOKED_INTO);
    if left_out > 0 || !listed.complete {
        let found = format!("only the first {LOOKED_INTO} are looked into");
        findings.note("installations", found, None);
    }
    own_budget(store, findings).await;
    let mut covered = Vec::new();
    for on in listed.rows.iter().take(LOOKED_INTO) {
        installation(on, needs, app, findings);
        if on.suspended.is_some() {
            covered.push(envelope(on, None));
            continue;
        }
        budget(store, Some(on.id), on.account.login.as_str(), findings).await;
        covered.push(envelope(on, None));
        match store.forge.repositories(on.id).await {
            Ok(repos) => {
                covered.extend(repos.rows.into_iter().map(|repo| envelope(on, Some(repo))));
            }
            Err(error) => findings.untold("repositories", &error),
        }
    }
    if left_out == 0 && listed.complete {
        allowed(settings, &listed.rows, &covered, findings);
    }
}

fn installation(on: &Installation, needs: &Needs, app: &OwnApp, findings: &mut Findings) {
    const CHECK: &str = "installation";
    let account = on.account.login.as_str();
    if let Some(since) = on.suspended {
        findings.wrong(
            CHECK,
            format!("{account}: suspended since {since}"),
            "its owner ends that in the account's settings, under GitHub Apps",
        );
        return;
    }
    let mut missing = false;
    for (need, agents) in &needs.permissions {
        // What the App does not even ask for is said there, once.
        if app.grants.meet(need) && !on.grants.meet(need) {
            missing = true;
            findings.wrong(
                CHECK,
                format!("{account}: `{need}` is not granted; needed by {}", names(agents)),
                "its owner accepts the new permissions in the account's settings, under GitHub Apps",
            );
        }
    }
    if !missing {
        let which = match on.selection {
            Selection::All => "all repositories",
            Selection::Selected => "selected repositories",
        };
        findings.good(CHECK, format!("{account}: {which}"));
    }
}

async fn own_budget(store: &Store, findings: &mut Findings) {
    budget(store, None, "the App itself", findings).await;
}

async fn budget(store: &Store, of: Option<InstallationId>, whose: &str, findings: &mut Findings) {
    match store.forge.budget(of).await {
        Err(error) => findings.untold("limits", &error),
        Ok(budget) => limits(whose, budget, findings),
    }
}

/// Less than a tenth is little.
fn limits(whose: &str, budget: RequestBudget, findings: &mut Findings) {
    let RequestBudget {
        limit,
        remaining,
        reset,
    } = budget;
    let found = format!("{whose}: {remaining} of {limit} requests are left until {reset}");
    if remaining.saturating_mul(10) < limit {
        findings.wrong(
            "limits",
            found,
            "work is put off until then by itself; look for what else asks under this App's key",
        );
    } else {
        findings.good("limits", found);
    }
}

/// Entries of the allow-list that the App cannot serve, and installations that no entry names.
fn allowed(
    settings: &Settings,
    listed: &[Installation],
    covered: &[Envelope],
    findings: &mut Findings,
) {
    const CHECK: &str = "allow-list";
    let entries = &settings.webhook.allow_list;
    for entry in entries {
        let Ok(list) = AllowList::parse(&[entry]) else {
            continue;
        };
        let served = covered
            .iter()
            .any(|seen| list.verdict(seen) == Verdict::Listed);
        if !served {
            findings.wrong(
                CHECK,
                format!("`{entry}` is allowed, and the App is not installed there"),
                "install the App on it, or take it out of webhook.allow_list",
            );
        }
    }
    let Ok(list) = AllowList::parse(entries) else {
        return;
    };
    for on in listed {
        let mut its = covered
            .iter()
            .filter(|seen| seen.installation == Some(on.id));
        if its.all(|seen| list.verdict(seen) == Verdict::Unlisted) {
            findings.note(
                CHECK,
                format!(
                    "{} has installed the App and is not allowed: its deliveries get 403",
                    on.account.login
                ),
                Some("add it to webhook.allow_list, or remove the App there".to_owned()),
            );
        }
    }
}

/// As a delivery from there would look at the door.
fn envelope(on: &Installation, repo: Option<RepoRef>) -> Envelope {
    let account = repo.as_ref().map(|repo| Account {
        id: repo.account,
        login: Login::new(&repo.owner),
    });
    Envelope {
        dedup_key: DedupKey::new("doctor"),
        action: None,
        installation: Some(on.id),
        account: Some(account.unwrap_or_else(|| on.account.clone())),
        repository: repo,
        facts: RepoFacts::default(),
        sender: None,
    }
}
