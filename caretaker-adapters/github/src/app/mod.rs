//! The App itself: what it may, where it is installed, where its webhooks go.

mod log;

use std::collections::BTreeMap;

use async_trait::async_trait;
use caretaker_core::{
    model::{
        Account, AccountId, AppId, InstallationId, Listing, Login, RepoKey, RepoRef, Timestamp,
        app::{
            AttemptId, Grants, Installation, LogPage, Logged, OwnApp, RequestBudget, Selection,
            Webhook,
        },
    },
    ports::{AppForge, Kind, PortError},
};
use serde::Deserialize;

use crate::{
    GithubForge,
    auth::Whom,
    client::Request,
    pages,
    scope::OwnerShape,
    shape::{UserShape, When},
};

#[derive(Deserialize)]
struct OwnAppShape {
    id: u64,
    slug: String,
    #[serde(default)]
    permissions: BTreeMap<String, String>,
    #[serde(default)]
    events: Vec<String>,
}

#[derive(Deserialize)]
struct WebhookShape {
    url: Option<String>,
    secret: Option<String>,
    content_type: Option<String>,
    insecure_ssl: Option<Insecure>,
}

/// A digit, as text or number.
#[derive(Deserialize)]
#[serde(untagged)]
enum Insecure {
    Text(String),
    Number(f64),
}

#[derive(Deserialize)]
struct InstallationShape {
    id: u64,
    account: Option<UserShape>,
    #[serde(default)]
    permissions: BTreeMap<String, String>,
    #[serde(default)]
    events: Vec<String>,
    repository_selection: String,
    suspended_at: Option<When>,
}

#[derive(Deserialize)]
struct CoveredShape {
    repositories: Vec<CoveredRepoShape>,
}

#[derive(Deserialize)]
struct CoveredRepoShape {
    id: u64,
    name: String,
    owner: OwnerShape,
}

#[derive(Deserialize)]
struct LimitsShape {
    resources: ResourcesShape,
}

#[derive(Deserialize)]
struct ResourcesShape {
    core: BudgetShape,
}

#[derive(Deserialize)]
struct BudgetShape {
    limit: u64,
    remaining: u64,
    reset: i64,
}

fn grants(listed: &BTreeMap<String, String>) -> Grants {
    Grants::of(
        listed
            .iter()
            .map(|(name, word)| (name.as_str(), word.as_str())),
    )
}

impl InstallationShape {
    fn fact(self) -> Installation {
        // An enterprise has no login; its number says enough then.
        let account = match self.account {
            Some(account) => Account {
                id: account.id.map(AccountId::new),
                login: Login::new(account.login),
            },
            None => Account {
                id: None,
                login: Login::new(format!("installation-{}", self.id)),
            },
        };
        Installation {
            id: InstallationId::new(self.id),
            account,
            grants: grants(&self.permissions),
            events: self.events.into_iter().collect(),
            selection: match self.repository_selection.as_str() {
                "all" => Selection::All,
                _ => Selection::Selected,
            },
            suspended: self.suspended_at.map(|when| when.0),
        }
    }
}

#[async_trait]
impl AppForge for GithubForge {
    async fn app(&self) -> Result<OwnApp, PortError> {
        const OP: &str = "app.read.app";
        let request = Request::read(OP, "/app".to_owned());
        let app: OwnAppShape = self.client.send(Whom::App, &request).await?.parse(OP)?;
        Ok(OwnApp {
            id: AppId::new(app.id),
            slug: app.slug,
            grants: grants(&app.permissions),
            events: app.events.into_iter().collect(),
        })
    }

    async fn webhook(&self) -> Result<Webhook, PortError> {
        const OP: &str = "app.read.webhook";
        let request = Request::read(OP, "/app/hook/config".to_owned());
        let hook: WebhookShape = self.client.send(Whom::App, &request).await?.parse(OP)?;
        let filled = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
        let url = filled(hook.url);
        if url.is_none() {
            return Err(PortError::new(OP, Kind::NotFound).detail("the App has no webhook"));
        }
        Ok(Webhook {
            url,
            has_secret: filled(hook.secret).is_some(),
            json: hook.content_type.as_deref() == Some("json"),
            insecure: match hook.insecure_ssl {
                None => false,
                Some(Insecure::Text(text)) => text.trim() != "0",
                Some(Insecure::Number(number)) => number != 0.0,
            },
        })
    }

    async fn installations(&self) -> Result<Listing<Installation>, PortError> {
        const OP: &str = "app.read.installations";
        let path = "/app/installations?per_page=100".to_owned();
        let rows =
            |page: Vec<InstallationShape>| page.into_iter().map(InstallationShape::fact).collect();
        pages::all(&self.client, Whom::App, OP, path, self.listing_pages, rows).await
    }

    async fn repositories(
        &self,
        installation: InstallationId,
    ) -> Result<Listing<RepoRef>, PortError> {
        const OP: &str = "app.read.repositories";
        let path = "/installation/repositories?per_page=100".to_owned();
        let rows = |page: CoveredShape| {
            let rows = page.repositories.into_iter();
            rows.map(|repo| RepoRef {
                key: RepoKey::github(repo.id),
                owner: repo.owner.login,
                name: repo.name,
                installation: Some(installation),
                account: Some(AccountId::new(repo.owner.id)),
            })
            .collect()
        };
        let whom = Whom::Installation(installation);
        pages::all(&self.client, whom, OP, path, self.listing_pages, rows).await
    }

    async fn deliveries(&self, cursor: Option<&str>) -> Result<LogPage, PortError> {
        log::page(&self.client, cursor).await
    }

    async fn delivery(&self, attempt: AttemptId) -> Result<Logged, PortError> {
        log::sent(&self.client, attempt).await
    }

    async fn redeliver(&self, attempt: AttemptId) -> Result<(), PortError> {
        log::again(&self.client, attempt).await
    }

    async fn budget(
        &self,
        installation: Option<InstallationId>,
    ) -> Result<RequestBudget, PortError> {
        const OP: &str = "app.read.budget";
        let whom = installation.map_or(Whom::App, Whom::Installation);
        let request = Request::read(OP, "/rate_limit".to_owned());
        let limits: LimitsShape = self.client.send(whom, &request).await?.parse(OP)?;
        let core = limits.resources.core;
        Ok(RequestBudget {
            limit: core.limit,
            remaining: core.remaining,
            reset: Timestamp::from_millis(core.reset.saturating_mul(1_000)),
        })
    }
}
