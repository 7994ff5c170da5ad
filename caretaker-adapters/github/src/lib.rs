//! GitHub as the [`Forge`] port: REST and GraphQL over HTTPS, as an App or with a personal token.
//!
//! | Module | What |
//! |---|---|
//! | `client` | the one place where requests leave |
//! | `auth`, `jwt` | credentials, tokens |
//! | `limits`, `error` | what GitHub's refusals mean |
//! | `quota`, `pace` | what is left of the limits, how fast we write |
//! | `pages`, `address` | listings, paths |
//! | `cache`, `kept` | unchanged answers, in the process and beyond it |
//! | `flights` | equal questions under way are asked once |
//! | `graphql` | the documents, sending one, listings by cursor |
//! | `identity` | who we are, and what is therefore ours |
//! | `read`, `write` | one file for each family of questions and actions |
//! | `app` | questions about the App itself, the log of its webhooks among them |
//!
//! No policy lives here. Waiting, repeating and giving up are the driver's: a limit is an error
//! with a span, and nothing in this crate sleeps. The process's crypto provider must be installed
//! before [`GithubForge::new`].
#![deny(missing_docs)]

mod address;
mod app;
mod auth;
mod cache;
mod client;
mod error;
mod flights;
mod graphql;
mod identity;
mod jwt;
mod kept;
mod limits;
mod pace;
mod pages;
mod quota;
mod read;
mod scope;
mod shape;
mod write;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use caretaker_core::{
    merge_gate::MergePermit,
    model::{
        AccountId, ActionKey, Answer, Class, ForgeAction, ForgeQuery, InstallationId, Merge,
        Receipt, RepoKey, RepoRef, Secret, Span, Timestamp,
    },
    ports::{Clock, Forge, Freshness, Kind, PortError, Settled, same_repository},
};
use futures_util::future::join_all;
use serde::Deserialize;
use tokio::sync::OnceCell;
use url::Url;

pub use auth::Credentials;
pub use identity::Identity;
pub use kept::{AnswerStore, KeptAnswer};

use crate::{
    address::Base,
    auth::{Auth, Whom},
    client::{Client, Request},
    flights::Flights,
    scope::{RepoShape, Scope},
};

/// Questions of one batch that are asked at a time.
const AT_ONCE: usize = 4;

/// Where GitHub is and how we come in.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Base address of the REST API: `https://api.github.com`, or `https://HOST/api/v3`.
    pub api_url: Url,
    /// Where GraphQL is answered.
    pub graphql: GraphQl,
    /// What we show.
    pub credentials: Credentials,
    /// A person's token beside an App's credentials, shown only where GitHub takes something from
    /// a person alone.
    pub user_token: Option<Secret>,
    /// How long one exchange may take, and one write as a whole; at most [`Self::DEADLINE`], which
    /// a lease counts on.
    pub deadline: Duration,
    /// Pages of a hundred rows that are read of one listing at most; beyond that it is incomplete.
    pub listing_pages: u32,
    /// What lies between two writes of one installation that make content: comments, reviews,
    /// issues. GitHub asks for [`Self::WRITE_PACE`]; zero holds nothing back.
    pub write_pace: Duration,
}

/// Whether GraphQL is used, and where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum GraphQl {
    /// Where GitHub has it: `https://api.github.com/graphql`, or `https://HOST/api/graphql`.
    #[default]
    BesideRest,
    /// At this address.
    At(Url),
    /// Not at all: what only GraphQL can do is `Invalid`, everything else goes through REST.
    Off,
}

impl Settings {
    /// Pages read of one listing where nothing else is said: GitHub itself takes no more than
    /// 2 500 comments on an item.
    pub const LISTING_PAGES: u32 = 30;
    /// GitHub's guidance: "at least one second between each request" that writes.
    pub const WRITE_PACE: Duration = Duration::from_secs(1);
    /// The longest any exchange takes, its body included.
    pub const DEADLINE: Duration = Duration::from_secs(10);
}

/// GitHub, seen by one App or one user.
pub struct GithubForge {
    client: Client,
    identity: OnceCell<Identity>,
    flights: Flights,
    listing_pages: u32,
    deadline: Duration,
}

/// What knocking at the API showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reached {
    /// The time it says it is, in whole seconds.
    pub server_time: Option<Timestamp>,
}

#[derive(Deserialize)]
struct InstallationShape {
    id: u64,
}

