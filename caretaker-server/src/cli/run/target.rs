//! Which repository, subject and agents a pass is about.

use anyhow::Context as _;
use caretaker_core::agents::{Agent, all, by_name};
use caretaker_core::intake::{AllowList, Verdict};
use caretaker_core::model::{
    Account, AgentName, Class, DedupKey, Detail, Envelope, Event, EventId, EventKind, Learned,
    Login, QueueItem, RepoFacts, RepoRef, Scope, Subject, Timestamp,
};
use caretaker_core::ports::{Kind, Write};
use caretaker_core::{route, schedule};

use super::Run;
use crate::cli::store::{Store, split};
use crate::settings::Settings;

/// What a pass is about.
pub(super) struct Target {
    pub(super) repo: RepoRef,
    /// Whether the store knows the repository already.
    known: bool,
    /// `None` for the repository's open items.
    pub(super) subject: Option<Subject>,
    /// Who shall look; empty means everybody.
    agents: Vec<AgentName>,
}

/// Refuses agents that do not exist, and subjects that nobody looks at when asked to.
pub(super) fn check(subject: Option<&Subject>, names: &[String]) -> anyhow::Result<()> {
    let on_request = |agent: &dyn Agent| {
        let manifest = agent.manifest();
        manifest.reacts_to(EventKind::Requested).is_some()
    };
    for name in names {
        if !by_name(name).is_some_and(on_request) {
            let known = all().filter(|agent| on_request(*agent));
            let known: Vec<_> = known.map(|agent| agent.manifest().name).collect();
            anyhow::bail!(
                "no agent `{name}` can be asked; there are {}",
                known.join(", ")
            );
        }
    }
    let Some(subject) = subject else {
        return Ok(());
    };
    let looks = all().any(|agent| {
        let manifest = agent.manifest();
        let asked = names.is_empty() || names.iter().any(|name| name == manifest.name);
        asked && on_request(agent) && manifest.looks_at(subject)
    });
    if !looks {
        anyhow::bail!(
            "none of these agents looks at {subject}; `caretaker agents NAME` tells what one looks at"
        );
    }
    Ok(())
}

impl Target {
    /// Finds the repository in the store, else at the forge.
    pub(super) async fn find(
        store: &Store,
        settings: &Settings,
        run: &Run,
    ) -> anyhow::Result<Self> {
        let (owner, name) = split(&run.repo)?;
        let found = store.ports.storage.by_name(owner, name).await?;
        // One that left may be back without our having heard of it: the forge knows.
        let found = found.filter(|known| !known.is_removed());
        let known = found.is_some();
        let repo = match found {
            Some(known) => {
                if let Some(off) = known.off {
                    anyhow::bail!("{} is left alone: it is {off}", run.repo);
                }
                known.repo
            }
            None => match store.forge.lookup(owner, name).await {
                Ok(repo) => repo,
                Err(error) if matches!(error.kind, Kind::NotFound | Kind::Denied) => {
                    return Err(error).with_context(|| {
                        format!(
                            "GitHub shows us no repository {}; check its name, and that the \
                             credentials see it (`caretaker doctor`)",
                            run.repo
                        )
                    });
                }
                Err(error) => {
                    return Err(error).with_context(|| format!("{} was not found", run.repo));
                }
            },
        };
        listed(settings, &repo)?;
        Ok(Self {
            repo,
            known,
            subject: run.subject.clone(),
            agents: run.agent.iter().map(AgentName::new).collect(),
        })
    }

    /// Keeps what the forge told of a repository that was not known.
    pub(super) async fn learn(&self, store: &Store) -> anyhow::Result<()> {
        if !self.known {
            let lesson = Learned::Listed(self.repo.clone(), RepoFacts::default());
            let writes = vec![Write::Learn(lesson)];
            store.ports.storage.commit(None, writes).await?;
        }
        Ok(())
    }

    /// The pass as an item that somebody waits for.
    pub(super) fn item(&self, id: EventId, now: Timestamp) -> QueueItem {
        let event = match &self.subject {
            None => {
                let due = all().map(Agent::manifest).filter(|manifest| {
                    let asked = |name: &AgentName| name.as_str() == manifest.name;
                    let section = manifest.params.switch().is_some();
                    section && (self.agents.is_empty() || self.agents.iter().any(asked))
                });
                let due = due.map(|manifest| AgentName::new(manifest.name)).collect();
                schedule::cadence::tick(id, &self.repo.key, now, None, due)
            }
            Some(subject) => Event {
                id,
                scope: Scope::Repo(self.repo.key.clone()),
                subject: subject.clone(),
                kind: EventKind::Requested,
                at: now,
                actor: None,
                edge_identity: None,
                detail: if self.agents.is_empty() {
                    Detail::Nothing
                } else {
                    Detail::For(self.agents.clone())
                },
            },
        };
        QueueItem {
            class: Class::Interactive,
            ..route::item(event, None, self.repo.installation, now)
        }
    }
}

/// Whom the door would turn away is not looked at either.
fn listed(settings: &Settings, repo: &RepoRef) -> anyhow::Result<()> {
    let list = AllowList::parse(&settings.webhook.allow_list).unwrap_or_default();
    let envelope = Envelope {
        dedup_key: DedupKey::new("run"),
        action: None,
        installation: repo.installation,
        account: Some(Account {
            id: repo.account,
            login: Login::new(&repo.owner),
        }),
        repository: Some(repo.clone()),
        facts: RepoFacts::default(),
        sender: None,
    };
    match list.verdict(&envelope) {
        Verdict::Listed | Verdict::Everybody => Ok(()),
        Verdict::Unlisted => anyhow::bail!(
            "{} is not in the allow-list; add it to webhook.allow_list first",
            repo.full_name()
        ),
    }
}
