//! Required checks: one that nobody reports holds up every pull request for ever.

use std::collections::BTreeSet;

use caretaker_core::config::{Config, effective_mode};
use caretaker_core::model::{
    Answer, ForgeQuery, Item, Mode, Number, RepoRef, RequiredCheck, Snapshot, Span, Timestamp,
};
use caretaker_core::ports::{Forge, Freshness, PortError};

use super::Findings;
use super::repositories::Known;
use crate::cli::store::Store;

/// Repositories that are looked at.
const REPOSITORIES: usize = 20;
/// Open pull requests of each, the newest.
const PULLS: usize = 3;
/// How old a head must be, so that whoever reports a check had the time.
const PATIENCE: Span = Span::hours(1);
const CHECK: &str = "required checks";

/// What protection requires, in some repositories.
pub(super) async fn required(store: &Store, known: &Known, ceiling: Mode, findings: &mut Findings) {
    if !store.forge.has_credentials() {
        return;
    }
    for (repo, config) in known.some.iter().take(REPOSITORIES) {
        match snapshots(store, repo).await {
            Err(error) => findings.untold(CHECK, &error),
            Ok(pulls) => {
                let speaks = effective_mode(ceiling, config, "pr") >= Mode::Propose
                    && config.enabled("pr_agent");
                judge(
                    repo,
                    config,
                    speaks,
                    &pulls,
                    store.ports.clock.now(),
                    findings,
                );
            }
        }
    }
    let left_out = known.some.len().saturating_sub(REPOSITORIES);
    if left_out > 0 {
        findings.note(
            CHECK,
            format!("{left_out} repositories are not looked at"),
            None,
        );
    }
}

/// The newest open pull requests that are no drafts.
async fn snapshots(store: &Store, repo: &RepoRef) -> Result<Vec<Snapshot>, PortError> {
    let page = ForgeQuery::OpenItems {
        after: None,
        limit: 100,
    };
    let answer = ask(store, repo, page).await?;
    let Answer::OpenItems(page) = answer else {
        return Ok(Vec::new());
    };
    let ready = |row: &&Item| row.pull && row.open && !row.draft;
    let mut numbers: Vec<Number> = page
        .rows
        .iter()
        .filter(ready)
        .map(|row| row.number)
        .collect();
    numbers.reverse();
    let mut pulls = Vec::new();
    for number in numbers.into_iter().take(PULLS) {
        if let Answer::Snapshot(snapshot) = ask(store, repo, ForgeQuery::Snapshot(number)).await? {
            pulls.push(*snapshot);
        }
    }
    Ok(pulls)
}

async fn ask(store: &Store, repo: &RepoRef, query: ForgeQuery) -> Result<Answer, PortError> {
    let asked = [query];
    let mut answers = store.forge.read(repo, &asked, Freshness::Shared).await;
    answers.remove(0)
}

fn judge(
    repo: &RepoRef,
    config: &Config,
    speaks: bool,
    pulls: &[Snapshot],
    now: Timestamp,
    findings: &mut Findings,
) {
    let name = repo.full_name();
    let Some(newest) = pulls.first() else {
        return findings.note(
            CHECK,
            format!("{name}: no open pull request to tell by"),
            None,
        );
    };
    let (base, Some(required)) = (&newest.pull.base, &newest.required) else {
        let found = format!(
            "{name}: GitHub does not show what `{}` requires",
            newest.pull.base
        );
        return findings.note(CHECK, found, None);
    };
    let ours = config.section("pr_agent").value()["readiness"]["check_name"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let mut good = true;
    match (
        required.checks.iter().any(|check| check.name == ours),
        speaks,
    ) {
        (true, false) => {
            good = false;
            findings.wrong(
                CHECK,
                format!("{name}: `{base}` requires `{ours}`, and `pr` may not publish it there"),
                "let safety.mode be `propose` or `act` and enable pr_agent, or require it no more",
            );
        }
        (false, true) => {
            good = false;
            findings.note(
                CHECK,
                format!("{name}: `{base}` does not require `{ours}`: it warns, and binds nobody"),
                Some(format!("require it in the protection of `{base}`")),
            );
        }
        (true, true) | (false, false) => {}
    }
    for check in unreported(pulls, &ours, now) {
        good = false;
        let app = check
            .app
            .map(|app| format!(" of App {app}"))
            .unwrap_or_default();
        findings.wrong(
            CHECK,
            format!(
                "{name}: `{base}` requires `{}`{app}, and nobody reports it on #{}",
                check.name, newest.pull.item.number
            ),
            "let its workflow run on pull requests, or require it no more",
        );
    }
    if good {
        let count = required.checks.len();
        findings.good(CHECK, format!("{name}: {count} on `{base}`, all reported"));
    }
}

/// Required checks that were reported on none of the heads, where each had the time.
fn unreported<'a>(
    pulls: &'a [Snapshot],
    ours: &str,
    now: Timestamp,
) -> BTreeSet<&'a RequiredCheck> {
    let old: Vec<_> = pulls
        .iter()
        .filter(|pull| pull.checks.complete)
        .filter(|pull| {
            let since = pull.head_seen_at.unwrap_or(pull.pull.item.created_at);
            now.since(since) >= PATIENCE
        })
        .collect();
    let required = old.iter().filter_map(|pull| pull.required.as_ref());
    let required = required.flat_map(|required| &required.checks);
    let reported = |wanted: &RequiredCheck| {
        old.iter().flat_map(|pull| &pull.checks.rows).any(|check| {
            let app = check.app.as_ref().map(|app| app.id);
            check.name == wanted.name && (wanted.app.is_none() || wanted.app == app)
        })
    };
    required
        .filter(|check| check.name != ours && !reported(check))
        .collect()
}