impl GithubForge {
    /// Asks nothing yet. `Invalid` where the address or the credentials cannot be used.
    pub fn new(settings: Settings, clock: Arc<dyn Clock>) -> Result<Self, PortError> {
        let graphql = match settings.graphql {
            GraphQl::BesideRest => Some(address::graphql_beside(&settings.api_url)),
            GraphQl::At(url) => Some(url),
            GraphQl::Off => None,
        };
        let graphql = graphql.map(Base::new).transpose()?;
        let base = Base::new(settings.api_url)?;
        let auth = Auth::new(
            &settings.credentials,
            settings.user_token.as_ref(),
            Arc::clone(&clock),
        )?;
        let deadline = settings.deadline.min(Settings::DEADLINE);
        let pace = i64::try_from(settings.write_pace.as_millis()).unwrap_or(i64::MAX);
        let pace = Span::millis(pace);
        Ok(Self {
            client: Client::new(base, graphql, auth, deadline, pace, clock)?,
            deadline,
            identity: OnceCell::new(),
            flights: Flights::default(),
            listing_pages: settings.listing_pages.max(1),
        })
    }

    /// The same, with answers that it kept before, and a place for those to come.
    #[must_use]
    pub fn keeping(mut self, answers: Arc<dyn AnswerStore>) -> Self {
        self.client.keep_in(answers);
        self
    }

    /// Whether there is anything to show to GitHub.
    pub fn has_credentials(&self) -> bool {
        match self.client.auth() {
            Auth::App(_) | Auth::Token(_) => true,
            Auth::None => false,
        }
    }

    /// Who we are; asked once in a process.
    pub async fn identity(&self) -> Result<Identity, PortError> {
        self.us().await.cloned()
    }

    /// Knocks without credentials; any answer but an outage is an answer.
    pub async fn reachable(&self) -> Result<Reached, PortError> {
        let server_time = self.client.knock("/rate_limit").await?;
        Ok(Reached { server_time })
    }

    /// The installation of our App that sees a repository; `NotFound` where there is none.
    pub async fn installation_of(
        &self,
        owner: &str,
        name: &str,
    ) -> Result<InstallationId, PortError> {
        const OP: &str = "forge.read.installation";
        let request = Request::read(OP, scope::path(owner, name, "/installation"));
        let shape: InstallationShape = self.client.send(Whom::App, &request).await?.parse(OP)?;
        Ok(InstallationId::new(shape.id))
    }

    /// A repository by its name, as deliveries would have told it to us.
    pub async fn lookup(&self, owner: &str, name: &str) -> Result<RepoRef, PortError> {
        const OP: &str = "forge.read.repo";
        let installation = match self.client.auth() {
            Auth::App(_) => Some(self.installation_of(owner, name).await?),
            Auth::Token(_) | Auth::None => None,
        };
        let whom = match installation {
            Some(installation) => Whom::Named(installation, name),
            None => Whom::User,
        };
        let request = Request::read(OP, scope::path(owner, name, ""));
        let shape: RepoShape = self.client.send(whom, &request).await?.parse(OP)?;
        Ok(RepoRef {
            key: RepoKey::github(shape.id),
            owner: shape.owner.login,
            name: shape.name,
            installation,
            account: Some(AccountId::new(shape.owner.id)),
        })
    }

    async fn us(&self) -> Result<&Identity, PortError> {
        self.identity
            .get_or_try_init(|| Identity::ask(&self.client))
            .await
    }

    async fn scope<'a>(&'a self, repo: &'a RepoRef) -> Result<Scope<'a>, PortError> {
        Ok(Scope {
            client: &self.client,
            repo,
            us: self.us().await?,
            cap: self.listing_pages,
            permission: None,
            person: false,
        })
    }

    async fn answers(
        &self,
        repo: &RepoRef,
        queries: &[ForgeQuery],
        freshness: Freshness,
    ) -> Result<Vec<Result<Answer, PortError>>, PortError> {
        let scope = self.scope(repo).await?;
        // The early ones first, each with its place.
        let mut order: Vec<(usize, &ForgeQuery)> = queries.iter().enumerate().collect();
        order.sort_by_key(|(_, query)| query.is_read_late());
        let mut answers = Vec::with_capacity(queries.len());
        for group in order.chunk_by(|(_, a), (_, b)| a.is_read_late() == b.is_read_late()) {
            for some in group.chunks(AT_ONCE) {
                let asked = some.iter().map(|(at, query)| async move {
                    // What is read late must be read after what was asked with it.
                    let joins = freshness == Freshness::Shared && !query.is_read_late();
                    let answer = if joins {
                        let key = flights::key(repo, query);
                        let ask = || read::answer(scope, query);
                        self.flights.join(&key, ask).await
                    } else {
                        read::answer(scope, query).await
                    };
                    (*at, answer)
                });
                answers.extend(join_all(asked).await);
            }
        }
        answers.sort_by_key(|(at, _)| *at);
        let mut answers: Vec<_> = answers.into_iter().map(|(_, answer)| answer).collect();
        if answers.iter().any(is_not_found) {
            // One look tells a missing thing from a hidden repository.
            match scope.visible().await {
                Ok(()) => {}
                Err(error) if error.kind == Kind::Denied => return Err(error),
                Err(error) => {
                    for answer in answers.iter_mut().filter(|answer| is_not_found(answer)) {
                        *answer = Err(again(&error));
                    }
                }
            }
        }
        Ok(answers)
    }
}

