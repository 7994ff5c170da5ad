//! The App's own port on the state: what `/app` and the routes below it show.

use async_trait::async_trait;
use caretaker_core::model::app::{
    AttemptId, Grants, Installation, LogPage, Logged, OwnApp, RequestBudget, Selection, Webhook,
};
use caretaker_core::model::{
    Account, AccountId, AppId, InstallationId, Listing, Login, RepoKey, RepoRef,
};
use caretaker_core::ports::{AppForge, Kind, PortError};

use super::port_error;
use crate::world::World;
use crate::world::delivery_log::page_fact;
use crate::world::gate::Call;
use crate::world::grant::Grant;
use crate::world::log::Face;
use crate::world::state::{Access, State};
use crate::world::trouble::Trouble;
use crate::world::{app, who::By, who::Who};

/// Rows of a page.
const PAGE: usize = 100;

impl World {
    /// Passes the gate as the App itself; as anybody else nothing is even asked.
    async fn ask_app<T: Send>(
        &self,
        op: &'static str,
        about: String,
        answer: impl FnOnce(&mut State) -> Result<T, Trouble> + Send,
    ) -> Result<T, PortError> {
        if self.look(|state| state.access != Access::App) {
            let error = PortError::new(op, Kind::Denied);
            return Err(error.detail("this asks for an App's id and key"));
        }
        let login = self.look(|state| state.app.slug.clone());
        let call = Call {
            face: Face::Port,
            op: op.replacen("app.", "", 1).replace('.', " "),
            about,
            write: false,
            login: login.clone(),
            key: None,
        };
        let answered = self.pass(
            call,
            |_| 200,
            |state| {
                let now = state.now;
                state.limits.spend(&login, now)?;
                answer(state)
            },
        );
        let answered = answered.await.for_port();
        answered.map_err(|trouble| port_error(op, &trouble))
    }
}

#[async_trait]
impl AppForge for World {
    async fn app(&self) -> Result<OwnApp, PortError> {
        let told = |state: &mut State| {
            let app = &state.app;
            let grants = app.permissions.iter();
            Ok(OwnApp {
                id: AppId::new(app.id),
                slug: app.slug.clone(),
                grants: Grants::of(grants.map(|(name, word)| (name.as_str(), word.as_str()))),
                events: app.events.iter().cloned().collect(),
            })
        };
        self.ask_app("app.read.app", String::new(), told).await
    }

    async fn webhook(&self) -> Result<Webhook, PortError> {
        let told = |state: &mut State| {
            let hook = &state.webhook;
            let url = hook.url.clone().ok_or_else(Trouble::not_found)?;
            Ok(Webhook {
                url: Some(url),
                has_secret: hook.secret,
                json: hook.json,
                insecure: hook.insecure,
            })
        };
        self.ask_app("app.read.webhook", String::new(), told).await
    }

    async fn installations(&self) -> Result<Listing<Installation>, PortError> {
        let told = |state: &mut State| {
            let all = std::iter::once(&state.installation).chain(&state.elsewhere);
            Ok(Listing::whole(all.map(|on| state.installed(on)).collect()))
        };
        self.ask_app("app.read.installations", String::new(), told)
            .await
    }

    async fn repositories(
        &self,
        installation: InstallationId,
    ) -> Result<Listing<RepoRef>, PortError> {
        let told = |state: &mut State| {
            let ours = state.installation.id == installation.value();
            if !ours || state.installation.suspended {
                return Err(Trouble::new(403, "not an installation that works for us"));
            }
            let who = Who {
                login: state.app.bot(),
                by: By::Installation,
                grant: Grant::default(),
            };
            let seen = state
                .repos
                .values()
                .filter(|repo| state.may_see(&who, repo.id));
            let rows = seen.map(|repo| RepoRef {
                key: RepoKey::github(repo.id),
                owner: repo.owner.clone(),
                name: repo.name.clone(),
                installation: Some(installation),
                account: state
                    .users
                    .find(&repo.owner)
                    .map(|user| AccountId::new(user.id)),
            });
            Ok(Listing::whole(rows.collect()))
        };
        let about = format!(" of {installation}");
        self.ask_app("app.read.repositories", about, told).await
    }

    async fn deliveries(&self, cursor: Option<&str>) -> Result<LogPage, PortError> {
        let about = format!(" after {}", cursor.unwrap_or("start"));
        let told = |state: &mut State| Ok(page_fact(state.log_rows(cursor, PAGE, |_| true)?));
        self.ask_app("app.read.deliveries", about, told).await
    }

    async fn delivery(&self, attempt: AttemptId) -> Result<Logged, PortError> {
        let told = |state: &mut State| Ok(state.logged_fact(state.logged(attempt.value())?));
        self.ask_app("app.read.delivery", format!(" {attempt}"), told)
            .await
    }

    async fn redeliver(&self, attempt: AttemptId) -> Result<(), PortError> {
        let again = |state: &mut State| state.attempt_again(attempt.value());
        self.ask_app("app.redeliver.delivery", format!(" {attempt}"), again)
            .await
    }

    async fn budget(
        &self,
        installation: Option<InstallationId>,
    ) -> Result<RequestBudget, PortError> {
        let about = installation.map_or_else(String::new, |id| format!(" of {id}"));
        let told = |state: &mut State| {
            let login = match installation {
                None => state.app.slug.clone(),
                Some(id) if id.value() == state.installation.id => state.app.bot(),
                Some(_) => return Err(Trouble::new(403, "no installation of ours")),
            };
            let now = state.now;
            let budget = state.limits.budget(&login, now);
            Ok(RequestBudget {
                limit: budget.limit.into(),
                remaining: budget.remaining().into(),
                reset: budget.reset,
            })
        };
        self.ask_app("app.read.budget", about, told).await
    }
}

impl State {
    fn installed(&self, on: &app::Installation) -> Installation {
        let account = self.users.find(&on.account);
        Installation {
            id: InstallationId::new(on.id),
            account: Account {
                id: account.map(|user| AccountId::new(user.id)),
                login: Login::new(&on.account),
            },
            grants: Grants::of(self.granted(on)),
            events: self.app.events.iter().cloned().collect(),
            selection: Selection::Selected,
            suspended: on.suspended.then_some(self.now),
        }
    }
}