#[async_trait]
impl Forge for GithubForge {
    /// Every reading asks GitHub, conditionally where an answer is known. `Shared` takes what another
    /// who is asking the same right now will be told; `Fresh` asks itself.
    async fn read(
        &self,
        repo: &RepoRef,
        queries: &[ForgeQuery],
        freshness: Freshness,
    ) -> Vec<Result<Answer, PortError>> {
        match self.answers(repo, queries, freshness).await {
            Ok(answers) => answers,
            Err(error) => queries.iter().map(|_| Err(again(&error))).collect(),
        }
    }

    async fn read_for(
        &self,
        class: Class,
        repo: &RepoRef,
        queries: &[ForgeQuery],
        freshness: Freshness,
    ) -> Vec<Result<Answer, PortError>> {
        match self.client.spare("forge.read", Whom::Repo(repo), class) {
            Ok(()) => self.read(repo, queries, freshness).await,
            Err(error) => queries.iter().map(|_| Err(again(&error))).collect(),
        }
    }

    /// As a whole it takes no longer than one exchange may: who calls it holds a lease.
    async fn write(
        &self,
        repo: &RepoRef,
        action: &ForgeAction,
        key: &ActionKey,
    ) -> Result<Receipt, PortError> {
        tracing::debug!(key = %key, repo = %repo.key, "writing to GitHub");
        let performed = async {
            let scope = self.scope(repo).await?;
            let performed = write::perform(scope, action).await;
            about(scope, performed).await
        };
        match tokio::time::timeout(self.deadline, Box::pin(performed)).await {
            Ok(done) => done,
            Err(_) => Err(PortError::new("forge.write", Kind::Unavailable)
                .detail("no answer in time; it may have been performed")),
        }
    }

    async fn settle(
        &self,
        repo: &RepoRef,
        action: &ForgeAction,
        key: &ActionKey,
    ) -> Result<Settled, PortError> {
        tracing::debug!(key = %key, repo = %repo.key, "reading back from GitHub");
        let scope = self.scope(repo).await?;
        Box::pin(write::settle(scope, action)).await
    }

    /// As a whole it takes no longer than one exchange may.
    async fn merge(
        &self,
        repo: &RepoRef,
        permit: &MergePermit,
        key: &ActionKey,
    ) -> Result<Receipt, PortError> {
        const OP: &str = "forge.merge";
        same_repository(OP, repo, permit)?;
        tracing::debug!(key = %key, repo = %repo.key, "merging on GitHub");
        let merged = async {
            let scope = self.scope(repo).await?;
            write::merge::perform(scope, permit).await
        };
        match tokio::time::timeout(self.deadline, Box::pin(merged)).await {
            Ok(done) => done,
            Err(_) => Err(PortError::new(OP, Kind::Unavailable)
                .detail("no answer in time; it may have been merged")),
        }
    }

    async fn settle_merge(&self, repo: &RepoRef, merge: &Merge) -> Result<Settled, PortError> {
        let scope = self.scope(repo).await?;
        Box::pin(write::merge::settle(scope, merge)).await
    }
}

/// Makes of "not found" what it is for an action: a hidden repository, or a missing subject.
async fn about<T>(scope: Scope<'_>, result: Result<T, PortError>) -> Result<T, PortError> {
    let Err(error) = result else { return result };
    if matches!(error.kind, Kind::NotFound | Kind::Refused(404)) {
        scope.visible().await?;
        return Err(PortError {
            kind: Kind::Refused(404),
            ..error
        });
    }
    Err(error)
}

fn is_not_found(answer: &Result<Answer, PortError>) -> bool {
    matches!(answer, Err(error) if error.kind == Kind::NotFound)
}

/// The same failure for another question.
fn again(error: &PortError) -> PortError {
    PortError {
        kind: error.kind,
        op: error.op,
        detail: error.detail.clone(),
        source: None,
    }
}
